#include "scenarios/dialogue/dialogue_player.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fmt/format.h>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/message_text.h"
#include "protocol/catalogue/nearest_name.h"
#include "protocol/wire/value_text.h"
#include "scenarios/dialogue/message_difference.h"

namespace jitrig::dialogue {
namespace {

std::string_view arrow(Role role) {
  return role == Role::underTest ? "<<" : ">>";
}

/// As the text form has it: printable characters, the others as \xNN.
std::string quoted(std::string_view raw) {
  return toText(Value(Value::String{std::string(raw)})).substr(std::strlen("string"));
}

std::string_view asText(std::span<const std::byte> raw) {
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

ParseOptions parseOptions(const Dialect& dialect) {
  return {.limits = {}, .bodyless = dialect.bodyless};
}

}  // namespace

DialoguePlayer::DialoguePlayer(Runtime& runtime, std::unique_ptr<ByteStream> stream,
                               std::shared_ptr<const Dialect> dialect, std::int64_t timeout_ms)
    : runtime_(runtime), stream_(std::move(stream)), dialect_(std::move(dialect)), timeout_ms_(timeout_ms) {}

void DialoguePlayer::add(Role role, DialogueLine line) {
  lines_.push_back({role, std::move(line)});
}

std::optional<DialogueMismatch> DialoguePlayer::play() {
  while (!mismatch_ && next_ < lines_.size()) {
    Outcome outcome = checkPlace(lines_[next_]);
    if (outcome) outcome = playLine(lines_[next_]);
    if (outcome) {
      ++next_;
      continue;
    }
    mismatch_ = mismatch(outcome.error());
    stream_->reset();
  }
  return mismatch_;
}

std::optional<DialogueMismatch> DialoguePlayer::readSurplus() {
  while (!mismatch_ && input_.empty()) {
    if (!readMore(kNever)) return std::nullopt;
  }
  if (mismatch_ || lines_.empty()) return mismatch_;
  mismatch_ = DialogueMismatch{
      lines_.back().line.where,
      fmt::format("the dialogue ends with this line, but the code under test goes on:\n+ {}", textOfInput())};
  stream_->reset();
  return mismatch_;
}

DialogueMismatch DialoguePlayer::mismatch(const std::string& what) {
  std::string text = fmt::format("the dialogue stops in {}\n{}", describe(next_), what);
  if (next_ != 0) text += "\nIt went well up to here:";
  constexpr std::size_t kShown = 5;
  for (std::size_t i = next_ > kShown ? next_ - kShown : 0; i < next_; ++i) {
    text += fmt::format("\n  {} {}", arrow(lines_[i].role), textOf(lines_[i].line));
  }
  return {lines_[next_].line.where, std::move(text)};
}

std::string DialoguePlayer::describe(std::size_t index) const {
  return fmt::format("line {} of {}: {} {}", index + 1, lines_.size(), arrow(lines_[index].role),
                     textOf(lines_[index].line));
}

/// What cannot be played there, whatever the code under test does.
DialoguePlayer::Outcome DialoguePlayer::checkPlace(const PlayedBy& entry) const {
  const DialogueLine& line = entry.line;
  if (line.kind == DialogueLine::Kind::message) {
    if (const auto type = typeOf(line); !type) return std::unexpected(type.error());
    const auto rest = std::ranges::find_if(line.data_points, &DataPointPattern::isRest);
    if (rest != line.data_points.end() && std::next(rest) != line.data_points.end()) {
      return std::unexpected(
          "wrong place: kTheRest stands for all further data points, and must be the last");
    }
  }
  const auto ended = [&](const PlayedBy& earlier) {
    return earlier.role == entry.role &&
           (earlier.line.kind == DialogueLine::Kind::end || earlier.line.kind == DialogueLine::Kind::reset);
  };
  const auto played = std::span(lines_).first(next_);
  if (std::ranges::any_of(played, ended) && line.kind != DialogueLine::Kind::silence) {
    return std::unexpected(fmt::format("wrong place: {} has ended already",
                                       entry.role == Role::peer ? "what arrives" : "what is to be sent"));
  }
  return {};
}

DialoguePlayer::Outcome DialoguePlayer::playLine(const PlayedBy& entry) {
  if (entry.line.kind == DialogueLine::Kind::silence) return expectSilence(entry.line.duration);
  return entry.role == Role::underTest ? expectLine(entry.line) : sayLine(entry.line);
}

DialoguePlayer::Outcome DialoguePlayer::expectLine(const DialogueLine& line) {
  switch (line.kind) {
    case DialogueLine::Kind::message: return expectMessage(line);
    case DialogueLine::Kind::bytes: return expectBytes(line.raw);
    case DialogueLine::Kind::end: return expectEnd(NetErrc::endOfFile);
    case DialogueLine::Kind::reset: return expectEnd(NetErrc::reset);
    case DialogueLine::Kind::silence: break;
  }
  return {};
}

DialoguePlayer::Outcome DialoguePlayer::sayLine(const DialogueLine& line) {
  NetResult<void> said;
  switch (line.kind) {
    case DialogueLine::Kind::message: {
      const auto message = messageToSend(line);
      if (!message) return std::unexpected(message.error());
      said = writeAll(*stream_, message->serialize(), deadline());
      break;
    }
    case DialogueLine::Kind::bytes:
      said = writeAll(*stream_, std::as_bytes(std::span(line.raw)), deadline());
      break;
    case DialogueLine::Kind::end: said = stream_->closeWrite(); break;
    case DialogueLine::Kind::reset: stream_->reset(); break;
    case DialogueLine::Kind::silence: break;
  }
  if (said) return {};
  return std::unexpected(fmt::format(
      "the code under test does not take it: {} ({}){}", said.error().detail, toString(said.error().code),
      said.error().code == NetErrc::timedOut ? fmt::format(" within {} ms", timeout_ms_) : ""));
}

DialoguePlayer::Outcome DialoguePlayer::expectMessage(const DialogueLine& line) {
  const auto found = readMessage();
  if (!found) return std::unexpected(found.error());
  last_met_ = found->type();
  const ExpectedMessage expected{*typeOf(line), line.announced, line.data_points};
  if (const auto difference = differenceOf(expected, *found, *dialect_)) {
    return std::unexpected(
        fmt::format("the code under test says something else (- expected, + came):\n{}", *difference));
  }
  return {};
}

DialoguePlayer::Outcome DialoguePlayer::expectBytes(const std::string& expected) {
  const Instant until = deadline();
  while (input_.size() < expected.size()) {
    const auto more = readMore(until);
    if (!more) return std::unexpected(insteadOf(more.error()));
  }
  const std::string found(asText(std::span(input_).first(expected.size())));
  if (found != expected) {
    return std::unexpected(
        fmt::format("the code under test says other bytes (- expected, + came):\n- {}\n+ {}",
                    quoted(expected), quoted(found)));
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(expected.size()));
  return {};
}

DialoguePlayer::Outcome DialoguePlayer::expectEnd(NetErrc how) {
  const Instant until = deadline();
  while (input_.empty()) {
    const auto more = readMore(until);
    if (more) continue;
    if (more.error().code == how) return {};
    return std::unexpected(insteadOf(more.error()));
  }
  return std::unexpected(fmt::format("the code under test goes on:\n+ {}", textOfInput()));
}

DialoguePlayer::Outcome DialoguePlayer::expectSilence(Duration duration) {
  const Instant until = runtime_.now() + duration;
  while (input_.empty()) {
    const auto more = readMore(until);
    if (more) continue;
    if (more.error().code == NetErrc::timedOut) return {};
    return std::unexpected(insteadOf(more.error()));
  }
  return std::unexpected(fmt::format("the code under test speaks:\n+ {}", textOfInput()));
}

std::expected<Message, std::string> DialoguePlayer::readMessage() {
  const Instant until = deadline();
  while (true) {
    auto taken = takeMessage();
    if (!taken) return std::unexpected(taken.error());
    if (*taken) return std::move(**taken);
    const auto more = readMore(until);
    if (!more) return std::unexpected(insteadOf(more.error()));
  }
}

/// A whole message out of what has arrived; nullopt: there is more to come.
std::expected<std::optional<Message>, std::string> DialoguePlayer::takeMessage() {
  std::uint32_t size = 0;
  if (input_.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, input_.data(), sizeof size);
  const bool possible = size >= Message::kHeaderSize && size <= WireLimits{}.max_message_size_bytes;
  if (possible && input_.size() < size) return std::nullopt;
  const auto bytes = std::span(input_).first(possible ? size : input_.size());
  auto message = Message::parse(bytes, parseOptions(*dialect_));
  if (!message) {
    return std::unexpected(fmt::format("the code under test says what is no message: {}\n+ {}",
                                       jitrig::toString(message.error()), textOfInput()));
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(size));
  return std::move(*message);
}

std::expected<Message, std::string> DialoguePlayer::messageToSend(const DialogueLine& line) const {
  const std::uint16_t type = *typeOf(line);
  FullVersion announced;
  if (type == dialect_->compilation_request) announced = dialect_->announced;
  announced = line.announced.value_or(announced);
  Message message;
  message.start(type, announced.version, announced.config);
  std::size_t index = 0;
  for (const DataPointPattern& pattern : line.data_points) {
    if (pattern.isRest()) {
      const auto defaults = defaultsOf(type);
      if (!defaults) return std::unexpected(defaults.error());
      if (index < defaults->size()) addValues(message, std::span(*defaults).subspan(index));
      break;
    }
    const auto value = pattern.toSend();
    if (!value) return std::unexpected(fmt::format("wrong place: data point {}: {}", index, value.error()));
    addValue(message, *value);
    ++index;
  }
  return message;
}

std::expected<std::uint16_t, std::string> DialoguePlayer::typeOf(const DialogueLine& line) const {
  if (line.type_name.empty()) return line.type_number;
  if (const auto number = dialect_->table->numberOf(line.type_name)) return *number;
  std::vector<std::string> names;
  for (const MessageType& type : dialect_->table->types()) names.push_back(type.name);
  const auto nearest = nearestNames(line.type_name, names, 1);
  return std::unexpected(
      fmt::format("release {} has no message type '{}'{}", dialect_->table->release().name, line.type_name,
                  nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest.front())));
}

std::expected<std::vector<Value>, std::string> DialoguePlayer::defaultsOf(std::uint16_t number) const {
  const MessageType* type = dialect_->table->find(number);
  const bool is_reply =
      type != nullptr && type->direction == MessageType::Direction::query && last_met_ == number;
  if (type == nullptr || !(is_reply ? type->reply : type->request)) {
    return std::unexpected(
        fmt::format("wrong place: kTheRest: release {} does not say what the data points of {} are",
                    dialect_->table->release().name, dialect_->typeName(number)));
  }
  return defaultValues(is_reply ? *type->reply : *type->request);
}

NetResult<void> DialoguePlayer::readMore(Instant until) {
  std::array<std::byte, 4096> buffer{};
  const auto count = stream_->readSome(buffer, until);
  if (!count) return std::unexpected(count.error());
  input_.insert(input_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
  return {};
}

Instant DialoguePlayer::deadline() const {
  return runtime_.now() + std::chrono::milliseconds(timeout_ms_);
}

std::string DialoguePlayer::textOf(const DialogueLine& line) const {
  switch (line.kind) {
    case DialogueLine::Kind::message: {
      const auto type = typeOf(line);
      if (!type) return line.type_name;
      return toText(ExpectedMessage{*type, line.announced, line.data_points}, *dialect_);
    }
    case DialogueLine::Kind::bytes: return fmt::format("bytes {}", quoted(line.raw));
    case DialogueLine::Kind::end: return "end of what is said";
    case DialogueLine::Kind::reset: return "the connection breaks";
    case DialogueLine::Kind::silence:
      return fmt::format("silence for {} ms",
                         std::chrono::duration_cast<std::chrono::milliseconds>(line.duration).count());
  }
  return "";
}

/// What has arrived: a message if it is one, else its first bytes.
std::string DialoguePlayer::textOfInput() const {
  std::uint32_t size = 0;
  if (input_.size() >= Message::kHeaderSize) std::memcpy(&size, input_.data(), sizeof size);
  if (size >= Message::kHeaderSize && size <= input_.size()) {
    const auto message = Message::parse(std::span(input_).first(size), parseOptions(*dialect_));
    if (message) return jitrig::toText(*message, *dialect_->table);
  }
  constexpr std::size_t kShown = 64;
  return fmt::format("{} bytes: {}{}", input_.size(),
                     quoted(asText(std::span(input_).first(std::min(kShown, input_.size())))),
                     input_.size() > kShown ? "…" : "");
}

std::string DialoguePlayer::insteadOf(const NetError& error) const {
  const std::string arrived = input_.empty() ? "" : fmt::format(", after\n+ {}", textOfInput());
  switch (error.code) {
    case NetErrc::endOfFile: return "the code under test has ended its side of the connection" + arrived;
    case NetErrc::reset: return "the connection is broken" + arrived;
    case NetErrc::timedOut:
      return fmt::format("the code under test says nothing within {} ms{}", timeout_ms_, arrived);
    default: return fmt::format("reading failed: {} ({}){}", error.detail, toString(error.code), arrived);
  }
}

}  // namespace jitrig::dialogue
