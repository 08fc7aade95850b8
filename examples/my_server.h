#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/stream/listener.h"
#include "protocol/stream/server_stream.h"

namespace my {

/// Your code: a compile server as small as one can be. It asks one question per compilation.
///
/// It takes its port, its tasks and its clock from a jitrig::Runtime. In production that would be an
/// OperatingSystemRuntime (threads and sockets); the tests use a SimulatedRuntime.
class Server final : public jitrig::ConnectionDispatcher {
 public:
  Server(jitrig::Runtime& runtime, std::shared_ptr<const jitrig::Dialect> dialect);
  ~Server() override;

  std::uint16_t port() const { return listener_->port(); }
  int clientsLost() const { return clients_lost_; }

 private:
  void onConnection(std::unique_ptr<jitrig::ByteStream> bytes) override;
  void serve(jitrig::ServerStream& stream);
  void compile(jitrig::ServerStream& stream);

  jitrig::Runtime& runtime_;
  std::shared_ptr<const jitrig::Dialect> dialect_;
  std::atomic<int> clients_lost_ = 0;
  std::vector<std::unique_ptr<jitrig::Task>> connections_;
  std::unique_ptr<jitrig::Listener> listener_;
};

}  // namespace my
