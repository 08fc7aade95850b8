#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "protocol/runtime/cancellation.h"
#include "protocol/runtime/connection.h"
#include "protocol/runtime/readiness.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/host_state.h"
#include "protocol/runtime/simulation/link.h"
#include "protocol/runtime/simulation/link_profile.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

class SimulatedAcceptor;

/// Where something listens.
struct Place {
  std::uint16_t port = 0;
  std::size_t host = 0;  ///< its number
  std::string address;   ///< of that host; kEveryAddress for all of them

  friend auto operator<=>(const Place&, const Place&) = default;
};

/// The one network of a world: who listens where, and all links. "localhost" is 127.0.0.1; "0.0.0.0", "::"
/// and
/// "" listen at every address. A SimulatedHost has its name as address, and a loopback of its own; the host
/// without a name has all other names as addresses. All hosts share their free ports.
class Network {
 public:
  explicit Network(Scheduler& scheduler);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  NetResult<std::unique_ptr<Acceptor>> listen(HostState& host, const Endpoint& endpoint);

  /// Takes one latency. While the acceptor's queue is full it waits; while nobody answers, too.
  NetResult<std::unique_ptr<Connection>> connect(HostState& from, const Endpoint& endpoint, Instant deadline,
                                                 Cancellation* cancellation);

  /// Connections of which at least one end has not been destroyed.
  std::size_t connectionCount() const;

  void setProfile(const HostState& from, const HostState& to, const LinkProfile& profile);

  // The network's part of what befalls a host.
  void crash(HostState& host, HostCrash how);
  void comeBack(HostState& host);
  void setReachability(HostState& host, Reachability reachability);

 private:
  friend class SimulatedAcceptor;
  friend struct LinkPair;
  class Attempt;

  NetResult<std::unique_ptr<Connection>> connect(HostState& from, const Endpoint& endpoint, Instant deadline,
                                                 const Attempt& attempt);

  /// The host and the address that a name stands for, seen from a host.
  std::pair<HostState*, std::string> resolve(HostState& from, const std::string& name) const;
  SimulatedAcceptor* find(const HostState& host, std::uint16_t port, const std::string& address) const;
  bool isTaken(std::uint16_t port) const;
  bool conflicts(const Place& place) const;
  std::uint16_t takeFreePort();
  LinkProfile& profileOf(const HostState& from, const HostState& to);
  Duration drawLatency(const LinkProfile& profile);
  LinkPath drawPath(const HostState& from, const HostState& to);
  std::unique_ptr<Connection> establish(SimulatedAcceptor& acceptor, const HostState& from,
                                        const HostState& to, const Endpoint& server,
                                        std::uint16_t client_port);

  Scheduler& scheduler_;
  const LinkProfile default_profile_;
  std::map<std::pair<std::size_t, std::size_t>, LinkProfile> profiles_;  // links refer to them
  std::map<Place, SimulatedAcceptor*> acceptors_;
  LinkPair* first_pair_ = nullptr;
  LinkPair* last_pair_ = nullptr;
  std::uint64_t next_link_number_ = 0;
  std::uint16_t next_port_ = 0;
  WaitQueue unanswered_;  // connecting tasks, until something changes about any host
};

class SimulatedAcceptor final : public Acceptor, public ReadinessSource {
 public:
  SimulatedAcceptor(Network& network, Place place);
  ~SimulatedAcceptor() override;  ///< resets what was never accepted

  const std::string& name() const override { return name_; }
  NetResult<std::unique_ptr<Connection>> accept(Instant deadline) override;
  std::uint16_t port() const override { return place_.port; }
  void cancel() override;

  bool readyNow() const override;
  void setObserver(ReadinessObserver* observer) override { observer_ = observer; }

 private:
  friend class Network;

  bool isFull() const;
  void enqueue(std::unique_ptr<Connection> connection);
  void hostCrashed();
  void notify();

  Network& network_;
  Scheduler& scheduler_;
  const Place place_;
  const std::string name_;
  std::deque<std::unique_ptr<Connection>> queue_;
  WaitQueue accepting_;
  std::shared_ptr<WaitQueue> connecting_;  // shared: connecting tasks may outlive the acceptor
  ReadinessObserver* observer_ = nullptr;
  bool cancelled_ = false;
  bool severed_ = false;  // its host crashed: the place is free for others
};

}  // namespace jitrig::simulation
