#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Where a client's connection breaks: when the query with that number of that compilation arrives.
struct CutPoint {
  std::uint64_t compilation = 1;  ///< in the order of the requests on all connections, from 1
  std::uint64_t query = 1;        ///< from 1; one beyond the last is the final message
};

/// "2:25": compilation 2, query 25. The error says what was expected.
std::expected<CutPoint, std::string> parseCutPoint(std::string_view text);

/// The simplest fault: breaks one connection of a client, once, in the middle of a compilation. The message
/// at the cut point is lost, and both sides see a reset. Thread-safe.
class StreamCut {
 public:
  StreamCut(Runtime& runtime, std::shared_ptr<const Dialect> dialect, CutPoint point);

  /// Put around each connection of the client. The cut must outlive the stream.
  std::unique_ptr<ByteStream> decorate(std::unique_ptr<ByteStream> stream);

  bool happened() const;

 private:
  class Stream;

  /// The number of the request that this is, from 1.
  std::uint64_t countRequest();
  void markHappened();

  std::shared_ptr<const Dialect> dialect_;
  CutPoint point_;
  std::unique_ptr<Mutex> mutex_;
  std::uint64_t requests_ = 0;
  bool happened_ = false;
};

}  // namespace jitrig
