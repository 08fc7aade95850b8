#pragma once

// What the tests of the Listener share, plain and over TLS.

#include <deque>
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
