#include "protocol/wire/text_error.h"

#include <fmt/format.h>

namespace jitrig {

std::string toString(const TextError& error) {
  if (error.field.empty()) return fmt::format("offset {}: {}", error.offset, error.message);
  return fmt::format("offset {}: {}: {}", error.offset, error.field, error.message);
}

}  // namespace jitrig
