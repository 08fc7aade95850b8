#pragma once

#include <cstddef>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig::fuzz {

/// What a target is given: an allocation of exactly this size, so that a sanitizer sees the first byte too
/// far.
using InputBytes = std::span<const std::byte>;

/// A property that holds for any bytes. A target is one file, which defines one of these; a libFuzzer program
/// holds one target, the plain driver all.
class FuzzTarget {
 public:
  using Check = void (*)(InputBytes bytes);

  FuzzTarget(std::string_view name, Check property);

  std::string_view name() const { return name_; }
  void check(InputBytes bytes) const { check_(bytes); }

  /// All that are linked into this program.
  static const std::vector<const FuzzTarget*>& all();

 private:
  std::string_view name_;
  Check check_;
};

/// The property, or a part of it: where it does not hold, the process says so and aborts.
inline void require(bool holds, const char* what,
                    std::source_location where = std::source_location::current());

/// The same, with both sides in hexadecimal.
void requireEqual(InputBytes found, InputBytes expected, const char* what,
                  std::source_location where = std::source_location::current());

/// Says what does not hold, and aborts.
[[noreturn]] void failed(const std::string& what,
                         std::source_location where = std::source_location::current());

inline void require(bool holds, const char* what, std::source_location where) {
  if (!holds) [[unlikely]]
    failed(what, where);
}

}  // namespace jitrig::fuzz
