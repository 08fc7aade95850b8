#include "protocol/runtime/simulation/link.h"

#include <algorithm>
#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig::simulation {

namespace {

/// How long `size_bytes` take to leave.
Duration timeToSend(std::size_t size_bytes, std::uint64_t bandwidth_bytes_per_s) {
  constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
  const unsigned __int128 time_ns =
      static_cast<unsigned __int128>(size_bytes) * kNsPerSecond / bandwidth_bytes_per_s;
  return Duration(static_cast<std::int64_t>(time_ns));
}

}  // namespace

Link::Link(Scheduler& scheduler, const LinkPath& path) : scheduler_(scheduler), path_(path) {}

Link::~Link() {
  scheduler_.removeTimer(*this);
}

// ---- Sending ----------------------------------------------------------------------------------------------

void Link::send(std::span<const std::byte> bytes) {
  occupied_bytes_ += bytes.size();
  if (scheduler_.options().digest_contents) {
    scheduler_.digest().mix(bytes);
  } else {
    scheduler_.digest().mix(bytes.size());
  }
  scheduler_.events().recordBytes(scheduler_.now(), path_.number, bytes);
  if (lost_) return;
  bytes_.append(bytes);
  dispatch(Kind::data, bytes.size());
}

void Link::sendEndOfFile() {
  scheduler_.events().record(scheduler_.now(), SimulationEvent::Kind::endOfFile, path_.number);
  if (!lost_) dispatch(Kind::endOfFile, 0);
}

void Link::sendReset() {
  if (std::exchange(reset_sent_, true)) return;
  scheduler_.events().record(scheduler_.now(), SimulationEvent::Kind::reset, path_.number);
  dispatch(Kind::reset, 0);
}

void Link::dispatch(Kind kind, std::size_t size_bytes) {
  if (scheduler_.isOver()) return;
  latest_arrival_ = std::max(latest_arrival_, arrivalOf(size_bytes));
  const bool was_empty = travelling_.empty();
  travelling_.push_back({.arrival = latest_arrival_, .size_bytes = size_bytes, .kind = kind});
  if (latest_arrival_ <= scheduler_.now()) {
    fire();
  } else if (was_empty && !scheduler_.hasEnded()) {
    scheduler_.setTimer(*this, latest_arrival_);
  }
}

Instant Link::arrivalOf(std::size_t size_bytes) {
  const LinkProfile& profile = *path_.profile;
  Instant leaves = scheduler_.now();
  if (profile.bandwidth_bytes_per_s) {
    busy_until_ = std::max(busy_until_, leaves) + timeToSend(size_bytes, *profile.bandwidth_bytes_per_s);
    leaves = busy_until_;
  }
  const auto spread = static_cast<std::uint64_t>((profile.max_latency - profile.min_latency).count());
  const Duration extra(scheduler_.stream(RandomPurpose::network).below(spread + 1));
  return leaves + profile.min_latency + extra;
}

// ---- Travelling -------------------------------------------------------------------------------------------

void Link::fire() {
  if (path_.isCutOff()) {
    if (path_.loses()) loseTravelling();
    return;  // goOn() comes later
  }
  while (first_travelling_ < travelling_.size() &&
         travelling_[first_travelling_].arrival <= scheduler_.now()) {
    const Parcel parcel = travelling_[first_travelling_++];
    arrive(parcel);
  }
  forgetArrived();
  if (!travelling_.empty() && !scheduler_.hasEnded()) {
    scheduler_.setTimer(*this, travelling_[first_travelling_].arrival);
  }
}

void Link::forgetArrived() {
  constexpr std::size_t kManyParcels = 64;  // moving the others costs more than keeping a few
  if (first_travelling_ == travelling_.size()) {
    travelling_.clear();
  } else if (first_travelling_ >= kManyParcels && first_travelling_ >= travelling_.size() / 2) {
    travelling_.erase(travelling_.begin(),
                      travelling_.begin() + static_cast<std::ptrdiff_t>(first_travelling_));
  } else {
    return;
  }
  first_travelling_ = 0;
}

void Link::loseTravelling() {
  JITRIG_REACHED("simulation: packets are lost");
  lost_ = true;
  bytes_.dropLast(bytes_.size() - arrived_bytes_);
  travelling_.clear();
  first_travelling_ = 0;
}

void Link::goOn() {
  if (isSet() || first_travelling_ == travelling_.size() || scheduler_.hasEnded() || scheduler_.isOver()) {
    return;
  }
  JITRIG_REACHED("simulation: packets that were held back arrive");
  scheduler_.setTimer(*this, std::max(arrivalOf(0), travelling_[first_travelling_].arrival));
}

void Link::arrive(const Parcel& parcel) {
  if (reset_arrived_) return;
  if (receiver_vanished_) {
    ignored_something_ = true;
    bytes_.drop(parcel.size_bytes);
    return;
  }
  if (parcel.kind == Kind::reset) {
    reset_arrived_ = true;
    if (arrived_bytes_ > 0) JITRIG_REACHED("simulation: a reset overtakes unread bytes");
    bytes_.drop(bytes_.size());
    arrived_bytes_ = 0;
    occupied_bytes_ = 0;
  } else if (parcel.kind == Kind::endOfFile) {
    end_of_file_arrived_ = true;
  } else if (receiver_ == nullptr) {
    JITRIG_REACHED("simulation: bytes arrive at an end that is gone");
    bytes_.drop(parcel.size_bytes);
    occupied_bytes_ -= parcel.size_bytes;
    opposite_->sendReset();
    return;
  } else {
    arrived_bytes_ += parcel.size_bytes;
  }
  if (receiver_ != nullptr) receiver_->somethingArrived();
}

// ---- Receiving --------------------------------------------------------------------------------------------

std::size_t Link::receive(std::span<std::byte> buffer) {
  const std::size_t taken = std::min(buffer.size(), arrived_bytes_);
  bytes_.take(buffer.first(taken));
  arrived_bytes_ -= taken;
  occupied_bytes_ -= taken;
  scheduler_.digest().mix(taken);
  scheduler_.events().record(scheduler_.now(), SimulationEvent::Kind::received, path_.number, taken);
  if (sender_ != nullptr) sender_->spaceAppeared();
  return taken;
}

void Link::dropArrived() {
  bytes_.drop(arrived_bytes_);
  arrived_bytes_ = 0;
}

void Link::receiverLeaves() {
  receiver_ = nullptr;
  occupied_bytes_ -= arrived_bytes_;
  dropArrived();
}

void Link::receiverVanishes() {
  receiver_ = nullptr;
  receiver_vanished_ = true;
  occupied_bytes_ -= arrived_bytes_;  // they were acknowledged
  dropArrived();
}

void Link::receiverIsBack() {
  if (!std::exchange(receiver_vanished_, false)) return;
  if (ignored_something_) opposite_->sendReset();  // it is sent again, to somebody who knows nothing of it
}

}  // namespace jitrig::simulation
