#pragma once

#include <string>
#include <string_view>

#include "protocol/runtime/net_error.h"

namespace jitrig {

/// What an errno of a socket call means to a caller of the Runtime.
NetErrc toNetErrc(int error_number);

/// The system's words: "Connection refused". Thread-safe, unlike strerror.
std::string systemWords(int error_number);

/// "connect to 127.0.0.1:38400: Connection refused".
NetError systemError(std::string_view operation, int error_number);

}  // namespace jitrig
