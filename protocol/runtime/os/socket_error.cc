#include "protocol/runtime/os/socket_error.h"

#include <cerrno>
#include <fmt/format.h>
#include <system_error>

namespace jitrig {

NetErrc toNetErrc(int error_number) {
  switch (error_number) {
    case ECONNREFUSED: return NetErrc::refused;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case ENETRESET: return NetErrc::reset;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return NetErrc::unreachable;
    case EADDRINUSE: return NetErrc::addressInUse;
    case ETIMEDOUT: return NetErrc::timedOut;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return NetErrc::limit;
    default: return NetErrc::other;
  }
}

std::string systemWords(int error_number) {
  return std::generic_category().message(error_number);
}

NetError systemError(std::string_view operation, int error_number) {
  return {toNetErrc(error_number), fmt::format("{}: {}", operation, systemWords(error_number))};
}

}  // namespace jitrig
