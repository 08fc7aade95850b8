#pragma once

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "protocol/catalogue/type_expression.h"
#include "protocol/catalogue/wire_type.h"

namespace jitrig {

/// Knows the wire shape of the C++ types of one release and build: pointers, std::string, std::vector and
/// std::tuple by themselves, all others after they were added.
class CppTypes {
 public:
  /// A type with many parts nested in one another must stay below this many; real ones stay below 400.
  static constexpr std::size_t kMaxParts = 4096;

  /// An error if the name is known already.
  std::expected<void, std::string> add(std::string_view cpp_name, WireType type);

  /// The error names the C++ type that is not known.
  std::expected<WireType, std::string> wireType(std::string_view cpp_type) const;

 private:
  std::expected<WireType, std::string> resolve(const TypeExpression& expression, std::size_t& parts) const;

  struct Known {
    WireType type;
    std::size_t parts;
  };
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace jitrig
