#include "protocol/stream/listener.h"

#include <algorithm>
#include <utility>

namespace jitrig {
namespace {

/// How long a port is left alone when the process has run out of descriptors: accepting again at once would
/// spin, because the waiting connection keeps the port ready.
constexpr Duration kRestWhenExhausted = std::chrono::milliseconds(100);

/// Tells the Listener when the connection is gone.
class CountedByteStream final : public ByteStream {
 public:
  CountedByteStream(std::unique_ptr<Connection> connection, std::shared_ptr<std::atomic<std::size_t>> open)
      : stream_(std::move(connection)), open_(std::move(open)) {
    open_->fetch_add(1);
  }
  ~CountedByteStream() override { open_->fetch_sub(1); }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return stream_.readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return stream_.writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override { return stream_.closeWrite(); }
  void reset() override { stream_.reset(); }
  void cancel() override { stream_.cancel(); }
  std::size_t buffered() const override { return stream_.buffered(); }
  Waitable& waitable() override { return stream_.waitable(); }
  std::string localName() const override { return stream_.localName(); }
  std::string peerName() const override { return stream_.peerName(); }

 private:
  ConnectionByteStream stream_;
  std::shared_ptr<std::atomic<std::size_t>> open_;
};

}  // namespace

Listener::Listener(Runtime& runtime, const ListenerOptions& options, ConnectionDispatcher& dispatcher)
    : runtime_(runtime),
      dispatcher_(dispatcher),
      max_open_connections_(options.max_open_connections),
      selector_(runtime.makeSelector("listener")) {}

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
  stop();
}

void Listener::start() {
  task_ = runtime_.spawn("listener", [this] { serveRemoteCompilationRequests(); });
}

void Listener::stop() {
  if (stopping_.exchange(true)) return;
  selector_->wake();
  if (task_) task_->join();
  for (auto* acceptor : {&acceptor_, &health_acceptor_}) {
    if (*acceptor) selector_->remove(**acceptor);
    acceptor->reset();
  }
}

void Listener::serveRemoteCompilationRequests() {
  selector_->add(*acceptor_);
  if (health_acceptor_) selector_->add(*health_acceptor_);
  Instant rest_until = kNever;
  while (!stopping_) {
    const auto ready = selector_->wait(rest_until);
    if (stopping_) return;
    const bool rested = runtime_.now() >= rest_until;
    if (rested) rest_until = kNever;
    for (const auto& [acceptor, health] :
         {std::pair{acceptor_.get(), false}, std::pair{health_acceptor_.get(), true}}) {
      if (acceptor == nullptr || (!rested && std::ranges::find(ready, acceptor) == ready.end())) continue;
      if (acceptAll(*acceptor, health)) {
        selector_->add(*acceptor);
      } else {
        rest_until = runtime_.now() + kRestWhenExhausted;
      }
    }
  }
}

bool Listener::acceptAll(Acceptor& acceptor, bool health) {
  while (!stopping_) {
    auto connection = acceptor.accept(kAtOnce);
    if (!connection) return connection.error().code == NetErrc::timedOut;
    // A health probe wants to see that somebody accepts; it is closed by going out of scope.
    if (!health) handOver(std::move(*connection));
  }
  return true;
}

void Listener::handOver(std::unique_ptr<Connection> connection) {
  if (open_connections_->load() >= max_open_connections_) {
    refused_connections_.fetch_add(1);
    return;
  }
  dispatcher_.onConnection(std::make_unique<CountedByteStream>(std::move(connection), open_connections_));
}

}  // namespace jitrig
