#pragma once

#include <string_view>

#include "protocol/runtime/net_error.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Reads "HOST:PORT" or "[IPV6]:PORT" as a person writes it on a command line; the opposite of
/// toString(Endpoint). The host is not resolved. NetErrc::other with a detail that names the text and says
/// what was expected; port 0 is accepted (it means "a free one" to Runtime::listen).
NetResult<Endpoint> parseEndpoint(std::string_view text);

}  // namespace jitrig
