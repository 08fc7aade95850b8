#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/timer_queue.h"

namespace jitrig::simulation {

/// What a link tells the two ends of its connection. Must neither wait nor switch tasks.
class LinkEnd {
 public:
  virtual void somethingArrived() = 0;  ///< bytes, the end of file or a reset can be seen now
  virtual void spaceAppeared() = 0;     ///< more can be written

 protected:
  ~LinkEnd() = default;
};

/// One direction of a connection: what was written travels for a latency and then waits to be read. Both
/// together are bounded by the capacity. Order is kept.
class Link final : public Timer {
 public:
  Link(Scheduler& scheduler, std::size_t capacity_bytes);
  ~Link() override;

  /// The other direction: a reset goes back there when bytes arrive at an end that is gone.
  void setOpposite(Link& opposite) { opposite_ = &opposite; }
  void setSender(LinkEnd* sender) { sender_ = sender; }
  void setReceiver(LinkEnd* receiver) { receiver_ = receiver; }

  // The sending side.
  std::size_t free() const { return capacity_bytes_ - occupied_bytes_; }
  void send(std::span<const std::byte> bytes);  ///< at most free() bytes
  void sendEndOfFile();                         ///< nothing may be sent afterwards, except a reset
  void sendReset();                             ///< whatever the receiver has not read by then is dropped

  // The receiving side.
  std::size_t available() const { return arrived_bytes_; }
  std::size_t receive(std::span<std::byte> buffer);  ///< takes up to available() bytes
  bool endOfFileArrived() const { return end_of_file_arrived_; }
  bool resetArrived() const { return reset_arrived_; }
  void receiverLeaves();  ///< what arrives from now on is answered with a reset

 private:
  enum class Kind { data, endOfFile, reset };
  struct Parcel {
    Kind kind = Kind::data;
    Instant arrival;
    std::vector<std::byte> bytes;
  };

  void fire() override;
  void dispatch(Kind kind, std::span<const std::byte> bytes);
  void arrive(Parcel parcel);
  void dropAll();

  Scheduler& scheduler_;
  const std::size_t capacity_bytes_;
  Link* opposite_ = nullptr;
  LinkEnd* sender_ = nullptr;
  LinkEnd* receiver_ = nullptr;
  std::deque<Parcel> travelling_;
  std::deque<std::vector<std::byte>> arrived_;
  std::size_t first_offset_ = 0;  // bytes of arrived_.front() that have been read
  std::size_t arrived_bytes_ = 0;
  std::size_t occupied_bytes_ = 0;  // travelling and arrived
  Instant latest_arrival_;
  bool reset_sent_ = false;
  bool end_of_file_arrived_ = false;
  bool reset_arrived_ = false;
};

/// The two directions of a connection: links[0] carries what end 0 writes. Owned by both ends together.
struct LinkPair {
  LinkPair(Scheduler& scheduler, std::size_t forward_bytes, std::size_t backward_bytes)
      : links{Link(scheduler, forward_bytes), Link(scheduler, backward_bytes)} {
    links[0].setOpposite(links[1]);
    links[1].setOpposite(links[0]);
  }
  std::array<Link, 2> links;
};

}  // namespace jitrig::simulation
