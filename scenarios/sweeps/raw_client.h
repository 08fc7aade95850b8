#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capture/recorded_compilation.h"
#include "protocol/stream/client_stream.h"

namespace jitrig {

/// A client that does just what it is told, for sweeps in which the server meets none of ours.
class RawClient {
 public:
  RawClient(Runtime& runtime, std::unique_ptr<ByteStream> bytes, std::shared_ptr<const Dialect> dialect);

  ClientStream& stream() { return stream_; }

  /// Sends the request of that client, and answers so many of the server's queries. True: the next query has
  /// come, and is not answered. False: the compilation has ended before.
  bool compileUpTo(const RecordedCompilation& compilation, std::uint64_t client_uid, std::uint64_t queries);

  /// Reads what is left to read: "" if it is the orderly end of the stream, else what came instead.
  std::string readEnd();

 private:
  ClientStream stream_;
};

}  // namespace jitrig
