#include <stdexcept>

#include "bench/codec/operations.h"
#include "protocol/wire/args_raw.h"

// What a user of the library writes, and nothing else.
namespace jitrig::bench {
namespace {

// Not constants: they belong to a stream, and to the release that its peer has.
ParseOptions parse_options{
    .limits = {}, .bodyless = {{head::compilationInterrupted::kNumber, head::connectionTerminate::kNumber}}};

template <MessageId kId>
Message outgoing;
template <MessageId kId>
ViewsOf<kId> views;

template <class Tuple>
struct Read;
template <class... T>
struct Read<std::tuple<T...>> {
  static Expected<std::tuple<T...>> inOnePass(std::span<const std::byte> bytes) {
    return parseArgs<T...>(bytes, parse_options);
  }
  static Expected<std::tuple<T...>> inTwoSteps(std::span<const std::byte> bytes) {
    const auto message = MessageView::parse(bytes, parse_options);
    if (!message) return std::unexpected(message.error());
    return getArgs<T...>(*message);
  }
};

template <MessageId kId>
void encode() {
  Message& message = outgoing<kId>;
  message.start(MessageTraits<kId>::kType);
  std::apply([&](const auto&... value) { setArgs(message, value...); }, *source<kId>);
  keep(message.serialize());
}

template <MessageId kId>
void decode() {
  const auto received = Read<ValuesOf<kId>>::inOnePass(input<kId>);
  if (!received) throw std::runtime_error(toString(received.error()));
  keep(*received);
}

template <MessageId kId>
void decodeInTwoSteps() {
  const auto received = Read<ValuesOf<kId>>::inTwoSteps(input<kId>);
  if (!received) throw std::runtime_error(toString(received.error()));
  keep(*received);
}

template <MessageId kId>
void view() {
  const auto received = parseArgs(input<kId>, parse_options, views<kId>);
  if (!received) throw std::runtime_error(toString(received.error()));
  keep(views<kId>);
}

template <MessageId kId>
void viewInTwoSteps() {
  const auto message = MessageView::parse(input<kId>, parse_options);
  if (!message || !getArgs(*message, views<kId>)) throw std::runtime_error("not read");
  keep(views<kId>);
}

template <MessageId kId>
void check() {
  if (*Read<ValuesOf<kId>>::inOnePass(input<kId>) != *source<kId>) {
    throw std::logic_error("jitrig reads other values than it wrote");
  }
}

}  // namespace

void addJitrig(std::vector<Operation>& operations) {
  forEachMessage([&]<MessageId kId>() {
    const std::string name = MessageTraits<kId>::kName;
    check<kId>();
    operations.push_back({name, "encode", "jitrig", encode<kId>});
    operations.push_back({name, "decode", "jitrig", decode<kId>});
    operations.push_back({name, "decode", "jitrig_two_steps", decodeInTwoSteps<kId>});
    if constexpr (kHasViews<kId>) {
      operations.push_back({name, "view", "jitrig", view<kId>});
      operations.push_back({name, "view", "jitrig_two_steps", viewInTwoSteps<kId>});
    }
  });
}

}  // namespace jitrig::bench
