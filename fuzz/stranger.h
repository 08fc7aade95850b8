#pragma once

#include <memory>

#include "fuzz/fuzz_target.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"

namespace jitrig::fuzz {

/// One who says what he was going to say, whatever he hears: sends the bytes in segments, reads whatever
/// comes, ends what he sends, and stays until the other side has ended, too.
class Stranger {
 public:
  /// The first byte says how he behaves: by its lowest bit whether he closes or breaks the connection, by the
  /// others how long his first segments are; after 32 of them the rest comes at once. `runtime` must outlive
  /// him.
  Stranger(Runtime& runtime, std::unique_ptr<Connection> connection, InputBytes bytes);

  /// Says it all, and waits for the other side's end.
  void talk();

 private:
  void listen();
  void say();

  Runtime& runtime_;
  ConnectionByteStream stream_;
  InputBytes bytes_;
  bool resets_ = false;
  std::size_t segment_ = 0;
};

}  // namespace jitrig::fuzz
