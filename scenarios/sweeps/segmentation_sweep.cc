#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/wire/framer.h"
#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/cut_stream.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 3> kAxes{{
    {"direction", "client or server: whose bytes are cut; both"},
    {"cut", "before which byte of what that side sends on its connection"},
    {"and", "before which later one, too; none"},
}};

constexpr std::uint64_t kMessages = 6;  ///< of the swept compilation

/// A conversation of its own, short enough for each byte of it, and what it comes to uncut.
struct Uncut {
  SweptConversation conversation;
  std::uint64_t logical_digest = 0;
  std::array<std::uint64_t, 2> bytes{};                      ///< by Direction
  std::array<std::vector<std::uint64_t>, 2> message_ends{};  ///< offsets, by Direction
};

/// Looks at the sizes of the messages that pass.
class MessageEnds final : public ByteStreamDecorator {
 public:
  MessageEnds(std::unique_ptr<ByteStream> inner, Uncut& uncut)
      : ByteStreamDecorator(std::move(inner)), uncut_(uncut) {
    const auto& format = uncut.conversation.dialect->format;
    if (format == nullptr) return;
    for (Framer& framer : framers_) framer = Framer({}, format->announcement());
  }

  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    const auto count = ByteStreamDecorator::writeSome(bytes, deadline);
    if (count) see(Direction::client, bytes.first(*count));
    return count;
  }
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    const auto count = ByteStreamDecorator::readSome(buffer, deadline);
    if (count) see(Direction::server, buffer.first(*count));
    return count;
  }

 private:
  void see(Direction sender, std::span<const std::byte> bytes) {
    const auto index = static_cast<std::size_t>(sender);
    framers_[index].append(bytes);
    MessageBuffer message;
    while (framers_[index].next(message).value_or(false)) {
      uncut_.bytes[index] += message.size();
      uncut_.message_ends[index].push_back(uncut_.bytes[index]);
    }
  }

  Uncut& uncut_;
  std::array<Framer, 2> framers_;
};

std::shared_ptr<const Uncut> playUncut(const SweptConversation& conversation, const SweepOptions& options) {
  auto uncut = std::make_shared<Uncut>();
  uncut->conversation = SweptConversation::make(conversation.dialect, kMessages);
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  bool first = true;
  run_options.decorate = [&](Runtime&, std::unique_ptr<ByteStream> stream) -> std::unique_ptr<ByteStream> {
    if (!std::exchange(first, false)) return stream;
    return std::make_unique<MessageEnds>(std::move(stream), *uncut);
  };
  uncut->logical_digest = runSwept(uncut->conversation, run_options).logical_digest;
  return uncut;
}

struct CutRun {
  Direction direction = Direction::client;
  bool both = false;
  Cuts cuts{};
};

SweepVerdict playCut(const Uncut& uncut, const SweepOptions& options, const CutRun& cut) {
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  const Cuts none;
  bool first = true;
  run_options.decorate = [&](Runtime& world,
                             std::unique_ptr<ByteStream> stream) -> std::unique_ptr<ByteStream> {
    if (!std::exchange(first, false)) return stream;
    return std::make_unique<CutStream>(world, std::move(stream),
                                       cut.both || cut.direction == Direction::client ? cut.cuts : none,
                                       cut.both || cut.direction == Direction::server ? cut.cuts : none);
  };
  const SweptRun run = runSwept(uncut.conversation, run_options);
  SweepVerdict verdict{.problems = run.problems, .messages = run.messages};
  append(verdict.problems, othersUntouched(run, uncut.conversation, std::nullopt));
  if (run.logical_digest != uncut.logical_digest)
    verdict.problems.emplace_back("other messages or results than uncut");
  return verdict;
}

void addPoint(std::vector<SweepPoint>& all, const std::shared_ptr<const Uncut>& uncut,
              const SweepOptions& options, CutRun cut, std::string at, std::string also) {
  std::string direction(cut.both ? "both" : toString(cut.direction));
  all.push_back(
      {.coordinates = {{"direction", std::move(direction)}, {"cut", std::move(at)}, {"and", std::move(also)}},
       .run = [uncut, options, cut = std::move(cut)] { return playCut(*uncut, options, cut); }});
}

/// Around the ends of messages, of their size fields and headers: where something is decided.
std::vector<std::uint64_t> interesting(const Uncut& uncut, Direction direction) {
  constexpr std::array<std::uint64_t, 7> kBehind{0, 1, 4, 5, 16, 17, 24};
  const auto index = static_cast<std::size_t>(direction);
  std::set<std::uint64_t> offsets(kBehind.begin() + 1, kBehind.end());
  for (const std::uint64_t end : uncut.message_ends[index]) {
    offsets.insert(end - 1);
    for (const std::uint64_t behind : kBehind) offsets.insert(end + behind);
  }
  std::erase_if(offsets, [&](std::uint64_t offset) { return offset >= uncut.bytes[index]; });
  return {offsets.begin(), offsets.end()};
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  const auto uncut = playUncut(conversation, options);
  std::vector<SweepPoint> all;
  addPoint(all, uncut, options, {.both = true, .cuts = {.everywhere = true}}, "everywhere", "none");
  for (const Direction direction : {Direction::client, Direction::server}) {
    addPoint(all, uncut, options, {.direction = direction, .cuts = {.everywhere = true}}, "everywhere",
             "none");
    for (std::uint64_t at = 1; at < uncut->bytes[static_cast<std::size_t>(direction)]; ++at) {
      addPoint(all, uncut, options, {.direction = direction, .cuts = {.offsets = {at}}}, std::to_string(at),
               "none");
    }
    const auto places = interesting(*uncut, direction);
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (std::size_t j = i + 1; j < places.size(); ++j) {
        addPoint(all, uncut, options, {.direction = direction, .cuts = {.offsets = {places[i], places[j]}}},
                 std::to_string(places[i]), std::to_string(places[j]));
      }
    }
  }
  return all;
}

}  // namespace

constinit const Sweep kSegmentationSweep{
    .name = "segmentation",
    .sentence =
        "A short conversation is cut before each byte, before each two bytes where something is decided, and "
        "everywhere: the pieces come one by one, and nothing is different. It is one of its own.",
    .axes = kAxes,
    .points = points};

}  // namespace jitrig
