#include "protocol/stream/communication_stream.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>

#include "protocol/runtime/reached.h"

namespace jitrig {
namespace {

/// Storage that a stream keeps from one message for the next: most messages are far below a kilobyte.
constexpr std::size_t kMaxKeptBytes = std::size_t{256} * 1024;

/// Of an encoded message, which may be none.
std::string typeNameOf(std::span<const std::byte> message, const Dialect& dialect) {
  if (dialect.format != nullptr) {
    const auto type = dialect.format->typeOf(message);
    return type ? dialect.typeName(*type) : "bytes";
  }
  constexpr std::size_t kTypeOffset = 12;
  std::uint16_t type = 0;
  if (message.size() < kTypeOffset + sizeof type) return "bytes";
  std::memcpy(&type, message.data() + kTypeOffset, sizeof type);
  return dialect.typeName(type);
}

/// Whether its number may mean something else than ours: a request of another release can have that of a
/// message without a body, and is to be refused for its version. Only requests carry one.
bool hasVersionAndBody(std::span<const std::byte> message) {
  std::uint32_t version = 0;
  std::memcpy(&version, message.data() + sizeof(std::uint32_t), sizeof version);
  return version != 0 && message.size() > MessageView::kHeaderSize;
}

/// Of a message: `had` bytes of it have arrived, and no more.
void noteSplit(std::size_t had) {
  constexpr std::size_t kSizeFieldBytes = 4;
  constexpr std::size_t kHeaderBytes = 16;
  if (had < kSizeFieldBytes) {
    JITRIG_REACHED("stream: a message is split inside its size field");
  } else if (had < kHeaderBytes) {
    JITRIG_REACHED("stream: a message is split inside its header");
  }
}

}  // namespace

Instant StreamOptions::deadlineAfter(Instant now) const {
  constexpr std::int64_t kNsPerMs = 1'000'000;
  if (timeout_ms > std::numeric_limits<std::int64_t>::max() / kNsPerMs) return kNever;
  return now + Duration(std::max<std::int64_t>(timeout_ms, 0) * kNsPerMs);
}

CommunicationStream::CommunicationStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                                         std::shared_ptr<const Dialect> dialect, Direction writer,
                                         const StreamOptions& options)
    : runtime_(runtime),
      stream_(std::move(stream)),
      dialect_(std::move(dialect)),
      writer_(writer),
      options_(options),
      framer_(options.limits, dialect_->format == nullptr ? nullptr : dialect_->format->announcement()) {}

std::string CommunicationStream::name() const {
  return fmt::format("{} -> {}", stream_->localName(), stream_->peerName());
}

void CommunicationStream::releaseIdleMemory() {
  received_ = Message();
  outgoing_ = Message();
  formatted_ = {};
  framer_.releaseStorage();
}

bool CommunicationStream::waitReadable(Instant deadline) {
  if (hasBufferedInput()) return true;
  const auto selector = runtime_.makeSelector(name());
  selector->add(stream_->waitable());
  const bool readable = !selector->wait(deadline).empty();
  selector->remove(stream_->waitable());
  return readable;
}

Instant CommunicationStream::nextDeadline() {
  return std::min(options_.deadlineAfter(runtime_.now()), latest_);
}

const Message& CommunicationStream::readMessage() {
  releaseLargeOutgoing();  // it was encoded and written apart
  const Instant deadline = nextDeadline();
  MessageBuffer buffer = bufferForNextMessage();
  bool came_with_earlier = true;
  while (true) {
    const auto whole = framer_.next(buffer);
    if (!whole) throwMalformed(toString(whole.error()));
    if (*whole) break;
    came_with_earlier = false;
    readMore(deadline);
  }
  if (came_with_earlier) JITRIG_REACHED("stream: two messages in one read");
  if (dialect_->format == nullptr) [[likely]] {
    parse(std::move(buffer));
  } else {
    decode(buffer.bytes());
  }
  if (counters_ != nullptr) counters_->received.fetch_add(1, std::memory_order_relaxed);
  return received_;
}

void CommunicationStream::parse(MessageBuffer&& frame) {
  const BodylessTypes bodyless = hasVersionAndBody(frame.bytes()) ? BodylessTypes{} : dialect_->bodyless;
  const auto adopted = received_.adopt(std::move(frame), {.limits = options_.limits, .bodyless = bodyless});
  if (!adopted) throwMalformed(toString(adopted.error()));
}

void CommunicationStream::decode(std::span<const std::byte> frame) {
  auto decoded = dialect_->format->decode(frame, otherDirection(writer_), options_.limits, received_);
  if (!decoded) {
    received_ = Message();
    throwMalformed(decoded.error());
  }
  misfit_ = std::move(*decoded);
}

std::span<const std::byte> CommunicationStream::formatted(const Message& message) {
  formatted_ = dialect_->format->encode(message, writer_);
  return formatted_;
}

MessageBuffer CommunicationStream::bufferForNextMessage() {
  MessageBuffer buffer = received_.takeBuffer();
  // Connections lie idle for long, and there are thousands: a large message's storage is not kept for the
  // next.
  if (buffer.capacity() > kMaxKeptBytes) {
    JITRIG_REACHED("stream: the storage of a large message is given back");
    buffer = MessageBuffer();
  }
  return buffer;
}

bool CommunicationStream::hasUnreadInput() {
  if (framer_.bufferedBytes() != 0) return true;
  // Not simply a read: a fault that strikes with the next read is to strike when a message is awaited. And
  // what a layer below holds may be an end.
  if (!waitReadable(kAtOnce)) return false;
  const auto count = stream_->readSome(framer_.writable(), kAtOnce);
  if (count) framer_.commit(*count);
  return count.has_value();
}

void CommunicationStream::readMore(Instant deadline) {
  const std::size_t had = framer_.bufferedBytes();
  // A read may go well after its deadline, if bytes are there. A peer that sends just fast enough must not
  // live on that: what began in time has to be complete in time.
  const bool late = had != 0 && runtime_.now() > deadline;
  if (had != 0) noteSplit(had);
  const auto count =
      late ? NetResult<std::size_t>(std::unexpected(NetError{NetErrc::timedOut, "the deadline passed"}))
           : stream_->readSome(framer_.writable(), deadline);
  if (!count) throwReadFailure(count.error());
  framer_.commit(*count);
}

void CommunicationStream::throwMalformed(const std::string& error) const {
  JITRIG_REACHED("stream: a malformed message");
  throw StreamFailure(StreamFailure::Cause::malformed, fmt::format("{}: {}", name(), error));
}

std::string CommunicationStream::progressText() const {
  const std::size_t arrived = framer_.bufferedBytes();
  if (arrived == 0) return "before a message";
  const auto announced = framer_.announced();
  if (!announced || !*announced) return fmt::format("after {} bytes of a message", arrived);
  return fmt::format("after {} of {} bytes of a message", arrived, **announced);
}

void CommunicationStream::throwReadFailure(const NetError& error) const {
  using Cause = StreamFailure::Cause;
  Cause cause = Cause::network;
  std::string what;
  switch (error.code) {
    case NetErrc::endOfFile:
      cause = framer_.bufferedBytes() == 0 ? Cause::endOfStream : Cause::truncated;
      if (cause == Cause::truncated) JITRIG_REACHED("stream: the connection ends inside a message");
      what = "the peer closed the connection " + progressText();
      break;
    case NetErrc::timedOut:
      cause = Cause::timeout;
      if (framer_.bufferedBytes() == 0) {
        JITRIG_REACHED("stream: a message never comes");
      } else {
        JITRIG_REACHED("stream: the deadline passes inside a message");
      }
      what = fmt::format("no whole message within {} ms, stopped {}", options_.timeout_ms, progressText());
      break;
    default:
      if (error.code == NetErrc::reset) JITRIG_REACHED("stream: a reset while a message is awaited");
      what = fmt::format("reading failed {}: {} ({})", progressText(), error.detail, toString(error.code));
  }
  if (cause != Cause::network && saysMore(error)) what += fmt::format(" ({})", error.detail);
  throw StreamFailure(cause, fmt::format("{}: {}", name(), what), error.code);
}

void CommunicationStream::writeMessage() {
  writeEncoded(encoded());
  releaseLargeOutgoing();
}

void CommunicationStream::releaseLargeOutgoing() {
  if (outgoing_.size() > kMaxKeptBytes) outgoing_ = Message();
  if (formatted_.capacity() > kMaxKeptBytes) formatted_ = {};
}

void CommunicationStream::writeEncoded(std::span<const std::byte> message) {
  const auto written = writeAll(*stream_, message, nextDeadline());
  if (!written) throwWriteFailure(message, written.error());
  if (counters_ != nullptr) counters_->sent.fetch_add(1, std::memory_order_relaxed);
}

void CommunicationStream::throwWriteFailure(std::span<const std::byte> message, const NetError& error) const {
  if (error.code == NetErrc::timedOut) JITRIG_REACHED("stream: a write times out");
  if (error.code == NetErrc::reset) JITRIG_REACHED("stream: a reset while a message is written");
  const auto cause =
      error.code == NetErrc::timedOut ? StreamFailure::Cause::timeout : StreamFailure::Cause::network;
  throw StreamFailure(
      cause,
      fmt::format("{}: writing {} ({} bytes) failed: {} ({})", name(), typeNameOf(message, *dialect_),
                  message.size(), error.detail, toString(error.code)),
      error.code);
}

void CommunicationStream::throwMisfit(const WireError& error) const {
  const std::string what =
      fmt::format("{}: {}: {}", name(), dialect_->typeName(received_.type()), toString(error));
  if (error.code == WireErrc::typeMismatch || error.code == WireErrc::misalignedView) {
    throw StreamTypeMismatch(what);
  }
  throw StreamArityMismatch(what);
}

void CommunicationStream::throwMisfit(const FormatMisfit& misfit) const {
  JITRIG_REACHED("stream: values of other types than the message has");
  const std::string what =
      fmt::format("{}: {}: {}", name(), dialect_->typeName(received_.type()), misfit.what);
  if (misfit.is_arity) throw StreamArityMismatch(what);
  throw StreamTypeMismatch(what);
}

}  // namespace jitrig
