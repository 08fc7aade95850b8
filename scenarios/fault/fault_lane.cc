#include "scenarios/fault/fault_lane.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jitrig {
namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;
/// Under a bandwidth, bytes go on in portions of this much time, but not in larger ones than this.
constexpr std::uint64_t kPortionsPerS = 50;
constexpr std::size_t kMaxPortionBytes = std::size_t{16} * 1024;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

/// At one offset in the order of the faults.
void FaultLane::sortByOffset(std::vector<Point>& points) {
  if (points.size() < 2) return;
  std::ranges::sort(points, {},
                    [](const Point& point) { return std::pair(point.offset, point.fault->index()); });
}

FaultLane::FaultLane(ActiveFaults& faults, FaultUnit unit, Direction sender, FaultedConnection& connection)
    : faults_(faults),
      unit_(unit),
      sender_(sender),
      connection_(connection),
      concerned_(faults.concerning(unit, sender, connection.number)),
      counts_requests_(faults.countsCompilations() && unit != FaultUnit::tlsRecord &&
                       sender == Direction::client),
      idle_(concerned_.empty() && !counts_requests_) {
  moment_.connection = connection.number;
  moment_.local = connection.local;
  moment_.sender = sender;
}

/// Between two units, with nothing begun and nothing held.
bool FaultLane::rests() const {
  return phase_ == Phase::between && own_begin_ == own_.size() && cleared_ == 0 && header_passed_ == 0 &&
         orders_.empty() && parts_.empty() && !swallows() && !skipping_ && slice_bytes_ == 0 && !lost_;
}

/// As most do: a whole unit that comes in one piece, and to which nothing happens. False: the longer way,
/// on which a unit that is known by now is not looked at again.
bool FaultLane::passesWhole(std::span<const std::byte> offered) {
  const std::size_t need = headerSizeOf(unit_);
  if (offered.size() < need) return false;
  const auto parsed = parseUnitHeader(offered.first(need), unit_, format());
  if (!parsed || parsed->size != offered.size()) return false;
  std::copy_n(offered.begin(), need, header_.begin());
  evaluate(*parsed);
  if (phase_ != Phase::inUnit || !points_.empty()) return false;
  at_ = size_;
  cleared_ = size_;
  phase_ = Phase::between;
  return true;
}

LaneStep FaultLane::next(std::span<const std::byte> offered) {
  if (rests() && passesWhole(offered)) return passStep();
  while (true) {
    const bool are_own = own_begin_ < own_.size();
    const auto bytes = are_own ? own() : offered;
    cleared_ = std::min(cleared_, bytes.size());  // a writer that gave up may come with other bytes
    if (somethingDue()) {
      if (cleared_ > 0) return passStep();
      if (const auto step = obey()) return *step;
      continue;
    }
    if (swallows() && cleared_ == 0) {
      own_.clear();
      own_begin_ = 0;
      if (are_own && !offered.empty()) continue;
      return offered.empty() ? LaneStep{} : LaneStep{.kind = LaneStep::Kind::drop, .count = offered.size()};
    }
    if (phase_ == Phase::inUnit && at_ == size_) {
      if (slice_bytes_ != 0 && cleared_ > 0) return passStep();
      phase_ = Phase::between;
      slice_bytes_ = 0;
      skipping_ = false;
      continue;
    }
    const auto ahead = bytes.subspan(cleared_);
    if (ahead.empty()) return cleared_ > 0 ? passStep() : LaneStep{};
    if (const auto step = walk(ahead, are_own)) return *step;
  }
}

LaneStep FaultLane::settle() {
  while (cleared_ == 0 && somethingDue()) {
    if (const auto step = obey()) return *step;
  }
  return {};
}

LaneStep FaultLane::passStep() {
  std::size_t count = cleared_;
  if (slice_bytes_ != 0) count = std::min(count, slice_bytes_);
  if (pace_bytes_per_s_ != 0) {
    if (faults_.runtime().now() < paced_until_) {
      wait_cause_ = &pace_fault_->action();
      return {.kind = LaneStep::Kind::wait, .until = paced_until_};
    }
    const auto portion = std::max<std::uint64_t>(pace_bytes_per_s_ / kPortionsPerS, 1);
    count = std::min({count, kMaxPortionBytes, static_cast<std::size_t>(portion)});
  }
  return {.kind = LaneStep::Kind::pass, .count = count};
}

void FaultLane::passed(std::size_t count) {
  cleared_ -= count;
  if (own_begin_ < own_.size()) dropOwn(count);
  if (pace_bytes_per_s_ == 0) return;
  const std::int64_t takes_ns =
      static_cast<std::int64_t>(count) * kNsPerS / static_cast<std::int64_t>(pace_bytes_per_s_);
  paced_until_ = std::max(faults_.runtime().now(), paced_until_) + Duration(takes_ns);
}

void FaultLane::dropOwn(std::size_t count) {
  own_begin_ += count;
  if (own_begin_ < own_.size()) return;
  own_begin_ = 0;
  own_.clear();
  if (own_.capacity() > kMaxPortionBytes) own_ = {};
}

void FaultLane::accept(std::span<const std::byte> bytes) {
  own_.insert(own_.end(), bytes.begin(), bytes.end());
}

std::size_t FaultLane::wanted() const {
  const std::size_t need = phase_ == Phase::gathering ? size_ : headerSizeOf(unit_) - header_passed_;
  const std::size_t have = own().size() - cleared_;
  return need > have ? need - have : 1;
}

std::optional<LaneStep> FaultLane::obey() {
  if (!orders_.empty()) return obeyFront();
  Point& point = points_[next_point_++];
  reachPoint(point);
  return std::nullopt;
}

void FaultLane::reachPoint(Point& point) {
  FaultPoint at_place(faults_, sender_, std::span(header_).first(headerSizeOf(unit_)));
  if (!point.fault->effect().at(at_place)) return;
  faults_.record(*point.fault, point.moment, connection_.name);
  for (FaultOrder& order : at_place.takeOrders()) {
    orders_.push_back({.fault = point.fault, .what = std::move(order), .until = std::nullopt});
  }
}

std::optional<LaneStep> FaultLane::obeyFront() {
  Order& order = orders_.front();
  if (const auto* stall = std::get_if<StallOrder>(&order.what)) {
    const Instant now = faults_.runtime().now();
    if (!order.until) order.until = now + stall->duration;
    if (now < *order.until) {
      wait_cause_ = &order.fault->action();
      return LaneStep{.kind = LaneStep::Kind::wait, .until = *order.until};
    }
  }
  const Order done = std::move(order);
  orders_.pop_front();
  return std::visit(
      Overloaded{
          [](const StallOrder&) { return std::optional<LaneStep>(); },
          [&](const EndOrder& end) {
            end_cause_ = done.fault;
            return std::optional(LaneStep{.kind = LaneStep::Kind::end, .how = end.how});
          },
          [&](const SwallowOrder&) {
            swallow(*done.fault);
            return std::optional<LaneStep>();
          },
          [&](const SkipOrder&) {
            skipping_ = phase_ == Phase::inUnit && at_ < size_;
            loss_cause_ = &done.fault->action();
            return std::optional<LaneStep>();
          },
          [&](const PaceOrder& pace) {
            pace_bytes_per_s_ = pace.bytes_per_s;
            pace_fault_ = done.fault;
            return std::optional<LaneStep>();
          },
          [&](const SliceOrder& slice) {
            slice_bytes_ = slice.size_bytes;
            return std::optional<LaneStep>();
          },
          [&](const InsertOrder& inserted) {
            insert(unit_ == FaultUnit::frame ? framesOf(inserted.bytes, *format(), sender_) : inserted.bytes);
            return std::optional<LaneStep>();
          },
      },
      done.what);
}

void FaultLane::insert(std::span<const std::byte> bytes) {
  // Nothing is cleared at a place where something happens: these pass first, and unseen.
  std::vector<std::byte> joined(bytes.begin(), bytes.end());
  joined.insert(joined.end(), own().begin(), own().end());
  own_ = std::move(joined);
  own_begin_ = 0;
  cleared_ = bytes.size();
}

void FaultLane::swallow(const ActiveFault& by) {
  swallowed_by_ = &by;
  loss_cause_ = &by.action();
  wait_cause_ = &by.action();
  orders_.clear();
  points_.clear();
  next_point_ = 0;
  parts_.clear();
  parts_bytes_ = 0;
  release_at_ = kNever;
}

std::optional<LaneStep> FaultLane::walk(std::span<const std::byte> ahead, bool are_own) {
  if (lost_) {
    cleared_ += ahead.size();
    return std::nullopt;
  }
  if (phase_ == Phase::between) return readHeader(ahead);
  if (phase_ == Phase::gathering) return gather(ahead, are_own);
  std::size_t end = size_;
  if (next_point_ < points_.size()) end = std::min(end, points_[next_point_].offset);
  const std::size_t count = std::min(ahead.size(), end - at_);
  if (skipping_) return skip(count, are_own);
  cleared_ += count;
  at_ += count;
  return std::nullopt;
}

std::optional<LaneStep> FaultLane::skip(std::size_t count, bool are_own) {
  if (cleared_ > 0) return passStep();
  at_ += count;
  if (!are_own) return LaneStep{.kind = LaneStep::Kind::drop, .count = count};
  dropOwn(count);
  return std::nullopt;
}

std::span<const std::byte> FaultLane::probe(std::span<const std::byte> ahead) {
  const std::size_t need = headerSizeOf(unit_);
  const std::size_t count = std::min(need - header_passed_, ahead.size());
  std::copy_n(ahead.begin(), count, header_.begin() + static_cast<std::ptrdiff_t>(header_passed_));
  return std::span(header_).first(header_passed_ + count);
}

bool FaultLane::headerIsAwaited() const {
  if (!parts_.empty()) return true;
  if (no_header_hold_ || header_passed_ > 0) return false;
  return std::ranges::any_of(concerned_,
                             [&](const ActiveFault* fault) { return fault->mayHappen(moment_.message + 1); });
}

std::optional<LaneStep> FaultLane::readHeader(std::span<const std::byte> ahead) {
  const auto begin = probe(ahead);
  if (begin.size() < headerSizeOf(unit_)) {
    if (!mayBecomeUnit(begin, unit_, format())) {
      lose();
      return std::nullopt;
    }
    if (headerIsAwaited()) return cleared_ > 0 ? passStep() : LaneStep{};
    header_passed_ += ahead.size();
    cleared_ += ahead.size();
    return std::nullopt;
  }
  if (const auto parsed = parseUnitHeader(begin, unit_, format())) {
    evaluate(*parsed);
  } else {
    lose();
  }
  return std::nullopt;
}

void FaultLane::countUnit(std::uint16_t type) {
  moment_.type = type;
  ++moment_.message;
  if (counts_requests_ && type == faults_.dialect().compilation_request) {
    connection_.compilation.store(faults_.countCompilation(), std::memory_order_relaxed);
  }
  const std::uint64_t compilation = connection_.compilation.load(std::memory_order_relaxed);
  if (compilation != std::exchange(moment_.compilation, compilation)) moment_.message_of_compilation = 0;
  ++moment_.message_of_compilation;
}

bool FaultLane::fires(ActiveFault& fault, const UnitHeader& header, std::size_t& offset) {
  if (!fault.matches(moment_)) return false;
  const auto place = offsetOf(fault.trigger().place, fault.trigger().byte, header.size, unit_);
  const bool whole = fault.effect().use() != FaultEffect::Use::place;
  if (!place || (whole ? header_passed_ > 0 || header.size > kMaxHeldBytes : *place < header_passed_)) {
    return false;
  }
  offset = *place;
  return fault.draw(faults_.runtime());
}

void FaultLane::evaluate(const UnitHeader& header) {
  countUnit(header.type);
  size_ = header.size;
  at_ = 0;
  points_.clear();
  next_point_ = 0;
  changes_.clear();
  hold_fault_ = nullptr;
  for (ActiveFault* fault : concerned_) {
    std::size_t offset = 0;
    if (!fires(*fault, header, offset)) continue;
    switch (fault->effect().use()) {
      case FaultEffect::Use::place: points_.push_back({offset, fault, moment_}); break;
      case FaultEffect::Use::unit: changes_.push_back(fault); break;
      case FaultEffect::Use::hold:
        if (hold_fault_ == nullptr) hold_fault_ = fault;
        break;
      case FaultEffect::Use::connection: break;
    }
  }
  sortByOffset(points_);
  const bool whole = !changes_.empty() || hold_fault_ != nullptr || !parts_.empty();
  phase_ = whole ? Phase::gathering : Phase::inUnit;
  // Bytes of the header that passed before are behind us.
  at_ = header_passed_;
  header_passed_ = 0;
  no_header_hold_ = false;
}

std::optional<LaneStep> FaultLane::gather(std::span<const std::byte> ahead, bool are_own) {
  if (cleared_ > 0) return passStep();
  if (ahead.size() < size_) return LaneStep{};
  const std::size_t size = size_;
  Part part = changedPart(ahead.first(size));
  if (are_own) dropOwn(size);
  phase_ = Phase::between;
  takePart(std::move(part));
  if (are_own) return std::nullopt;
  return LaneStep{.kind = LaneStep::Kind::drop, .count = size};
}

FaultLane::Part FaultLane::changedPart(std::span<const std::byte> bytes) {
  Part part{.bytes = {bytes.begin(), bytes.end()}, .points = std::move(points_)};
  points_.clear();
  next_point_ = 0;
  for (ActiveFault* fault : changes_) {
    const FaultTrigger& trigger = fault->trigger();
    FaultedUnit unit{
        .bytes = std::move(part.bytes),
        .unit = unit_,
        .format = format(),
        .sender = sender_,
        .place = offsetOf(trigger.place, trigger.byte, size_, unit_).value_or(0),
        .random_below = [this](std::uint64_t bound) { return faults_.randomBelow(bound); },
    };
    fault->effect().change(unit);
    part.bytes = std::move(unit.bytes);
    if (part.bytes.size() < bytes.size()) loss_cause_ = &fault->action();
    faults_.record(*fault, moment_, connection_.name);
  }
  // What was to happen behind the message happens behind all that became of it.
  for (Point& point : part.points) {
    point.offset = point.offset == size_ ? part.bytes.size() : std::min(point.offset, part.bytes.size());
  }
  sortByOffset(part.points);
  return part;
}

void FaultLane::takePart(Part part) {
  if (parts_.empty() && hold_fault_ != nullptr) {
    hold_ = hold_fault_->effect().hold();
    release_at_ = faults_.runtime().now() + hold_.at_most;
    faults_.record(*hold_fault_, moment_, connection_.name);
  }
  const bool held = hold_fault_ != nullptr || !parts_.empty();
  parts_bytes_ += part.bytes.size();
  parts_.push_back(std::move(part));
  if (!held || parts_.size() >= hold_.units || parts_bytes_ > kMaxHeldBytes) compose();
}

void FaultLane::compose() {
  if (hold_.first_goes_last) std::ranges::rotate(parts_, parts_.begin() + 1);
  std::vector<std::byte> joined;
  joined.reserve(parts_bytes_ + own().size());
  points_.clear();
  next_point_ = 0;
  for (Part& part : parts_) {
    for (Point& point : part.points) {
      point.offset += joined.size();
      points_.push_back(point);
    }
    joined.insert(joined.end(), part.bytes.begin(), part.bytes.end());
  }
  phase_ = Phase::inUnit;
  size_ = joined.size();
  at_ = 0;
  joined.insert(joined.end(), own().begin(), own().end());
  own_ = std::move(joined);
  own_begin_ = 0;
  parts_.clear();
  parts_bytes_ = 0;
  hold_ = {};
  release_at_ = kNever;
}

void FaultLane::lose() {
  if (parts_.empty()) {
    lost_ = true;
  } else {
    compose();  // they go first; then these bytes are looked at again
  }
}

void FaultLane::releaseParts() {
  if (!parts_.empty() && phase_ == Phase::between) compose();
}

bool FaultLane::givesUpHeader() {
  if (phase_ != Phase::between || own().empty() || no_header_hold_ || !parts_.empty()) return false;
  no_header_hold_ = true;
  return true;
}

void FaultLane::finish() {
  if (swallows()) return;
  if (!parts_.empty()) {
    const bool begun = phase_ == Phase::gathering;
    compose();
    // The message behind them has begun, and goes on with them, as far as it came.
    if (begun) size_ = own_.size();
  } else if (phase_ == Phase::gathering) {
    phase_ = Phase::inUnit;
  }
  no_header_hold_ = true;
}

}  // namespace jitrig
