#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/runtime/instant.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Something that an action can be told.
struct FaultParameter {
  enum class Kind : std::uint8_t {
    number,       ///< decimal, or hexadecimal with 0x; from `min` to `max`
    choice,       ///< one of `choices`
    messageType,  ///< a name in the dialect, or a number
    text,
  };

  std::string_view name;  ///< with its unit last: "duration_ms"
  std::string_view sentence;
  Kind kind = Kind::number;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view default_value = {};  ///< empty: nothing, and the sentence says what that means
  std::span<const std::string_view> choices = {};
};

/// "number", "choice", "message type", "text".
std::string_view toString(FaultParameter::Kind kind);

/// What an action was told, checked against its parameters.
class FaultArguments {
 public:
  /// The error names the parameter, and the nearest one that there is.
  static std::expected<FaultArguments, std::string> make(std::span<const FaultParameter> parameters,
                                                         const std::map<std::string, std::string>& given,
                                                         const Dialect& dialect);

  /// Of a parameter that has a default, or was given; std::logic_error otherwise.
  std::int64_t number(std::string_view name) const;
  /// nullopt: neither given nor a default.
  std::optional<std::int64_t> optionalNumber(std::string_view name) const;
  std::string text(std::string_view name) const;
  Duration milliseconds(std::string_view name) const;
  bool given(std::string_view name) const { return values_.contains(name); }

  const Dialect& dialect() const { return *dialect_; }

 private:
  explicit FaultArguments(const Dialect& dialect) : dialect_(&dialect) {}

  const Dialect* dialect_;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::int64_t, std::less<>> numbers_;
};

}  // namespace jitrig
