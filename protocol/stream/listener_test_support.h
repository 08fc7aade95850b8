#pragma once

// What the tests of the Listener share, plain and over TLS.

#include <cstdint>
#include <deque>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "protocol/stream/conversation_test.h"
#include "protocol/stream/listener.h"

namespace jitrig {

struct HandshakeFailure {
  std::string name;
  NetError error;
};

/// Keeps what it is given until it is asked for.
class Reception : public ConnectionDispatcher {
 public:
  explicit Reception(Runtime& runtime)
      : runtime_(runtime),
        mutex_(runtime.makeMutex("reception")),
        arrived_(runtime.makeCondition("a connection, or a failure")) {}

  void onConnection(std::unique_ptr<ByteStream> stream) override {
    const Lock lock(*mutex_);
    streams_.push_back(std::move(stream));
    arrived_->notifyAll();
  }

  void onHandshakeFailure(const std::string& name, const NetError& error) override {
    const Lock lock(*mutex_);
    failures_.push_back({name, error});
    arrived_->notifyAll();
  }

  std::unique_ptr<ByteStream> next() { return take(streams_, "no connection was handed over"); }
  HandshakeFailure nextFailure() { return take(failures_, "no failed handshake was told"); }

  std::size_t waiting() {
    const Lock lock(*mutex_);
    return streams_.size();
  }

  std::size_t failures() {
    const Lock lock(*mutex_);
    return failures_.size();
  }

 private:
  template <class T>
  T take(std::deque<T>& queue, const char* otherwise) {
    Lock lock(*mutex_);
    if (!arrived_->wait(lock, patience(runtime_), [&] { return !queue.empty(); })) {
      throw std::runtime_error(otherwise);
    }
    T taken = std::move(queue.front());
    queue.pop_front();
    return taken;
  }

  Runtime& runtime_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> arrived_;
  std::deque<std::unique_ptr<ByteStream>> streams_;
  std::deque<HandshakeFailure> failures_;
};

/// Does what the given Runtime does. A test derives from it and overrides what is to go wrong.
class ForwardingRuntime : public Runtime {
 public:
  explicit ForwardingRuntime(Runtime& runtime) : runtime_(runtime) {}

  Instant now() override { return runtime_.now(); }
  void sleepUntil(Instant instant) override { runtime_.sleepUntil(instant); }
  std::uint64_t random(RandomPurpose purpose) override { return runtime_.random(purpose); }
  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override {
    return runtime_.spawn(std::move(name), std::move(body));
  }
  std::unique_ptr<Mutex> makeMutex(std::string name) override { return runtime_.makeMutex(std::move(name)); }
  std::unique_ptr<Condition> makeCondition(std::string name) override {
    return runtime_.makeCondition(std::move(name));
  }
  std::unique_ptr<Selector> makeSelector(std::string name) override {
    return runtime_.makeSelector(std::move(name));
  }
  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint& endpoint) override {
    return runtime_.listen(endpoint);
  }
  using Runtime::connect;
  NetResult<std::unique_ptr<Connection>> connect(const Endpoint& endpoint, Instant deadline,
                                                 Cancellation* cancellation) override {
    return runtime_.connect(endpoint, deadline, cancellation);
  }
  std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(std::string name) override {
    return runtime_.makePipe(std::move(name));
  }
  void offload(std::move_only_function<void()> call) override { runtime_.offload(std::move(call)); }
  std::shared_ptr<void>& taskLocal(std::size_t slot) override { return runtime_.taskLocal(slot); }
  std::string taskName() override { return runtime_.taskName(); }

 private:
  Runtime& runtime_;
};

inline ListenerOptions anyPorts() {
  ListenerOptions options;
  options.endpoint.port = 0;
  options.health_port = 0;
  return options;
}

inline std::unique_ptr<Listener> listening(Runtime& runtime, ConnectionDispatcher& dispatcher,
                                           const ListenerOptions& options = anyPorts()) {
  auto listener = valueOrThrow(Listener::make(runtime, options, dispatcher));
  listener->start();
  return listener;
}

inline std::unique_ptr<Connection> connectTo(Runtime& runtime, std::uint16_t port) {
  return valueOrThrow(runtime.connect({"127.0.0.1", port}, patience(runtime)));
}

/// Works for a Connection and for a ByteStream.
template <class Stream>
NetErrc endOf(Runtime& runtime, Stream& stream) {
  std::byte byte{};
  const auto count = stream.readSome(std::span(&byte, 1), patience(runtime));
  if (count) throw std::runtime_error("received a byte, expected the end");
  return count.error().code;
}

template <class Stream>
void expectToTalk(Runtime& runtime, Stream& client, ByteStream& server) {
  valueOrThrow(client.writeSome(bytesOf("?"), patience(runtime)));
  EXPECT_EQ(readExactly(runtime, server, 1)[0], std::byte{'?'});
  valueOrThrow(server.writeSome(bytesOf("!"), patience(runtime)));
  std::byte byte{};
  valueOrThrow(client.readSome(std::span(&byte, 1), patience(runtime)));
  EXPECT_EQ(byte, std::byte{'!'});
}

}  // namespace jitrig
