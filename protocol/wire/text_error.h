#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace jitrig {

/// What is wrong with a text that people or tools wrote: where, and what was expected there.
struct TextError {
  std::size_t offset = 0;  ///< in bytes, from the start of the text
  std::string field;       ///< path of the field, "data[2].int32" for instance; may be empty
  std::string message;
};

/// "offset 17: data[2].int32: 3000000000 is not between -2147483648 and 2147483647".
std::string toString(const TextError& error);

/// What the text says, or what is wrong with it.
template <class T>
using TextResult = std::expected<T, TextError>;

}  // namespace jitrig
