#include "protocol/stream/misconduct.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace jitrig {

Conduct& correctConduct() {
  static Conduct conduct;
  return conduct;
}

Misstep::Misstep(Misconduct& conduct, CommunicationStream& stream, std::span<const std::byte> due,
                 const ConversationTurn& turn, std::string_view name)
    : conduct_(conduct), stream_(stream), frame_(due), due_(due), turn_(turn), name_(name) {
  const auto& format = dialect().format;
  if (format == nullptr || due.empty()) return;
  const auto decoded = format->decode(due, stream.writer(), stream.options().limits, decoded_);
  if (decoded) due_ = decoded_.serialize();
}

void Misstep::send(std::span<const std::byte> bytes) {
  const auto& format = dialect().format;
  if (format == nullptr) return sendBytes(bytes);
  sendBytes(framesOf(bytes, *format, stream_.writer()));
}

void Misstep::sendInPieces(std::span<const std::byte> bytes, std::size_t piece_bytes) {
  while (!bytes.empty()) {
    const std::size_t count = std::min(piece_bytes, bytes.size());
    sendBytes(bytes.first(count));
    bytes = bytes.subspan(count);
  }
}

void Misstep::pause(Duration duration) {
  Runtime& runtime = stream_.runtime();
  if (!conduct_.sleepUntil(runtime.now() + duration)) close();
}

Duration Misstep::timeout() const {
  return std::chrono::milliseconds(stream_.options().timeout_ms);
}

void Misstep::staySilent() {
  pause(2 * timeout());
  close();
}

void Misstep::closeWrite() {
  const auto closed = stream_.closeWrite();
  if (!closed) close();  // the peer was faster
}

void Misstep::close() {
  throw StreamFailure(StreamFailure::Cause::network,
                      fmt::format("{}: misbehaving: {}", stream_.name(), name_));
}

void Misstep::reset() {
  stream_.reset();
  close();
}

Misconduct::Misconduct(Runtime& runtime, std::span<const MisbehaviourSpec> specs,
                       std::span<const Misbehaviour> table)
    : mutex_(runtime.makeMutex("misconduct")), changed_(runtime.makeCondition("misconduct")) {
  for (const MisbehaviourSpec& spec : specs) {
    const auto found = std::ranges::find(table, std::string_view(spec.name),
                                         [](const Misbehaviour& entry) { return entry.info.name; });
    if (found != table.end()) chosen_.push_back({&*found, spec.compilation});
  }
}

void Misconduct::write(CommunicationStream& stream, std::span<const std::byte> message,
                       const ConversationTurn& turn) {
  if (const Misbehaviour* misbehaviour = find(turn)) return act(*misbehaviour, stream, message, turn);
  stream.writeEncoded(message);
}

void Misconduct::pass(CommunicationStream& stream, const ConversationTurn& turn) {
  if (const Misbehaviour* misbehaviour = find(turn)) act(*misbehaviour, stream, {}, turn);
}

bool Misconduct::actsAt(ConversationStep step) const {
  return std::ranges::any_of(chosen_,
                             [&](const Chosen& chosen) { return chosen.misbehaviour->step == step; });
}

void Misconduct::stop() {
  const Lock lock(*mutex_);
  stopped_ = true;
  changed_->notifyAll();
}

const Misbehaviour* Misconduct::find(const ConversationTurn& turn) const {
  if (turn.index != 0) return nullptr;
  for (const Chosen& chosen : chosen_) {
    if (chosen.misbehaviour->step != turn.step) continue;
    if (!chosen.compilation || turn.compilation == 0 || *chosen.compilation == turn.compilation)
      return chosen.misbehaviour;
  }
  return nullptr;
}

void Misconduct::act(const Misbehaviour& misbehaviour, CommunicationStream& stream,
                     std::span<const std::byte> due, const ConversationTurn& turn) {
  if (turn.misbehaved != nullptr) turn.misbehaved->emplace_back(misbehaviour.info.name);
  Misstep misstep(*this, stream, due, turn, misbehaviour.info.name);
  misbehaviour.act(misstep);
}

bool Misconduct::sleepUntil(Instant instant) {
  Lock lock(*mutex_);
  return !changed_->wait(lock, instant, [this] { return stopped_; });
}

std::unique_ptr<Conduct> makeConduct(Runtime& runtime, std::span<const MisbehaviourSpec> specs,
                                     std::span<const Misbehaviour> table) {
  if (specs.empty()) return std::make_unique<Conduct>();
  if (const auto checked = checkMisbehaviours(specs, misbehaviourInfos(table)); !checked)
    throw std::invalid_argument(checked.error());
  return std::make_unique<Misconduct>(runtime, specs, table);
}

std::vector<MisbehaviourInfo> misbehaviourInfos(std::span<const Misbehaviour> table) {
  std::vector<MisbehaviourInfo> infos;
  for (const Misbehaviour& misbehaviour : table) infos.push_back(misbehaviour.info);
  return infos;
}

}  // namespace jitrig
