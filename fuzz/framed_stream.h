#pragma once

#include <cstddef>
#include <optional>

#include "fuzz/fuzz_target.h"
#include "protocol/wire/framer.h"

namespace jitrig::fuzz {

/// A Framer that is fed, and what came out of it.
class FramedStream {
 public:
  /// `stream`: what it will be fed. With a new Framer.
  void restart(InputBytes stream);

  /// By Framer::append, and by Framer::writable and commit.
  void append(InputBytes segment);
  void commit(InputBytes segment);

  bool failed() const { return error_.has_value(); }

  /// Both had the same bytes, or as many as it took to fail: they have failed alike or not at all. (What
  /// comes out is held against the rules, which know no segments.)
  void requireSame(const FramedStream& other) const;

 private:
  void takeOut();

  /// Beyond the room of one read, so that buffers grow; no more, for speed.
  static constexpr WireLimits kLimits{
      .max_message_size_bytes = 4608, .max_nesting = 64, .max_vector_length = 1024};

  Framer framer_{kLimits};
  MessageBuffer message_;
  InputBytes stream_;
  std::size_t begin_ = 0;  ///< in stream_, of the message that comes next
  std::size_t arrived_ = 0;
  std::optional<WireError> error_;
};

}  // namespace jitrig::fuzz
