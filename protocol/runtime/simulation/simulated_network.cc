#include "protocol/runtime/simulation/simulated_network.h"

#include <array>
#include <chrono>
#include <fmt/core.h>
#include <string_view>

#include "protocol/runtime/reached.h"
#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/simulated_connection.h"

namespace jitrig::simulation {

namespace {

constexpr std::uint16_t kFirstFreePort = 49'152;
constexpr std::uint16_t kFreePorts = 16'384;  // up to 65535
constexpr std::size_t kLongestQueue = 128;

// How long a connect without a deadline waits for an answer: as long as Linux tries.
constexpr Duration kConnectPatience = std::chrono::seconds(127);

const std::string kEveryAddress = "0.0.0.0";
const std::string kLoopback = "127.0.0.1";

std::string canonical(const std::string& host) {
  if (host == "localhost") return kLoopback;
  if (host.empty() || host == "::") return kEveryAddress;
  return host;
}

bool isLoopback(const std::string& address) {
  return address == kLoopback || address == "::1";
}

LinkProfile profileFrom(const SimulationOptions& options) {
  return {.min_latency = options.min_latency,
          .max_latency = options.max_latency,
          .bandwidth_bytes_per_s = options.bandwidth_bytes_per_s,
          .min_buffer_bytes = options.min_link_buffer_bytes,
          .max_buffer_bytes = options.max_link_buffer_bytes,
          .segmentation = options.segmentation};
}

}  // namespace

// ---- Network ----------------------------------------------------------------------------------------------

Network::Network(Scheduler& scheduler)
    : scheduler_(scheduler), default_profile_(profileFrom(scheduler.options())) {}

std::pair<HostState*, std::string> Network::resolve(HostState& from, const std::string& name) const {
  std::string address = canonical(name);
  if (isLoopback(address) || address == kEveryAddress) return {&from, std::move(address)};
  HostState* named = scheduler_.findHost(address);
  if (named == nullptr) named = scheduler_.findHost("");
  return {named, std::move(address)};
}

SimulatedAcceptor* Network::find(const HostState& host, std::uint16_t port,
                                 const std::string& address) const {
  auto found = acceptors_.find(Place{.port = port, .host = host.number, .address = address});
  if (found == acceptors_.end()) {
    found = acceptors_.find(Place{.port = port, .host = host.number, .address = kEveryAddress});
  }
  return found == acceptors_.end() ? nullptr : found->second;
}

bool Network::isTaken(std::uint16_t port) const {
  const auto next = acceptors_.lower_bound(Place{.port = port, .host = 0, .address = ""});
  return next != acceptors_.end() && next->first.port == port;
}

bool Network::conflicts(const Place& place) const {
  const auto next = acceptors_.lower_bound(Place{.port = place.port, .host = place.host, .address = ""});
  if (next == acceptors_.end() || next->first.port != place.port || next->first.host != place.host)
    return false;
  if (place.address == kEveryAddress) return true;
  return acceptors_.contains(place) ||
         acceptors_.contains(Place{.port = place.port, .host = place.host, .address = kEveryAddress});
}

std::uint16_t Network::takeFreePort() {
  for (int tries = 0; tries < kFreePorts; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirstFreePort + next_port_);
    next_port_ = static_cast<std::uint16_t>((next_port_ + 1) % kFreePorts);
    if (!isTaken(port)) return port;
  }
  return 0;
}

NetResult<std::unique_ptr<Acceptor>> Network::listen(HostState& host, const Endpoint& endpoint) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Runtime::listen");
  const auto failure = [&endpoint](NetErrc code, std::string_view reason) {
    return std::unexpected(NetError{code, fmt::format("listen at {}: {}", toString(endpoint), reason)});
  };
  const auto [owner, address] = resolve(host, endpoint.host);
  if (owner != &host) return failure(NetErrc::unreachable, "this is an address of another host");
  Place place{.port = endpoint.port, .host = host.number, .address = address};
  if (place.port == 0) place.port = takeFreePort();
  if (place.port == 0) return failure(NetErrc::limit, "no free port is left");
  if (conflicts(place)) return failure(NetErrc::addressInUse, "address in use");
  return std::make_unique<SimulatedAcceptor>(*this, std::move(place));
}

/// A task that connects.
class Network::Attempt final : public Cancellable {
 public:
  explicit Attempt(Scheduler& scheduler)
      : scheduler_(scheduler), task_(scheduler.current("Runtime::connect")) {}

  void cancel() override {
    const SimulatorSection section;
    cancelled_ = true;
    // Should it wait for a lock instead, on its way here or back, it goes on waiting.
    scheduler_.wake(task_, WakeUp::notified);
  }
  bool cancelled() const { return cancelled_; }

 private:
  Scheduler& scheduler_;
  TaskState& task_;
  bool cancelled_ = false;
};

NetResult<std::unique_ptr<Connection>> Network::connect(HostState& from, const Endpoint& endpoint,
                                                        Instant deadline, Cancellation* cancellation) {
  Attempt attempt(scheduler_);
  const Cancellation::Participation participation(cancellation, attempt);
  return connect(from, endpoint, deadline, attempt);
}

NetResult<std::unique_ptr<Connection>> Network::connect(HostState& from, const Endpoint& endpoint,
                                                        Instant deadline, const Attempt& attempt) {
  const SimulatorSection section;
  scheduler_.begin(Call::blocking, "Runtime::connect");
  const auto [to, address] = resolve(from, endpoint.host);
  const Endpoint server{.host = address, .port = endpoint.port};
  const std::string name = toString(endpoint);
  const WaitPlace place{.doing = "connects to", .name = &name};
  const auto failure = [&name](NetErrc code, std::string_view reason) {
    return std::unexpected(NetError{code, fmt::format("connect to {}: {}", name, reason)});
  };

  const Instant patience = std::min(deadline, scheduler_.now() + kConnectPatience);
  const Instant arrival = scheduler_.now() + drawLatency(profileOf(from, *to));
  WakeUp woken_by = WakeUp::notified;
  if (!attempt.cancelled()) {
    woken_by = scheduler_.wait(place, std::min(arrival, deadline), AtWorldEnd::throws);
    if (woken_by == WakeUp::deadline && deadline < arrival) {
      return failure(NetErrc::timedOut, "the deadline passed");
    }
  }
  while (true) {
    if (attempt.cancelled()) return failure(NetErrc::cancelled, "cancelled");
    if (woken_by == WakeUp::worldEnded) return failure(NetErrc::cancelled, "the simulated world has ended");
    const bool is_answered = to == &from || !(to->vanished || to->isCutOff() || from.isCutOff());
    if (!is_answered) {
      JITRIG_REACHED("simulation: nobody answers a connect");
      woken_by = unanswered_.wait(scheduler_, place, patience, AtWorldEnd::throws);
      if (woken_by == WakeUp::deadline) return failure(NetErrc::timedOut, "nobody answers");
      continue;
    }
    SimulatedAcceptor* acceptor = find(*to, server.port, server.host);
    const bool refuses = to != &from && to->reachability == Reachability::refusing;
    if (acceptor == nullptr || refuses) {
      JITRIG_REACHED("simulation: a connect is refused");
      return failure(NetErrc::refused, "connection refused");
    }
    if (!acceptor->isFull()) {
      const std::uint16_t client_port = takeFreePort();
      if (client_port == 0) return failure(NetErrc::limit, "no free port is left");
      return establish(*acceptor, from, *to, server, client_port);
    }
    JITRIG_REACHED("simulation: a connect waits at a full queue");
    const std::shared_ptr<WaitQueue> queue = acceptor->connecting_;
    woken_by = queue->wait(scheduler_, place, deadline, AtWorldEnd::throws);
    if (woken_by == WakeUp::deadline) return failure(NetErrc::timedOut, "the deadline passed");
  }
}

std::unique_ptr<Connection> Network::establish(SimulatedAcceptor& acceptor, const HostState& from,
                                               const HostState& to, const Endpoint& server,
                                               std::uint16_t client_port) {
  const LinkPath forward = drawPath(from, to);
  const LinkPath backward = drawPath(to, from);
  auto links = std::make_shared<LinkPair>(*this, scheduler_, forward, backward);
  const std::string server_name = toString(server);
  const bool by_name = from.hasName() && !isLoopback(server.host);
  const std::string client_name =
      toString(Endpoint{.host = by_name ? from.name : server.host, .port = client_port});
  scheduler_.events().nameLink(forward.number, client_name, server_name);
  scheduler_.events().nameLink(backward.number, server_name, client_name);
  auto client = std::make_unique<SimulatedConnection>(scheduler_, links, 0, client_name, server_name);
  acceptor.enqueue(std::make_unique<SimulatedConnection>(scheduler_, links, 1, server_name, client_name));
  return client;
}

// ---- Links ------------------------------------------------------------------------------------------------

LinkProfile& Network::profileOf(const HostState& from, const HostState& to) {
  return profiles_.try_emplace({from.number, to.number}, default_profile_).first->second;
}

void Network::setProfile(const HostState& from, const HostState& to, const LinkProfile& profile) {
  profileOf(from, to) = profile;
}

Duration Network::drawLatency(const LinkProfile& profile) {
  const auto spread = static_cast<std::uint64_t>((profile.max_latency - profile.min_latency).count());
  return profile.min_latency + Duration(scheduler_.stream(RandomPurpose::network).below(spread + 1));
}

LinkPath Network::drawPath(const HostState& from, const HostState& to) {
  const LinkProfile& profile = profileOf(from, to);
  const std::size_t spread = profile.max_buffer_bytes - profile.min_buffer_bytes;
  const std::size_t extra = scheduler_.stream(RandomPurpose::network).below(spread + 1);
  return {.number = next_link_number_++,
          .from = &from,
          .to = &to,
          .profile = &profile,
          .capacity_bytes = profile.min_buffer_bytes + extra};
}

LinkPair::LinkPair(Network& its_network, Scheduler& scheduler, const LinkPath& forward,
                   const LinkPath& backward)
    : network(its_network),
      links{Link(scheduler, forward), Link(scheduler, backward)},
      previous(its_network.last_pair_) {
  links[0].setOpposite(links[1]);
  links[1].setOpposite(links[0]);
  (previous == nullptr ? network.first_pair_ : previous->next) = this;
  network.last_pair_ = this;
}

LinkPair::~LinkPair() {
  (previous == nullptr ? network.first_pair_ : previous->next) = next;
  (next == nullptr ? network.last_pair_ : next->previous) = previous;
}

std::size_t Network::connectionCount() const {
  std::size_t count = 0;
  for (const LinkPair* pair = first_pair_; pair != nullptr; pair = pair->next) ++count;
  return count;
}

// ---- What befalls hosts -----------------------------------------------------------------------------------

void Network::crash(HostState& host, HostCrash how) {
  for (auto next = acceptors_.begin(); next != acceptors_.end();) {
    const auto acceptor = next++;
    if (acceptor->first.host != host.number) continue;
    acceptor->second->hostCrashed();
    acceptors_.erase(acceptor);
  }
  for (LinkPair* pair = first_pair_; pair != nullptr; pair = pair->next) {
    for (const std::size_t side : {0U, 1U}) {
      Link& outgoing = pair->links[side];
      if (outgoing.path().from != &host) continue;
      if (outgoing.sender() != nullptr) {
        outgoing.sender()->hostCrashed(how);
      } else if (how == HostCrash::vanishes) {
        pair->links[1 - side].receiverVanishes();
      }
    }
  }
}

void Network::comeBack(HostState& host) {
  for (LinkPair* pair = first_pair_; pair != nullptr; pair = pair->next) {
    for (Link& link : pair->links) {
      if (link.path().to == &host) link.receiverIsBack();
    }
  }
  unanswered_.notifyAll(scheduler_);
}

void Network::setReachability(HostState& host, Reachability reachability) {
  host.reachability = reachability;
  if (host.isCutOff()) return;
  for (LinkPair* pair = first_pair_; pair != nullptr; pair = pair->next) {
    for (Link& link : pair->links) {
      if (link.path().from == &host || link.path().to == &host) link.goOn();
    }
  }
  unanswered_.notifyAll(scheduler_);
}

// ---- Acceptor ---------------------------------------------------------------------------------------------

SimulatedAcceptor::SimulatedAcceptor(Network& network, Place place)
    : network_(network),
      scheduler_(network.scheduler_),
      place_(std::move(place)),
      name_(toString(Endpoint{.host = place_.address, .port = place_.port})),
      connecting_(std::make_shared<WaitQueue>()) {
  network_.acceptors_.emplace(place_, this);
}

SimulatedAcceptor::~SimulatedAcceptor() {
  const SimulatorSection section;
  if (!severed_) network_.acceptors_.erase(place_);
  if (!queue_.empty()) JITRIG_REACHED("simulation: a port is closed before its connections were accepted");
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
    if (severed_) return failure(NetErrc::other, "the host has crashed");
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
  return cancelled_ || severed_ || !queue_.empty();
}

bool SimulatedAcceptor::isFull() const {
  return queue_.size() >= kLongestQueue;
}

void SimulatedAcceptor::enqueue(std::unique_ptr<Connection> connection) {
  releaseTo(this);
  queue_.push_back(std::move(connection));
  notify();
}

void SimulatedAcceptor::hostCrashed() {
  severed_ = true;
  connecting_->notifyAll(scheduler_);
  notify();
}

void SimulatedAcceptor::notify() {
  accepting_.notifyAll(scheduler_);
  if (observer_ != nullptr) observer_->readinessChanged();
}

}  // namespace jitrig::simulation
