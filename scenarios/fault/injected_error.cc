#include "scenarios/fault/injected_error.h"

#include <fmt/format.h>

namespace jitrig {

NetError injectedError(NetErrc code, std::string_view action, std::string_view detail) {
  return {code, fmt::format("[injected: {}] {}", action, detail)};
}

bool isInjected(const NetError& error) {
  return isInjected(error.detail);
}

bool isInjected(std::string_view text) {
  return text.find("[injected: ") != std::string_view::npos;
}

}  // namespace jitrig
