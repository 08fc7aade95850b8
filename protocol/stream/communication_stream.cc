#include "protocol/stream/communication_stream.h"

#include <fmt/format.h>

namespace jitrig {

CommunicationStream::CommunicationStream(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                                         std::shared_ptr<const Dialect> dialect, const StreamOptions& options)
    : runtime_(runtime),
      stream_(std::move(stream)),
      dialect_(std::move(dialect)),
      options_(options),
      framer_(options.limits) {}

std::string CommunicationStream::name() const {
  return fmt::format("{} -> {}", stream_->localName(), stream_->peerName());
}

const Message& CommunicationStream::readMessage() {
  const Instant until = deadline();
  MessageBuffer buffer = received_.takeBuffer();
  while (true) {
    const auto whole = framer_.next(buffer);
    if (!whole)
      throw StreamFailure(StreamFailure::Cause::malformed,
                          fmt::format("{}: {}", name(), toString(whole.error())));
    if (*whole) break;
    readMore(until);
  }
  auto parsed =
      Message::parse(std::move(buffer), {.limits = options_.limits, .bodyless = dialect_->bodyless});
  if (!parsed) {
    throw StreamFailure(StreamFailure::Cause::malformed,
                        fmt::format("{}: {}", name(), toString(parsed.error())));
  }
  received_ = std::move(*parsed);
  if (counters_ != nullptr) counters_->received.fetch_add(1, std::memory_order_relaxed);
  return received_;
}

void CommunicationStream::readMore(Instant until) {
  const auto count = stream_->readSome(framer_.writable(), until);
  if (!count) throwReadFailure(count.error());
  framer_.commit(*count);
}

void CommunicationStream::throwReadFailure(const NetError& error) {
  using Cause = StreamFailure::Cause;
  const std::size_t arrived = framer_.bufferedBytes();
  const auto announced = framer_.announced();
  const std::string progress = announced && *announced
                                   ? fmt::format("after {} of {} bytes of a message", arrived, **announced)
                                   : fmt::format("after {} bytes of a message", arrived);
  switch (error.code) {
    case NetErrc::endOfFile:
      if (arrived == 0) {
        throw StreamFailure(Cause::endOfStream, fmt::format("{}: the peer closed the connection", name()),
                            error.code);
      }
      throw StreamFailure(Cause::truncated,
                          fmt::format("{}: the peer closed the connection {}", name(), progress), error.code);
    case NetErrc::timedOut:
      throw StreamFailure(
          Cause::timeout,
          fmt::format("{}: nothing was received for {} ms {}", name(), options_.timeout_ms, progress),
          error.code);
    default:
      throw StreamFailure(
          Cause::network,
          fmt::format("{}: reading failed {}: {} ({})", name(), progress, error.detail, toString(error.code)),
          error.code);
  }
}

void CommunicationStream::writeMessage(const Message& message) {
  const auto written = writeAll(*stream_, message.serialize(), deadline());
  if (!written) {
    const NetError& error = written.error();
    const auto cause =
        error.code == NetErrc::timedOut ? StreamFailure::Cause::timeout : StreamFailure::Cause::network;
    throw StreamFailure(
        cause,
        fmt::format("{}: writing {} ({} bytes) failed: {} ({})", name(), dialect_->typeName(message.type()),
                    message.size(), error.detail, toString(error.code)),
        error.code);
  }
  if (counters_ != nullptr) counters_->sent.fetch_add(1, std::memory_order_relaxed);
}

void CommunicationStream::throwMisfit(const WireError& error) const {
  const std::string what =
      fmt::format("{}: {}: {}", name(), dialect_->typeName(received_.type()), toString(error));
  if (error.code == WireErrc::typeMismatch || error.code == WireErrc::misalignedView)
    throw StreamTypeMismatch(what);
  throw StreamArityMismatch(what);
}

}  // namespace jitrig
