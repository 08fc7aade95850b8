#include "protocol/runtime/net_error.h"

#include <cstddef>

namespace jitrig {

std::string_view toString(NetErrc code) {
  switch (code) {
    case NetErrc::endOfFile: return "endOfFile";
    case NetErrc::reset: return "reset";
    case NetErrc::refused: return "refused";
    case NetErrc::unreachable: return "unreachable";
    case NetErrc::addressInUse: return "addressInUse";
    case NetErrc::timedOut: return "timedOut";
    case NetErrc::cancelled: return "cancelled";
    case NetErrc::tls: return "tls";
    case NetErrc::limit: return "limit";
    case NetErrc::other: return "other";
  }
  return "unknown";
}

bool saysMore(const NetError& error) {
  const std::size_t colon = error.detail.rfind(": ");
  const std::string_view words =
      std::string_view(error.detail).substr(colon == std::string::npos ? 0 : colon + 2);
  switch (error.code) {
    case NetErrc::endOfFile: return !words.empty() && words != "end of file";
    case NetErrc::timedOut: return !words.empty() && words != "the deadline passed";
    default: return !words.empty();
  }
}

}  // namespace jitrig
