#include "fakecompiler/request_order.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "protocol/runtime/reached.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig {
namespace {

using Kind = RequestOrderEvent::Kind;
using Outcome = RequestOrderEvent::Outcome;

}  // namespace

std::string_view toString(RequestOrderEvent::Kind kind) {
  switch (kind) {
    case Kind::arrived: return "arrived";
    case Kind::timedOut: return "timed_out";
    case Kind::released: return "released";
    case Kind::published: return "published";
    case Kind::skipped: return "skipped";
    case Kind::redefined: return "redefined";
    case Kind::left: return "left";
    case Kind::abandoned: return "abandoned";
  }
  return "unknown";
}

std::string_view toString(RequestOrderEvent::Outcome outcome) {
  switch (outcome) {
    case Outcome::none: return "none";
    case Outcome::runs: return "runs";
    case Outcome::parks: return "parks";
    case Outcome::late: return "late";
    case Outcome::clears: return "clears";
    case Outcome::sleepsOn: return "sleeps_on";
  }
  return "unknown";
}

/// A request in the line of those that wait, for as long as it does not run.
class RequestOrder::Parked {
 public:
  Parked(RequestOrder& order, Turn& turn) : order_(order), turn_(turn) {
    turn.changed_ = order.runtime_.makeCondition("parked request");
    const auto place =
        std::ranges::upper_bound(order.parked_, turn.event_.numbers.sequence_number, {},
                                 [](const Turn* each) { return each->event_.numbers.sequence_number; });
    order.parked_.insert(place, &turn);
  }
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;
  ~Parked() {
    std::erase(order_.parked_, &turn_);
    turn_.changed_.reset();
  }

 private:
  RequestOrder& order_;
  Turn& turn_;
};

RequestOrder::RequestOrder(Runtime& runtime, Mutex& mutex, std::uint64_t session,
                           std::uint32_t last_processed, ClearCaches clear_caches, Listener listener)
    : runtime_(runtime),
      mutex_(mutex),
      session_(session),
      last_processed_(last_processed),
      clear_caches_(std::move(clear_caches)),
      listener_(std::move(listener)) {}

RequestOrder::Turn::Turn(RequestOrder& order, const RequestNumbers& numbers, const Origin& origin)
    : order_(order) {
  event_.numbers = numbers;
  event_.thread = origin.thread;
  event_.stream = origin.stream;
  event_.created_session = origin.created_session;
  event_.updates = origin.updates;
  order_.enter(*this);
}

RequestOrder::Turn::~Turn() {
  const Lock lock(order_.mutex_);
  order_.tell(*this, Kind::left);
  --order_.active_;
}

void RequestOrder::Turn::redefined() {
  const Lock lock(order_.mutex_);
  order_.tell(*this, Kind::redefined);
  order_.clear_caches_();
}

void RequestOrder::Turn::updatesDone(bool known) {
  event_.updates_known = known;
  publish(Kind::published);
}

void RequestOrder::Turn::interrupted() {
  publish(Kind::skipped);
}

void RequestOrder::Turn::publish(Kind kind) {
  if (!event_.numbers.critical || std::exchange(published_, true)) return;
  const Lock lock(order_.mutex_);
  if (kind == Kind::skipped) JITRIG_REACHED("order: a critical request is interrupted before its updates");
  order_.tell(*this, kind);
  order_.process(event_.numbers.sequence_number);
}

void RequestOrder::stop() {
  const Lock lock(mutex_);
  stopped_ = true;
  for (const Turn* turn : parked_) turn->changed_->notifyAll();
}

std::uint32_t RequestOrder::lastProcessed() const {
  const Lock lock(mutex_);
  return last_processed_;
}

void RequestOrder::enter(Turn& turn) {
  Lock lock(mutex_);
  turn.event_.session = session_;
  turn.event_.request = ++arrived_;
  if (turn.event_.numbers.critical_number > last_processed_) {
    tell(turn, Kind::arrived, Outcome::parks);
    wait(lock, turn);
  } else {
    turn.late_ = isLate(turn);
    tell(turn, Kind::arrived, turn.late_ ? Outcome::late : Outcome::runs);
    if (!turn.late_) ++active_;
  }
  if (!turn.late_) return;
  JITRIG_REACHED("order: a critical request comes too late");
  throw StreamOOO(
      fmt::format("request {} comes too late: it was to follow number {}, and number {} was processed",
                  turn.event_.numbers.sequence_number, turn.event_.numbers.critical_number, last_processed_));
}

/// Returns when it was released, by itself or by another.
void RequestOrder::wait(Lock& lock, Turn& turn) {
  JITRIG_REACHED("order: a request is parked");
  const Parked parked(*this, turn);
  while (true) {
    turn.told_to_wait_ = false;
    const Instant deadline = runtime_.now() + kPatience;
    turn.changed_->wait(lock, deadline, [&] { return turn.released_ || stopped_; });
    if (turn.released_) return;
    if (stopped_) {
      tell(turn, Kind::abandoned);
      throw StreamFailure(StreamFailure::Cause::network, "the server stops while the request is parked",
                          NetErrc::cancelled);
    }
    const bool clears = mayClear(turn);
    tell(turn, Kind::timedOut, clears ? Outcome::clears : Outcome::sleepsOn);
    if (clears) return clear(turn);
  }
}

bool RequestOrder::mayClear(const Turn& turn) const {
  return active_ == 0 && parked_.front() == &turn && !turn.told_to_wait_;
}

/// What it waits for does not come: it goes on as if it had, with nothing in the caches. Those behind it may
/// have waited for as long, and must not clear what it is about to fill.
void RequestOrder::clear(Turn& turn) {
  JITRIG_REACHED("order: the first in line clears the caches");
  clear_caches_();
  turn.event_.by_itself = true;
  process(turn.event_.numbers.critical_number);
  turn.event_.by_itself = false;
  if (parked_.empty()) return;
  JITRIG_REACHED("order: the next in line is told to wait");
  parked_.front()->told_to_wait_ = true;
}

/// Releases all at the head of the line that waited for no more. They count as active from here on, not only
/// when their threads have woken up: in between nobody must take the session for idle.
void RequestOrder::process(std::uint32_t critical_number) {
  last_processed_ = std::max(last_processed_, critical_number);
  while (!parked_.empty() && parked_.front()->event_.numbers.critical_number <= last_processed_) {
    Turn& first = *parked_.front();
    parked_.erase(parked_.begin());
    first.released_ = true;
    first.late_ = isLate(first);
    tell(first, Kind::released, first.late_ ? Outcome::late : Outcome::runs);
    if (!first.late_) ++active_;
    first.changed_->notifyAll();
  }
}

bool RequestOrder::isLate(const Turn& turn) const {
  return turn.event_.numbers.critical && turn.event_.numbers.critical_number < last_processed_;
}

void RequestOrder::tell(const Turn& turn, Kind kind, Outcome outcome) const {
  if (!listener_) return;
  RequestOrderEvent event = turn.event_;
  event.kind = kind;
  event.outcome = outcome;
  event.last_processed = last_processed_;
  event.active = active_;
  event.told_to_wait = turn.told_to_wait_;
  if (kind != Kind::arrived) event.stream = {};
  listener_(event);
}

}  // namespace jitrig
