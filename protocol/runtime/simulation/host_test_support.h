#pragma once

// Two hosts of a simulated world, for the tests of what happens to hosts.

#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "protocol/runtime/simulation/simulated_host.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig::test {

/// A connection from host "client" to port 38400 of host "server".
struct TwoHosts {
  explicit TwoHosts(SimulatedRuntime& runtime)
      : client(runtime.host("client")),
        server(runtime.host("server")),
        acceptor(server.runtime().listen({.host = "server", .port = 38400}).value()),
        at_client(client.runtime().connect({.host = "server", .port = 38400}, kNever).value()),
        at_server(acceptor->accept(kNever).value()) {}

  SimulatedHost& client;
  SimulatedHost& server;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<Connection> at_client;
  std::unique_ptr<Connection> at_server;
};

/// Runs the body in worlds of several seeds.
class HostTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  void run(const std::function<void(SimulatedRuntime&)>& body) {
    SimulatedRuntime runtime(SimulationOptions{.seed = GetParam()});
    runtime.runOrThrow([&] { body(runtime); });
  }
};

}  // namespace jitrig::test
