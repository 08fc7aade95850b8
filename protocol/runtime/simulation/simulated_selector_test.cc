#include "protocol/runtime/simulation/simulated_selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/runtime/simulation/world_test_support.h"

namespace jitrig {
namespace {

using namespace std::chrono_literals;
using test::makeConnectedPair;
using test::readUpTo;
using test::writeAll;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SimulatedSelector, ReportsOnceThenNoLongerWatches) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto pair = makeConnectedPair(runtime);
    const auto selector = runtime.makeSelector("selector");
    selector->add(*pair.server);
    selector->add(*pair.server);
    EXPECT_THAT(selector->wait(runtime.now() + 1s), IsEmpty());
    ASSERT_TRUE(writeAll(*pair.client, "x"));
    EXPECT_THAT(selector->wait(kNever), ElementsAre(pair.server.get()));
    EXPECT_THAT(selector->wait(runtime.now() + 1s), IsEmpty());
    selector->add(*pair.server);  // ready when it is added
    EXPECT_THAT(selector->wait(kAtOnce), ElementsAre(pair.server.get()));
  });
}

TEST(SimulatedSelector, EndOfFileResetAndCancelAreReadiness) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto closed = makeConnectedPair(runtime);
    const auto broken = makeConnectedPair(runtime);
    const auto cancelled = makeConnectedPair(runtime);
    const auto selector = runtime.makeSelector("selector");
    for (Connection* connection : {closed.server.get(), broken.server.get(), cancelled.server.get()}) {
      selector->add(*connection);
    }
    ASSERT_TRUE(closed.client->closeWrite());
    broken.client->reset();
    cancelled.server->cancel();
    runtime.sleepUntil(runtime.now() + 1s);
    EXPECT_THAT(selector->wait(kNever),
                ElementsAre(closed.server.get(), broken.server.get(), cancelled.server.get()));
  });
}

TEST(SimulatedSelector, WakeEndsThePresentOrTheNextWait) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    const auto selector = runtime.makeSelector("selector");
    selector->wake();
    EXPECT_THAT(selector->wait(kNever), IsEmpty());
    const auto waker = runtime.spawn("waker", [&] {
      runtime.sleepUntil(Instant{} + 1s);
      selector->wake();
    });
    EXPECT_THAT(selector->wait(kNever), IsEmpty());
    EXPECT_EQ(runtime.now(), Instant{} + 1s);
    EXPECT_THAT(selector->wait(runtime.now() + 1s), IsEmpty());
  });
}

TEST(SimulatedSelector, WhatIsRemovedIsNotReported) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    auto pair = makeConnectedPair(runtime);
    const auto selector = runtime.makeSelector("selector");
    selector->add(*pair.server);
    ASSERT_TRUE(writeAll(*pair.client, "x"));
    runtime.sleepUntil(runtime.now() + 1s);
    selector->remove(*pair.server);
    selector->remove(*pair.server);
    pair.server.reset();
    EXPECT_THAT(selector->wait(runtime.now() + 1s), IsEmpty());
  });
}

TEST(SimulatedSelector, WatchesAcceptorsAndPipesToo) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    runtime.runOrThrow([&] {
      const auto acceptor = runtime.listen({.port = 38400}).value();
      const auto pipe = runtime.makePipe("pipe");
      const auto selector = runtime.makeSelector("selector");
      selector->add(*acceptor);
      selector->add(*pipe.second);
      const auto client = runtime.spawn("client", [&] {
        EXPECT_TRUE(runtime.connect({.port = 38400}, kNever));
        EXPECT_TRUE(writeAll(*pipe.first, "x"));
      });
      std::vector<Waitable*> ready;
      while (ready.size() < 2) {
        for (Waitable* waitable : selector->wait(kNever)) ready.push_back(waitable);
      }
      EXPECT_THAT(ready, ElementsAre(acceptor.get(), pipe.second.get()));
      EXPECT_EQ(readUpTo(*pipe.second, 1), "x");
    });
  }
}

// Forty connections served by one task, parked between their messages.
TEST(SimulatedSelector, ServesManyConnectionsWithOneTask) {
  constexpr int kClients = 40;
  constexpr int kRounds = 5;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedRuntime runtime(SimulationOptions{.seed = seed});
    std::map<std::string, int> served;
    runtime.runOrThrow([&] {
      const auto acceptor = runtime.listen({.port = 38400}).value();
      const auto selector = runtime.makeSelector("parked");
      std::vector<std::unique_ptr<Task>> clients;
      for (int number = 0; number < kClients; ++number) {
        clients.push_back(runtime.spawn("client", [&runtime, number] {
          const auto connection = runtime.connect({.port = 38400}, kNever).value();
          const std::string text(1, static_cast<char>('A' + number));
          for (int round = 0; round < kRounds; ++round) {
            ASSERT_TRUE(writeAll(*connection, text));
            ASSERT_EQ(readUpTo(*connection, 1), text);
          }
        }));
      }
      std::map<Waitable*, std::unique_ptr<Connection>> connections;
      selector->add(*acceptor);
      for (int gone = 0; gone < kClients;) {
        for (Waitable* waitable : selector->wait(kNever)) {
          if (waitable == acceptor.get()) {
            auto connection = acceptor->accept(kAtOnce).value();
            selector->add(*connection);
            connections[connection.get()] = std::move(connection);
          } else {
            const auto text = test::readOnce(*connections[waitable], kAtOnce);
            if (!text) {
              connections.erase(waitable);
              ++gone;
              continue;
            }
            ++served[*text];
            ASSERT_TRUE(writeAll(*connections[waitable], *text));
          }
          selector->add(*waitable);
        }
      }
    });
    EXPECT_EQ(served.size(), static_cast<std::size_t>(kClients));
    for (const auto& [text, count] : served) EXPECT_EQ(count, kRounds) << text;
  }
}

TEST(SimulatedSelector, RefusesAStranger) {
  class Stranger final : public Waitable {
   public:
    const std::string& name() const override { return name_; }

   private:
    std::string name_ = "stranger";
  };
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    Stranger stranger;
    const auto selector = runtime.makeSelector("selector");
    EXPECT_THROW(selector->add(stranger), std::logic_error);
  });
}

}  // namespace
}  // namespace jitrig
