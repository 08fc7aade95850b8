#include "protocol/runtime/net_error.h"

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

}  // namespace jitrig
