#include "protocol/stream/byte_stream.h"

namespace jitrig {

NetResult<void> writeAll(ByteStream& stream, std::span<const std::byte> bytes, Instant deadline) {
  while (!bytes.empty()) {
    const auto written = stream.writeSome(bytes, deadline);
    if (!written) return std::unexpected(written.error());
    bytes = bytes.subspan(*written);
  }
  return {};
}

}  // namespace jitrig
