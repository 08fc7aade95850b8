#pragma once

#include <string>
#include <vector>

#include "fakecompiler/request_order_event.h"

namespace jitrig {

/// What a real server writes into its verbose log (-Xjit:verbose={JITServer}) when this happens, for those
/// who search logs for it: no line, one, or several. Addresses are the numbers of the session and of the
/// request in it.
std::vector<std::string> logLines(const RequestOrderEvent& event);

}  // namespace jitrig
