#pragma once

#include <algorithm>
#include <cstddef>
#include <gmock/gmock.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/stream/byte_stream.h"

namespace jitrig {

/// A ByteStream of which a test expects certain calls. Left alone, it takes all bytes that are written, and
/// its peer has closed. Where the bytes themselves matter, use a pipe (Runtime::makePipe): it is a real
/// stream.
class MockByteStream : public ByteStream {
 public:
  MockByteStream() {
    ON_CALL(*this, readSome).WillByDefault([](std::span<std::byte>, Instant) {
      return NetResult<std::size_t>(std::unexpected(NetError{NetErrc::endOfFile, "end of file"}));
    });
    ON_CALL(*this, writeSome).WillByDefault([](std::span<const std::byte> bytes, Instant) {
      return NetResult<std::size_t>(bytes.size());
    });
  }

  MOCK_METHOD(NetResult<std::size_t>, readSome, (std::span<std::byte> buffer, Instant deadline), (override));
  MOCK_METHOD(NetResult<std::size_t>, writeSome, (std::span<const std::byte> bytes, Instant deadline),
              (override));
  MOCK_METHOD(NetResult<void>, closeWrite, (), (override));
  MOCK_METHOD(void, reset, (), (override));
  MOCK_METHOD(void, cancel, (), (override));
  MOCK_METHOD(std::size_t, buffered, (), (const, override));
  MOCK_METHOD(Waitable&, waitable, (), (override));
  MOCK_METHOD(std::string, localName, (), (const, override));
  MOCK_METHOD(std::string, peerName, (), (const, override));
};

/// For readSome: these bytes arrive, all in one read. The test fails if the reader has no room for them.
///   EXPECT_CALL(stream, readSome).WillOnce(arrival(bytes))
inline auto arrival(std::vector<std::byte> bytes) {
  return [bytes = std::move(bytes)](std::span<std::byte> buffer, Instant) {
    EXPECT_LE(bytes.size(), buffer.size()) << "the reader has no room for what arrives";
    const std::size_t count = std::min(bytes.size(), buffer.size());
    std::copy_n(bytes.begin(), count, buffer.begin());
    return NetResult<std::size_t>(count);
  };
}

}  // namespace jitrig
