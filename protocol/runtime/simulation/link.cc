#include "protocol/runtime/simulation/link.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace jitrig::simulation {

Link::Link(Scheduler& scheduler, std::size_t capacity_bytes)
    : scheduler_(scheduler), capacity_bytes_(capacity_bytes) {}

Link::~Link() {
  scheduler_.removeTimer(*this);
}

void Link::send(std::span<const std::byte> bytes) {
  occupied_bytes_ += bytes.size();
  scheduler_.digest().mix(bytes);
  dispatch(Kind::data, bytes);
}

void Link::sendEndOfFile() {
  dispatch(Kind::endOfFile, {});
}

void Link::sendReset() {
  if (std::exchange(reset_sent_, true)) return;
  dispatch(Kind::reset, {});
}

void Link::dispatch(Kind kind, std::span<const std::byte> bytes) {
  if (scheduler_.isOver()) return;
  const SimulationOptions& options = scheduler_.options();
  const auto spread = static_cast<std::uint64_t>((options.max_latency - options.min_latency).count());
  const Duration extra(scheduler_.stream(RandomPurpose::network).below(spread + 1));
  latest_arrival_ = std::max(latest_arrival_, scheduler_.now() + options.min_latency + extra);
  travelling_.push_back(
      Parcel{.kind = kind, .arrival = latest_arrival_, .bytes = {bytes.begin(), bytes.end()}});
  if (latest_arrival_ <= scheduler_.now()) {
    fire();
  } else if (!isSet() && !scheduler_.hasEnded()) {
    scheduler_.setTimer(*this, travelling_.front().arrival);
  }
}

void Link::fire() {
  while (!travelling_.empty() && travelling_.front().arrival <= scheduler_.now()) {
    Parcel parcel = std::move(travelling_.front());
    travelling_.pop_front();
    arrive(std::move(parcel));
  }
  if (!travelling_.empty()) scheduler_.setTimer(*this, travelling_.front().arrival);
}

void Link::arrive(Parcel parcel) {
  if (reset_arrived_) return;
  if (parcel.kind == Kind::reset) {
    reset_arrived_ = true;
    dropAll();
  } else if (parcel.kind == Kind::endOfFile) {
    end_of_file_arrived_ = true;
  } else if (receiver_ == nullptr) {
    occupied_bytes_ -= parcel.bytes.size();
    opposite_->sendReset();
    return;
  } else {
    arrived_bytes_ += parcel.bytes.size();
    arrived_.push_back(std::move(parcel.bytes));
  }
  if (receiver_ != nullptr) receiver_->somethingArrived();
}

std::size_t Link::receive(std::span<std::byte> buffer) {
  std::size_t taken = 0;
  while (taken < buffer.size() && !arrived_.empty()) {
    const std::vector<std::byte>& first = arrived_.front();
    const std::size_t portion = std::min(buffer.size() - taken, first.size() - first_offset_);
    std::memcpy(buffer.data() + taken, first.data() + first_offset_, portion);
    taken += portion;
    first_offset_ += portion;
    if (first_offset_ == first.size()) {
      arrived_.pop_front();
      first_offset_ = 0;
    }
  }
  arrived_bytes_ -= taken;
  occupied_bytes_ -= taken;
  scheduler_.digest().mix(taken);
  if (sender_ != nullptr) sender_->spaceAppeared();
  return taken;
}

void Link::receiverLeaves() {
  receiver_ = nullptr;
  occupied_bytes_ -= arrived_bytes_;
  arrived_bytes_ = 0;
  arrived_.clear();
  first_offset_ = 0;
}

void Link::dropAll() {
  travelling_.clear();
  arrived_.clear();
  first_offset_ = 0;
  arrived_bytes_ = 0;
  occupied_bytes_ = 0;
}

}  // namespace jitrig::simulation
