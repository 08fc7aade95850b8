#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/readiness.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/simulation/scheduler.h"
#include "protocol/runtime/simulation/wait_queue.h"

namespace jitrig::simulation {

class SimulatedAcceptor;

/// The one network of a world: who listens where. "localhost" is 127.0.0.1; "0.0.0.0", "::" and "" listen
/// for every host. All hosts share their free ports.
class Network {
 public:
  explicit Network(Scheduler& scheduler) : scheduler_(scheduler) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint);

  /// Takes one latency. While the acceptor's queue is full it waits.
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline);

 private:
  friend class SimulatedAcceptor;
  using Place = std::pair<std::uint16_t, std::string>;  // port and host

  SimulatedAcceptor* find(const Place& place) const;
  bool conflicts(const Place& place) const;
  std::uint16_t takeFreePort();
  Duration drawLatency();
  std::size_t drawBufferSize();
  std::unique_ptr<Connection> establish(SimulatedAcceptor& acceptor, const Endpoint& server,
                                        std::uint16_t client_port);

  Scheduler& scheduler_;
  std::map<Place, SimulatedAcceptor*> acceptors_;
  std::uint16_t next_port_ = 0;
};

class SimulatedAcceptor final : public Acceptor, public ReadinessSource {
 public:
  SimulatedAcceptor(Network& network, std::pair<std::uint16_t, std::string> place);
  ~SimulatedAcceptor() override;  ///< resets what was never accepted

  const std::string& name() const override { return name_; }
  NetResult<std::unique_ptr<Connection>> accept(Instant deadline) override;
  std::uint16_t port() const override { return place_.first; }
  void cancel() override;

  bool readyNow() const override;
  void setObserver(ReadinessObserver* observer) override { observer_ = observer; }

 private:
  friend class Network;

  bool isFull() const;
  void enqueue(std::unique_ptr<Connection> connection);
  void notify();

  Network& network_;
  Scheduler& scheduler_;
  const std::pair<std::uint16_t, std::string> place_;
  const std::string name_;
  std::deque<std::unique_ptr<Connection>> queue_;
  WaitQueue accepting_;
  std::shared_ptr<WaitQueue> connecting_;  // shared: connecting tasks may outlive the acceptor
  ReadinessObserver* observer_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace jitrig::simulation
