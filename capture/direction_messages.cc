#include "capture/direction_messages.h"

#include <algorithm>
#include <cstring>
#include <expected>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/wire/framer.h"

namespace jitrig {
namespace {

constexpr std::size_t kDamagedMessagesNamed = 5;
/// Segments whose first bytes look like a message's header but are none: after so many a direction without
/// its beginning is given up, since each may cost a search through much of the file.
constexpr std::size_t kMaxFalseStarts = 64;

using Chunks = std::vector<const CapturedChunk*>;

/// The first `count` bytes from a chunk on, fewer if the chunks end or bytes are lost before.
std::vector<std::byte> bytesFrom(const Chunks& chunks, std::size_t index, std::size_t count) {
  std::vector<std::byte> result;
  for (std::size_t i = index; i < chunks.size() && result.size() < count; ++i) {
    if (i > index && chunks[i]->lost_before > 0) break;
    const std::vector<std::byte>& bytes = chunks[i]->bytes;
    const auto taken = static_cast<std::ptrdiff_t>(std::min(count - result.size(), bytes.size()));
    result.insert(result.end(), bytes.begin(), bytes.begin() + taken);
  }
  return result;
}

/// TLS records: handshake at the beginning of a connection, alert or application data in its middle. No
/// message is so long that its first bytes are these: the sizes of messages are multiples of 4.
bool looksLikeTls(std::span<const std::byte> bytes) {
  if (bytes.size() < 2 || bytes[1] != std::byte{3}) return false;
  return bytes[0] == std::byte{0x15} || bytes[0] == std::byte{0x16} || bytes[0] == std::byte{0x17};
}

Framer framerOf(const WireLimits& limits, const MessageFormat* format) {
  return Framer(limits, format == nullptr ? nullptr : format->announcement());
}

std::string foreignProtocolOf(std::span<const std::byte> bytes, const WireLimits& limits,
                              const MessageFormat* format) {
  if (looksLikeTls(bytes)) return "TLS";
  Framer framer = framerOf(limits, format);
  framer.append(bytes);
  const auto announced = framer.announced();
  if (announced || announced.error().code != WireErrc::foreignProtocol) return "";
  // The wire layer says "this is a PROXY protocol header".
  std::string_view name = announced.error().hint;
  for (const std::string_view prefix : {"this is a ", "this is "}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  return std::string(name);
}

/// Whether the first 16 bytes can be those of a message: what a segment in the middle of a message rarely
/// has.
bool isPlausibleHeader(std::span<const std::byte> bytes, const MessageTable& table, const WireLimits& limits,
                       const MessageFormat* format) {
  if (format != nullptr) {
    const auto announced = format->announcement()(bytes, limits);
    const auto type = format->typeOf(bytes.first(std::min(bytes.size(), format->headerSize())));
    return announced && *announced && type && table.find(*type) != nullptr;
  }
  if (bytes.size() < Message::kHeaderSize) return false;
  std::uint32_t size = 0;
  Message::MetaData meta_data;
  std::memcpy(&size, bytes.data(), sizeof size);
  std::memcpy(&meta_data, bytes.data() + sizeof size, sizeof meta_data);
  constexpr std::uint32_t kMajorVersion = 1;
  const bool version_fits = (meta_data.version == 0 && meta_data.config == 0) ||
                            (meta_data.version >> 24U == kMajorVersion && (meta_data.version & 0xffU) == 0);
  return size >= Message::kHeaderSize && size <= limits.max_message_size_bytes && size % 4 == 0 &&
         version_fits && table.find(meta_data.type) != nullptr;
}

/// Cuts the chunks of one direction into messages.
class Cutter {
 public:
  Cutter(Chunks chunks, bool has_start, const MessageTable& table, const WireLimits& limits,
         const MessageFormat* format)
      : chunks_(std::move(chunks)),
        has_start_(has_start),
        table_(table),
        options_{limits, table.bodylessTypes()},
        format_(format),
        framer_(framerOf(limits, format)) {}

  DirectionMessages cut() {
    if (chunks_.empty()) return {};
    result_.has_data = true;
    const auto first_bytes = bytesFrom(chunks_, 0, 64);
    result_.has_plausible_header = isPlausible(first_bytes);
    // A frame of 790 bytes begins as a record of TLS does.
    if (format_ == nullptr || !result_.has_plausible_header)
      result_.foreign_protocol = foreignProtocolOf(first_bytes, options_.limits, format_);
    if (!result_.foreign_protocol.empty()) return std::move(result_);
    const std::size_t first = has_start_ ? 0 : findStart();
    if (first < chunks_.size()) readFrom(first);
    if (damaged_messages_ > kDamagedMessagesNamed) {
      problem(
          fmt::format("{} more damaged messages were left out", damaged_messages_ - kDamagedMessagesNamed));
    }
    return std::move(result_);
  }

 private:
  bool isPlausible(std::span<const std::byte> first_bytes) const {
    return isPlausibleHeader(first_bytes, table_, options_.limits, format_);
  }

  /// Who sent it is not known here.
  std::expected<Message, std::string> parse(MessageBuffer frame) const {
    Message message;
    if (format_ == nullptr) {
      auto parsed = Message::parse(std::move(frame), options_);
      if (!parsed) return std::unexpected(toString(parsed.error()));
      message = std::move(*parsed);
    } else if (auto decoded = format_->decode(frame.bytes(), std::nullopt, options_.limits, message);
               !decoded) {
      return std::unexpected(std::move(decoded.error()));
    }
    return message;
  }

  /// The first chunk that begins with a whole message; the number of chunks if none does.
  std::size_t findStart() {
    std::size_t false_starts = 0;
    for (std::size_t i = 0; i < chunks_.size() && false_starts < kMaxFalseStarts; ++i) {
      if (i > 0 && chunks_[i]->lost_before > 0) break;
      const auto header = bytesFrom(chunks_, i, Message::kHeaderSize);
      if (!isPlausible(header)) continue;
      Framer framer = framerOf(options_.limits, format_);
      framer.append(header);
      const std::size_t size = framer.announced().value_or(0).value_or(0);
      if (parse(MessageBuffer(bytesFrom(chunks_, i, size)))) {
        const std::uint64_t skipped = chunks_[i]->offset - chunks_[0]->offset;
        if (skipped > 0) {
          problem(fmt::format(
              "its beginning was not captured; {} bytes before the first whole message are skipped",
              skipped));
        }
        return i;
      }
      ++false_starts;
    }
    const auto first = parse(MessageBuffer(bytesFrom(chunks_, 0, Message::kHeaderSize)));
    if (!first && !result_.has_plausible_header) result_.first_error = first.error();
    problem(
        "its beginning was not captured, and no segment begins with a whole message: all of it is skipped");
    return chunks_.size();
  }

  void readFrom(std::size_t first) {
    message_offset_ = chunks_[first]->offset;
    for (std::size_t i = first; i < chunks_.size(); ++i) {
      const CapturedChunk& chunk = *chunks_[i];
      if (chunk.lost_before > 0) {
        problem(fmt::format("{} bytes lost after offset {}; the rest of this direction is skipped",
                            chunk.lost_before, chunk.offset - chunk.lost_before));
        break;
      }
      framer_.append(chunk.bytes);
      if (!takeMessages(chunk.stamp)) return;
    }
    if (framer_.bufferedBytes() > 0) endInside();
  }

  /// False if the rest cannot be framed.
  bool takeMessages(PacketStamp stamp) {
    MessageBuffer buffer;
    while (true) {
      const auto whole = framer_.next(buffer);
      if (!whole) {
        const std::string error = toString(whole.error());
        noteFirstError(error);
        problem(fmt::format("no message at stream offset {}: {}; the rest of this direction is skipped",
                            message_offset_, error));
        return false;
      }
      if (!*whole) return true;
      takeMessage(std::move(buffer), stamp);
    }
  }

  void takeMessage(MessageBuffer buffer, PacketStamp stamp) {
    const std::size_t size = buffer.size();
    auto message = parse(std::move(buffer));
    if (message) {
      result_.messages.push_back({std::move(*message), stamp, message_offset_});
    } else {
      const std::string& error = message.error();
      noteFirstError(error);
      if (damaged_messages_++ < kDamagedMessagesNamed) {
        problem(fmt::format("damaged message at stream offset {} ({} bytes) left out: {}", message_offset_,
                            size, error));
      }
    }
    message_offset_ += size;
  }

  void endInside() {
    const auto announced = framer_.announced();
    if (announced && *announced) {
      problem(fmt::format("ends inside a message at stream offset {}: {} of {} bytes", message_offset_,
                          framer_.bufferedBytes(), **announced));
    } else {
      problem(fmt::format("ends inside the size field of a message at stream offset {}: {} of 4 bytes",
                          message_offset_, framer_.bufferedBytes()));
    }
  }

  void noteFirstError(const std::string& error) {
    if (result_.messages.empty() && result_.first_error.empty()) result_.first_error = error;
  }

  void problem(std::string text) { result_.problems.push_back(std::move(text)); }

  Chunks chunks_;
  bool has_start_;
  const MessageTable& table_;
  ParseOptions options_;
  const MessageFormat* format_;
  Framer framer_;
  std::uint64_t message_offset_ = 0;
  std::size_t damaged_messages_ = 0;
  DirectionMessages result_;
};

}  // namespace

DirectionMessages readDirectionMessages(const CapturedConnection& connection, Peer sender,
                                        const MessageTable& table, const WireLimits& limits,
                                        const MessageFormat* format) {
  Chunks chunks;
  for (const CapturedChunk& chunk : connection.chunks) {
    if (chunk.sender == sender) chunks.push_back(&chunk);
  }
  return Cutter(std::move(chunks), connection.hasStart(sender), table, limits, format).cut();
}

}  // namespace jitrig
