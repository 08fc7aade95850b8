#include "fuzz/framed_stream.h"

#include <algorithm>
#include <cstring>

#include "fuzz/reference_message.h"

namespace jitrig::fuzz {

void FramedStream::restart(InputBytes stream) {
  stream_ = stream;
  framer_ = Framer(kLimits);
  begin_ = 0;
  arrived_ = 0;
  error_.reset();
}

void FramedStream::append(InputBytes segment) {
  framer_.append(segment);
  arrived_ += segment.size();
  takeOut();
}

void FramedStream::commit(InputBytes segment) {
  while (!segment.empty()) {
    const std::span<std::byte> room = framer_.writable();
    const std::size_t count = std::min(room.size(), segment.size());
    std::memcpy(room.data(), segment.data(), count);
    framer_.commit(count);
    arrived_ += count;
    takeOut();
    segment = segment.subspan(count);
  }
}

void FramedStream::takeOut() {
  // Room for what has arrived, doubled; the smallest is that of one read, twice while a message is handed
  // over.
  require(framer_.capacity() <= 2 * arrived_ + 8192, "memory grows with what has arrived");
  while (true) {
    const auto whole = framer_.next(message_);
    require(!error_ || (!whole && whole.error().code == error_->code), "an error is final");
    if (!whole) error_ = whole.error();
    const InputBytes pending = stream_.first(arrived_).subspan(begin_);
    require(whole.has_value() == mayBeginMessage(pending, kLimits),
            "a stream fails where the rules say that no message begins so");
    if (!whole) return;
    const std::size_t size = announcedByTheRules(pending);
    require(*whole == (size != 0 && size <= pending.size()), "a message is there once all of it has arrived");
    if (!*whole) return;
    requireEqual(message_.bytes(), pending.first(size), "messages are the stream's bytes");
    begin_ += size;
  }
}

void FramedStream::requireSame(const FramedStream& other) const {
  require(error_.has_value() == other.error_.has_value(), "a stream fails in every segmentation or in none");
  require(!error_ || (error_->code == other.error_->code && error_->offset == other.error_->offset),
          "a stream fails alike in any segmentation");
}

}  // namespace jitrig::fuzz
