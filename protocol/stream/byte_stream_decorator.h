#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "protocol/stream/byte_stream.h"

namespace jitrig {

/// Forwards everything to the ByteStream that it owns. A recorder or a fault derives from it and overrides
/// what it changes; decorators may be stacked. Waiting and cancelling are those of the innermost stream: one
/// that holds bytes back, so that the Waitable does not know of them, must add them to buffered().
class ByteStreamDecorator : public ByteStream {
 public:
  /// `inner` is not null.
  explicit ByteStreamDecorator(std::unique_ptr<ByteStream> inner) : inner_(std::move(inner)) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return inner_->readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return inner_->writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override { return inner_->closeWrite(); }
  void reset() override { inner_->reset(); }
  void cancel() override { inner_->cancel(); }
  std::size_t buffered() const override { return inner_->buffered(); }
  Waitable& waitable() override { return inner_->waitable(); }
  std::string localName() const override { return inner_->localName(); }
  std::string peerName() const override { return inner_->peerName(); }

 protected:
  ByteStream& inner() { return *inner_; }
  const ByteStream& inner() const { return *inner_; }

 private:
  std::unique_ptr<ByteStream> inner_;
};

}  // namespace jitrig
