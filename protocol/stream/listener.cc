#include "protocol/stream/listener.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/reached.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/handshakes.h"

namespace jitrig {
namespace {

/// How long a port is left alone when the process has run out of descriptors: accepting again at once would
/// spin, because the waiting connection keeps the port ready.
constexpr Duration kRestWhenExhausted = std::chrono::milliseconds(100);

/// Then the other port has its turn: a crowd at the one must not keep health probes from the other.
constexpr int kMaxAcceptedInARow = 64;

/// One open connection, as long as it lives.
class OpenConnectionCount {
 protected:
  explicit OpenConnectionCount(std::shared_ptr<std::atomic<std::size_t>> open) : open_(std::move(open)) {
    open_->fetch_add(1);
  }
  OpenConnectionCount(const OpenConnectionCount&) = delete;
  OpenConnectionCount& operator=(const OpenConnectionCount&) = delete;
  ~OpenConnectionCount() { open_->fetch_sub(1); }

 private:
  std::shared_ptr<std::atomic<std::size_t>> open_;
};

/// Tells the Listener when the connection is gone: the count is the first base, so it outlives the connection
/// in the second and is never lower than the number of descriptors in use.
class CountedByteStream final : private OpenConnectionCount, public ByteStreamDecorator {
 public:
  CountedByteStream(std::unique_ptr<Connection> connection, std::shared_ptr<std::atomic<std::size_t>> open)
      : OpenConnectionCount(std::move(open)),
        ByteStreamDecorator(std::make_unique<ConnectionByteStream>(std::move(connection))) {}
};

}  // namespace

Listener::Listener(Runtime& runtime, const ListenerOptions& options, ConnectionDispatcher& dispatcher)
    : runtime_(runtime),
      dispatcher_(dispatcher),
      max_open_connections_(options.max_open_connections),
      selector_(runtime.makeSelector("listener")) {
  if (!options.tls) return;
  HandshakeOptions handshakes{.tls = options.tls,
                              .timeout = std::chrono::milliseconds(options.handshake_timeout_ms),
                              .max_half_open = options.max_half_open_connections,
                              .grace = std::chrono::milliseconds(options.handshake_grace_ms)};
  handshakes_ = std::make_unique<Handshakes>(runtime, std::move(handshakes), *selector_);
}

NetResult<std::unique_ptr<Listener>> Listener::make(Runtime& runtime, const ListenerOptions& options,
                                                    ConnectionDispatcher& dispatcher) {
  std::unique_ptr<Listener> listener(new Listener(runtime, options, dispatcher));
  auto acceptor = runtime.listen(options.endpoint);
  if (!acceptor) return std::unexpected(acceptor.error());
  listener->acceptor_ = std::move(*acceptor);
  listener->port_ = listener->acceptor_->port();
  if (options.health_port) {
    auto health = runtime.listen({.host = options.endpoint.host, .port = *options.health_port});
    if (!health)
      return std::unexpected(NetError{health.error().code, "health port: " + health.error().detail});
    listener->health_acceptor_ = std::move(*health);
    listener->health_port_ = listener->health_acceptor_->port();
  }
  return listener;
}

Listener::~Listener() {
  stopping_ = true;
  selector_->wake();
  task_.reset();  // joins, and drops what the dispatcher threw
  close();
}

void Listener::start() {
  if (task_ || stopping_) throw std::logic_error("Listener::start: it was started or stopped before");
  task_ = runtime_.spawn("listener", [this] { serveRemoteCompilationRequests(); });
}

void Listener::stop() {
  if (stopping_.exchange(true)) return;
  selector_->wake();
  try {
    if (task_) task_->join();
  } catch (const std::exception&) {  // the dispatcher's
    close();
    throw;
  }
  close();
}

std::size_t Listener::halfOpenConnections() const {
  return handshakes_ ? handshakes_->count() : 0;
}

/// The ports first: a client that comes now is refused, instead of waiting for who stops.
void Listener::close() {
  for (auto* acceptor : {&acceptor_, &health_acceptor_}) {
    if (*acceptor) selector_->remove(**acceptor);
    acceptor->reset();
  }
  if (handshakes_) handshakes_->stop();
}

void Listener::serveRemoteCompilationRequests() {
  selector_->add(*acceptor_);
  if (health_acceptor_) selector_->add(*health_acceptor_);
  Instant rest_until = kNever;
  while (!stopping_) {
    const auto ready = selector_->wait(rest_until);
    if (stopping_) return;
    const bool rested = handOverSecured() || runtime_.now() >= rest_until;
    if (rested) rest_until = kNever;
    for (const auto& [acceptor, health] :
         {std::pair{acceptor_.get(), false}, std::pair{health_acceptor_.get(), true}}) {
      if (acceptor == nullptr || (!rested && std::ranges::find(ready, acceptor) == ready.end())) continue;
      const Instant rest = acceptSome(*acceptor, health);
      if (rest == kAtOnce) {
        selector_->add(*acceptor);
      } else {
        rest_until = std::min(rest_until, rest);
      }
    }
  }
}

Instant Listener::acceptSome(Acceptor& acceptor, bool health) {
  for (int accepted = 0; accepted < kMaxAcceptedInARow && !stopping_; ++accepted) {
    if (handshakes_ && !health) {
      if (const Instant room_at = handshakes_->roomAt(); room_at > runtime_.now()) return room_at;
    }
    auto connection = acceptor.accept(kAtOnce);
    if (!connection) {
      if (connection.error().code == NetErrc::timedOut) return kAtOnce;
      JITRIG_REACHED("listener: a connection cannot be accepted");
      return runtime_.now() + kRestWhenExhausted;
    }
    // A health probe wants to see that somebody accepts; it is closed by going out of scope.
    if (!health) handOver(std::move(*connection));
  }
  return kAtOnce;
}

void Listener::handOver(std::unique_ptr<Connection> connection) {
  if (open_connections_->load() >= max_open_connections_ && !dropOldestHandshake()) {
    JITRIG_REACHED("listener: there are too many connections");
    refused_connections_.fetch_add(1);
    return;
  }
  auto counted = std::make_unique<CountedByteStream>(std::move(connection), open_connections_);
  if (!handshakes_) return dispatcher_.onConnection(std::move(counted));
  if (handshakes_->full()) dropOldestHandshake();
  const std::string name = counted->localName() + " -> " + counted->peerName();
  if (const auto begun = handshakes_->begin(std::move(counted)); !begun) {
    failed_handshakes_.fetch_add(1);
    dispatcher_.onHandshakeFailure(name, begun.error());
  }
}

/// Makes room for one more connection, if it can.
bool Listener::dropOldestHandshake() {
  const auto dropped = handshakes_ ? handshakes_->dropOldest() : std::nullopt;
  if (!dropped) return false;
  JITRIG_REACHED("listener: a handshake is dropped for a newer connection");
  dropped_handshakes_.fetch_add(1);
  dispatcher_.onHandshakeFailure(dropped->name, dropped->stream.error());
  return true;
}

/// Whether any handshake has ended.
bool Listener::handOverSecured() {
  if (!handshakes_) return false;
  auto ended = handshakes_->takeEnded();
  for (auto& outcome : ended) {
    if (outcome.stream) {
      dispatcher_.onConnection(std::move(*outcome.stream));
    } else if (outcome.probe) {
      JITRIG_REACHED("listener: a probe instead of a handshake");
      probes_.fetch_add(1);
    } else {
      failed_handshakes_.fetch_add(1);
      dispatcher_.onHandshakeFailure(outcome.name, outcome.stream.error());
    }
  }
  return !ended.empty();
}

}  // namespace jitrig
