#include "protocol/runtime/simulation/simulated_network.h"

#include <fmt/core.h>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "protocol/runtime/simulation/link.h"
#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/simulated_connection.h"

namespace jitrig::simulation {

namespace {

constexpr std::uint16_t kFirstFreePort = 49'152;
constexpr std::uint16_t kFreePorts = 16'384;  // up to 65535
constexpr std::size_t kLongestQueue = 128;

const std::string kEveryHost = "0.0.0.0";

std::string canonical(const std::string& host) {
  if (host == "localhost") return "127.0.0.1";
  if (host.empty() || host == "::") return kEveryHost;
  return host;
}

}  // namespace

// ---- Network ----------------------------------------------------------------------------------------------

SimulatedAcceptor* Network::find(const Place& place) const {
  auto found = acceptors_.find(place);
  if (found == acceptors_.end()) found = acceptors_.find(Place(place.first, kEveryHost));
  return found == acceptors_.end() ? nullptr : found->second;
}

bool Network::conflicts(const Place& place) const {
  if (find(place) != nullptr) return true;
  if (place.second != kEveryHost) return false;
  const auto next = acceptors_.lower_bound(Place(place.first, ""));
  return next != acceptors_.end() && next->first.first == place.first;
}

std::uint16_t Network::takeFreePort() {
  for (int tries = 0; tries < kFreePorts; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirstFreePort + next_port_);
    next_port_ = static_cast<std::uint16_t>((next_port_ + 1) % kFreePorts);
    if (!conflicts(Place(port, kEveryHost))) return port;
  }
  return 0;
}

NetResult<std::unique_ptr<Acceptor>> Network::listen(const Endpoint& endpoint) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Runtime::listen");
  Place place(endpoint.port, canonical(endpoint.host));
  if (place.first == 0) place.first = takeFreePort();
  if (place.first == 0) {
    return std::unexpected(
        NetError{NetErrc::limit, fmt::format("listen at {}: no free port is left", toString(endpoint))});
  }
  if (conflicts(place)) {
    return std::unexpected(
        NetError{NetErrc::addressInUse, fmt::format("listen at {}: address in use", toString(endpoint))});
  }
  return std::make_unique<SimulatedAcceptor>(*this, std::move(place));
}

NetResult<std::unique_ptr<Connection>> Network::connect(const Endpoint& endpoint, Instant deadline) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Runtime::connect");
  const Endpoint server{.host = canonical(endpoint.host), .port = endpoint.port};
  const std::string name = toString(endpoint);
  const WaitPlace place{.doing = "connects to", .name = &name};
  const auto failure = [&name](NetErrc code, std::string_view reason) {
    return std::unexpected(NetError{code, fmt::format("connect to {}: {}", name, reason)});
  };

  const Instant arrival = scheduler_.now() + drawLatency();
  WakeUp woken_by = scheduler_.wait(place, std::min(arrival, deadline), AtWorldEnd::throws);
  if (woken_by == WakeUp::deadline && deadline < arrival) {
    return failure(NetErrc::timedOut, "the deadline passed");
  }
  while (true) {
    SimulatedAcceptor* acceptor = find(Place(server.port, server.host));
    if (woken_by == WakeUp::worldEnded) return failure(NetErrc::cancelled, "the simulated world has ended");
    if (acceptor == nullptr) return failure(NetErrc::refused, "connection refused");
    if (!acceptor->isFull()) {
      const std::uint16_t client_port = takeFreePort();
      if (client_port == 0) return failure(NetErrc::limit, "no free port is left");
      return establish(*acceptor, server, client_port);
    }
    const std::shared_ptr<WaitQueue> queue = acceptor->connecting_;
    woken_by = queue->wait(scheduler_, place, deadline, AtWorldEnd::throws);
    if (woken_by == WakeUp::deadline) return failure(NetErrc::timedOut, "the deadline passed");
  }
}

std::unique_ptr<Connection> Network::establish(SimulatedAcceptor& acceptor, const Endpoint& server,
                                               std::uint16_t client_port) {
  const std::size_t forward_bytes = drawBufferSize();
  const std::size_t backward_bytes = drawBufferSize();
  auto links = std::make_shared<LinkPair>(scheduler_, forward_bytes, backward_bytes);
  const std::string server_name = toString(server);
  const std::string client_name = toString(Endpoint{.host = server.host, .port = client_port});
  auto client = std::make_unique<SimulatedConnection>(scheduler_, links, 0, client_name, server_name);
  acceptor.enqueue(std::make_unique<SimulatedConnection>(scheduler_, links, 1, server_name, client_name));
  return client;
}

Duration Network::drawLatency() {
  const SimulationOptions& options = scheduler_.options();
  const auto spread = static_cast<std::uint64_t>((options.max_latency - options.min_latency).count());
  return options.min_latency + Duration(scheduler_.stream(RandomPurpose::network).below(spread + 1));
}

std::size_t Network::drawBufferSize() {
  const SimulationOptions& options = scheduler_.options();
  const std::size_t spread = options.max_link_buffer_bytes - options.min_link_buffer_bytes;
  return options.min_link_buffer_bytes + scheduler_.stream(RandomPurpose::network).below(spread + 1);
}

// ---- Acceptor ---------------------------------------------------------------------------------------------

SimulatedAcceptor::SimulatedAcceptor(Network& network, std::pair<std::uint16_t, std::string> place)
    : network_(network),
      scheduler_(network.scheduler_),
      place_(std::move(place)),
      name_(toString(Endpoint{.host = place_.second, .port = place_.first})),
      connecting_(std::make_shared<WaitQueue>()) {
  network_.acceptors_.emplace(place_, this);
}

SimulatedAcceptor::~SimulatedAcceptor() {
  const SimulatorSection section;
  network_.acceptors_.erase(place_);
  for (const auto& connection : queue_) connection->reset();
  connecting_->notifyAll(scheduler_);
}

NetResult<std::unique_ptr<Connection>> SimulatedAcceptor::accept(Instant deadline) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Acceptor::accept");
  const WaitPlace place{.doing = "accepts at", .name = &name_};
  const auto failure = [this](NetErrc code, std::string_view reason) {
    return std::unexpected(NetError{code, fmt::format("accept at {}: {}", name_, reason)});
  };
  for (WakeUp woken_by = WakeUp::notified;;) {
    if (cancelled_) return failure(NetErrc::cancelled, "cancelled");
    if (!queue_.empty()) {
      std::unique_ptr<Connection> connection = std::move(queue_.front());
      queue_.pop_front();
      acquireFrom(this);
      connecting_->notifyOne(scheduler_);
      return connection;
    }
    if (woken_by == WakeUp::deadline) return failure(NetErrc::timedOut, "the deadline passed");
    if (woken_by == WakeUp::worldEnded) return failure(NetErrc::cancelled, "the simulated world has ended");
    woken_by = accepting_.wait(scheduler_, place, deadline, AtWorldEnd::throws);
  }
}

void SimulatedAcceptor::cancel() {
  const SimulatorSection section;
  if (scheduler_.isOver()) return;
  scheduler_.begin(Call::noexcept_, "Acceptor::cancel");
  cancelled_ = true;
  notify();
}

bool SimulatedAcceptor::readyNow() const {
  const SimulatorSection section;
  return cancelled_ || !queue_.empty();
}

bool SimulatedAcceptor::isFull() const {
  return queue_.size() >= kLongestQueue;
}

void SimulatedAcceptor::enqueue(std::unique_ptr<Connection> connection) {
  releaseTo(this);
  queue_.push_back(std::move(connection));
  notify();
}

void SimulatedAcceptor::notify() {
  accepting_.notifyAll(scheduler_);
  if (observer_ != nullptr) observer_->readinessChanged();
}

}  // namespace jitrig::simulation
