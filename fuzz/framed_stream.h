#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "protocol/wire/framer.h"

namespace jitrig::fuzz {

/// A Framer that is fed, and what came out of it.
class FramedStream {
 public:
  /// With a new Framer; the room for what comes out of it serves again.
  void restart();

  /// By Framer::append, and by Framer::writable and commit.
  void append(InputBytes segment);
  void commit(InputBytes segment);

  bool failed() const { return error_.has_value(); }

  /// Both had the same bytes, or as many as it took to fail: they have brought the same messages, and have
  /// failed alike or not at all.
  void requireSame(const FramedStream& other) const;

 private:
  void takeOut();

  /// Messages of a few kilobytes reach it.
  static constexpr WireLimits kLimits{
      .max_message_size_bytes = 8192, .max_nesting = 64, .max_vector_length = 1024};

  Framer framer_{kLimits};
  MessageBuffer message_;
  std::vector<std::byte> messages_;  ///< one after the other
  std::vector<std::size_t> ends_;    ///< of each in messages_
  std::size_t arrived_ = 0;
  std::optional<WireError> error_;
};

}  // namespace jitrig::fuzz
