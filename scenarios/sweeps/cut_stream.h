#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream_decorator.h"

namespace jitrig {

/// Where bytes are cut into pieces that arrive one by one: before each of these offsets, or everywhere.
struct Cuts {
  std::set<std::uint64_t> offsets{};
  bool everywhere = false;

  /// How many of `count` bytes from `position` on belong to one piece.
  std::size_t pieceOf(std::uint64_t position, std::size_t count) const;
};

/// Cuts what one end of a connection writes and reads.
class CutStream final : public ByteStreamDecorator {
 public:
  CutStream(Runtime& runtime, std::unique_ptr<ByteStream> inner, Cuts written, Cuts read)
      : ByteStreamDecorator(std::move(inner)),
        runtime_(runtime),
        written_cuts_(std::move(written)),
        read_cuts_(std::move(read)) {}

  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;

  std::uint64_t written() const { return written_; }
  std::uint64_t read() const { return read_; }

 private:
  Runtime& runtime_;
  Cuts written_cuts_;
  Cuts read_cuts_;
  std::uint64_t written_ = 0;
  std::uint64_t read_ = 0;
  bool cut_ = false;  ///< the last piece that was written ended at a cut
};

}  // namespace jitrig
