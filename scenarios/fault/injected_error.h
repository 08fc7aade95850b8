#pragma once

#include <string>
#include <string_view>

#include "protocol/runtime/net_error.h"

namespace jitrig {

/// An error that a fault made, marked as such: "[injected: reset] connection reset". The mark survives in
/// StreamFailure::what() and in reports.
NetError injectedError(NetErrc code, std::string_view action, std::string_view detail);

/// Whether a fault made it.
bool isInjected(const NetError& error);
/// The same of a report's or an exception's words.
bool isInjected(std::string_view text);

}  // namespace jitrig
