#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/runtime/instant.h"
#include "protocol/runtime/simulation/byte_ring.h"
#include "protocol/runtime/simulation/host_state.h"
#include "protocol/runtime/simulation/link_profile.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/timer_queue.h"

namespace jitrig::simulation {

class Network;

/// What a link tells the two ends of its connection. Must neither wait nor switch tasks.
class LinkEnd {
 public:
  virtual void somethingArrived() = 0;          ///< bytes, the end of file or a reset can be seen now
  virtual void spaceAppeared() = 0;             ///< more can be written
  virtual void hostCrashed(HostCrash how) = 0;  ///< the host of this end

 protected:
  ~LinkEnd() = default;
};

/// What a direction of a connection is made with. All of it outlives the link.
struct LinkPath {
  std::uint64_t number = 0;  ///< of the link
  const HostState* from = nullptr;
  const HostState* to = nullptr;
  const LinkProfile* profile = nullptr;  ///< its latencies and its bandwidth may change
  std::size_t capacity_bytes = 0;

  bool isCutOff() const { return from != to && (from->isCutOff() || to->isCutOff()); }
  bool loses() const {
    return from->reachability == Reachability::lost || to->reachability == Reachability::lost;
  }
};

/// One direction of a connection: what was written travels for a latency and then waits to be read. Both
/// together are bounded by the capacity. Order is kept.
class Link final : public Timer {
 public:
  Link(Scheduler& scheduler, const LinkPath& path);
  ~Link() override;

  /// The other direction: a reset goes back there when bytes arrive at an end that is gone.
  void setOpposite(Link& opposite) { opposite_ = &opposite; }
  void setSender(LinkEnd* sender) { sender_ = sender; }
  void setReceiver(LinkEnd* receiver) { receiver_ = receiver; }
  LinkEnd* sender() const { return sender_; }
  const LinkPath& path() const { return path_; }

  // The sending side.
  std::size_t free() const { return path_.capacity_bytes - occupied_bytes_; }
  void send(std::span<const std::byte> bytes);  ///< at most free() bytes
  void sendEndOfFile();                         ///< nothing may be sent afterwards, except a reset
  void sendReset();                             ///< whatever the receiver has not read by then is dropped

  // The receiving side.
  std::size_t available() const { return arrived_bytes_; }
  std::size_t receive(std::span<std::byte> buffer);  ///< takes up to available() bytes
  bool endOfFileArrived() const { return end_of_file_arrived_; }
  bool resetArrived() const { return reset_arrived_; }
  void receiverLeaves();    ///< what arrives from now on is answered with a reset
  void receiverVanishes();  ///< what arrives from now on is not answered at all
  void receiverIsBack();    ///< it is again, and what arrived meanwhile is, too

  /// Packets that were held back may go on.
  void goOn();

 private:
  enum class Kind : std::uint8_t { data, endOfFile, reset };
  struct Parcel {
    Instant arrival;
    std::size_t size_bytes = 0;
    Kind kind = Kind::data;
  };

  void fire() override;
  void dispatch(Kind kind, std::size_t size_bytes);
  Instant arrivalOf(std::size_t size_bytes);
  void arrive(const Parcel& parcel);
  void forgetArrived();
  void loseTravelling();
  void dropArrived();

  Scheduler& scheduler_;
  const LinkPath path_;
  Link* opposite_ = nullptr;
  LinkEnd* sender_ = nullptr;
  LinkEnd* receiver_ = nullptr;
  ByteRing bytes_;                  // first those that have arrived, then those that travel
  std::vector<Parcel> travelling_;  // a queue: its first is at first_travelling_
  std::size_t first_travelling_ = 0;
  std::size_t arrived_bytes_ = 0;
  std::size_t occupied_bytes_ = 0;  // travelling, arrived, and lost: those are never acknowledged
  Instant latest_arrival_;
  Instant busy_until_;  // as the bandwidth has it
  bool lost_ = false;   // a piece was lost, and TCP's order lets none pass any more
  bool receiver_vanished_ = false;
  bool ignored_something_ = false;  // while the receiver had vanished
  bool reset_sent_ = false;
  bool end_of_file_arrived_ = false;
  bool reset_arrived_ = false;
};

/// The two directions of a connection: links[0] carries what end 0 writes. Owned by both ends together.
struct LinkPair {
  LinkPair(Network& its_network, Scheduler& scheduler, const LinkPath& forward, const LinkPath& backward);
  ~LinkPair();
  LinkPair(const LinkPair&) = delete;
  LinkPair& operator=(const LinkPair&) = delete;

  Network& network;
  std::array<Link, 2> links;
  // All pairs of the network, in the order of making.
  LinkPair* previous = nullptr;
  LinkPair* next = nullptr;
};

}  // namespace jitrig::simulation
