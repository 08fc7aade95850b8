#include "scenarios/stream_cut.h"

#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <optional>

#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/message.h"

namespace jitrig {
namespace {

std::uint16_t typeOf(const MessageBuffer& message) {
  std::uint16_t type = 0;
  constexpr std::size_t kTypeOffset = 12;  // wire.md, "Frame = message"
  std::memcpy(&type, message.data() + kTypeOffset, sizeof type);
  return type;
}

std::optional<std::uint64_t> parseCount(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

/// Takes whole messages out of what passes in one direction. Bytes that are no messages are not kept: after
/// them nothing of this direction is recognised any more.
class PassingMessages {
 public:
  void append(std::span<const std::byte> bytes) {
    if (!lost_) framer_.append(bytes);
  }

  /// The type of the next whole message.
  std::optional<std::uint16_t> next() {
    if (lost_) return std::nullopt;
    const auto whole = framer_.next(message_);
    if (!whole) {
      lost_ = true;
      framer_ = Framer();
      return std::nullopt;
    }
    return *whole ? std::optional(typeOf(message_)) : std::nullopt;
  }

 private:
  Framer framer_;
  MessageBuffer message_;
  bool lost_ = false;
};

}  // namespace

/// Follows what passes in both directions. Used by one task, as a ClientStream does.
class StreamCut::Stream final : public ByteStreamDecorator {
 public:
  Stream(std::unique_ptr<ByteStream> inner, StreamCut& cut)
      : ByteStreamDecorator(std::move(inner)), cut_(cut) {}

  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    if (broken_) return wasCut();
    const auto written = ByteStreamDecorator::writeSome(bytes, deadline);
    if (written) {
      to_server_.append(bytes.first(*written));
      while (const auto type = to_server_.next()) {
        if (*type != cut_.dialect_->compilation_request) continue;
        compilation_ = cut_.countRequest();
        queries_ = 0;
      }
    }
    return written;
  }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    if (broken_) return wasCut();
    const auto count = ByteStreamDecorator::readSome(buffer, deadline);
    if (!count) return count;
    from_server_.append(buffer.first(*count));
    while (from_server_.next()) {
      if (compilation_ != cut_.point_.compilation || ++queries_ != cut_.point_.query) continue;
      broken_ = true;
      cut_.markHappened();
      reset();
      return wasCut();
    }
    return count;
  }

 private:
  static NetResult<std::size_t> wasCut() {
    return std::unexpected(NetError{NetErrc::reset, "the connection was cut on purpose"});
  }

  StreamCut& cut_;
  PassingMessages to_server_;
  PassingMessages from_server_;
  std::uint64_t compilation_ = 0;  ///< 0: none yet
  std::uint64_t queries_ = 0;
  bool broken_ = false;
};

std::expected<CutPoint, std::string> parseCutPoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto compilation = parseCount(text.substr(0, colon));
  const auto query = colon == std::string_view::npos ? std::nullopt : parseCount(text.substr(colon + 1));
  if (compilation && query) return CutPoint{*compilation, *query};
  return std::unexpected(
      fmt::format("'{}': expected COMPILATION:QUERY, two numbers from 1, for instance 2:25", text));
}

StreamCut::StreamCut(Runtime& runtime, std::shared_ptr<const Dialect> dialect, CutPoint point)
    : dialect_(std::move(dialect)), point_(point), mutex_(runtime.makeMutex("stream cut")) {}

std::unique_ptr<ByteStream> StreamCut::decorate(std::unique_ptr<ByteStream> stream) {
  return std::make_unique<Stream>(std::move(stream), *this);
}

bool StreamCut::happened() const {
  const Lock lock(*mutex_);
  return happened_;
}

std::uint64_t StreamCut::countRequest() {
  const Lock lock(*mutex_);
  return ++requests_;
}

void StreamCut::markHappened() {
  const Lock lock(*mutex_);
  happened_ = true;
}

}  // namespace jitrig
