#include "protocol/stream/message_format.h"

#include <algorithm>

namespace jitrig {

std::vector<std::byte> framesOf(std::span<const std::byte> messages, const MessageFormat& format,
                                Direction sender) {
  std::vector<std::byte> frames;
  while (!messages.empty()) {
    Framer framer;
    framer.append(messages.first(std::min(messages.size(), MessageView::kHeaderSize)));
    const std::size_t size = framer.announced().value_or(0).value_or(0);
    if (size == 0 || size > messages.size()) break;
    const auto message = MessageView::parse(messages.first(size), ParseOptions{});
    if (!message) break;
    const auto frame = format.encode(*message, sender);
    frames.insert(frames.end(), frame.begin(), frame.end());
    messages = messages.subspan(size);
  }
  frames.insert(frames.end(), messages.begin(), messages.end());
  return frames;
}

}  // namespace jitrig
