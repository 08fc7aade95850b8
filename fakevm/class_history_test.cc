#include "fakevm/class_history.h"

#include <array>
#include <cstring>
#include <set>

#include "fakevm/scripted_server_test_support.h"
#include "protocol/catalogue/catalogue.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ClassHistory, WithoutEventsNothingIsToBeTold) {
  ClassHistory classes({});
  for (std::uint64_t number = 0; number < 100; ++number) EXPECT_FALSE(classes.methodComesUp(number));
  EXPECT_TRUE(classes.take().empty());
}

TEST(ClassHistory, EachEventComesWithItsMethods) {
  ClassHistory classes({.unloads_every = 2, .redefines_every = 5, .extends_every = 3, .modifies_every = 4});
  std::vector<std::uint64_t> upheavals;
  for (std::uint64_t number = 0; number < 6; ++number) {
    if (classes.methodComesUp(number)) upheavals.push_back(number);
  }
  EXPECT_THAT(upheavals, ElementsAre(1, 3, 4, 5));
  const ClassChanges changes = classes.take();
  const World world;
  EXPECT_THAT(changes.unloaded_classes,
              ElementsAre(world.method(1).class_address, world.method(3).class_address,
                          ClassChanges::kEverything, world.method(5).class_address));
  EXPECT_THAT(changes.modified_classes, ElementsAre(world.method(3).class_address));
  EXPECT_THAT(changes.class_hierarchy_removals, SizeIs(3 * sizeof(std::uint64_t)));
  EXPECT_THAT(changes.class_hierarchy_changes, SizeIs(2 * 2 * sizeof(std::uint64_t)));
}

TEST(ClassHistory, WhatWasTakenIsToldOnce) {
  ClassHistory classes({.unloads_every = 1});
  classes.methodComesUp(0);
  EXPECT_FALSE(classes.take().empty());
  EXPECT_TRUE(classes.take().empty());
}

/// Every release has its lists where the catalogue says.
TEST(ClassChanges, FitTheRequestsOfEveryRelease) {
  const ClassChanges changes{.unloaded_classes = {0x1000, ClassChanges::kEverything},
                             .modified_classes = {0x2000},
                             .class_hierarchy_removals = "removed",
                             .class_hierarchy_changes = "changed"};
  for (const std::string& release : Catalogue::builtIn().releases()) {
    const auto table = Catalogue::builtIn().table(release, Build::openjdk).value();
    const auto dialect = Dialect::make(table, table->release().defaultVersion()).value();
    const auto request = DefaultFrontend(dialect).beginCompilation(0)->compilationRequest(
        {.client_uid = 1, .sequence_number = 2, .changes = changes});
    const auto misfit =
        checkDataPoints(request, *dialect->table->find(dialect->compilation_request)->request);
    EXPECT_FALSE(misfit) << release << ": " << toString(*misfit);
  }
}

TEST(ClassChanges, StandInTheRequestOfHead) {
  const ClassChanges changes{.unloaded_classes = {0x1000, 0x3000},
                             .modified_classes = {0x2000},
                             .class_hierarchy_removals = "removed",
                             .class_hierarchy_changes = "changed"};
  std::vector<Value> request = requestValues("compilationRequest");
  setClassChanges(*headDialect(), request, changes);
  const auto* unloaded = request[8].get<Value::SimpleVector>();
  ASSERT_NE(unloaded, nullptr);
  std::array<std::uint64_t, 2> addresses{};
  ASSERT_EQ(unloaded->bytes.size(), sizeof addresses);
  std::memcpy(addresses.data(), unloaded->bytes.data(), sizeof addresses);
  EXPECT_THAT(addresses, ElementsAre(0x1000, 0x3000));
  EXPECT_NE(request[9].get<Value::SimpleVector>(), nullptr);
  EXPECT_EQ(request[13], Value(Value::String{"removed"}));
  EXPECT_EQ(request[14], Value(Value::String{"changed"}));
}

/// What a client with class events says to a server that compiles everything.
struct ToldClasses {
  std::vector<std::uint32_t> sequence_numbers;
  std::vector<std::uint32_t> critical_numbers;
  std::vector<bool> tell_of_unloaded_classes;
};

TEST(FakeVMClassEvents, ACriticalRequestIsWhatLaterOnesName) {
  for (const RuntimeUnderTest& each : allRuntimes()) {
    ToldClasses told;
    each.run([&](Runtime& runtime) {
      auto [near, far] = runtime.makePipe("pipe");
      const auto server = runtime.spawn("server", [&told, &runtime, end = std::move(far)]() mutable {
        ServerStream stream(runtime, overPipe(std::move(end)), headDialect(), {});
        try {
          while (true) {
            const auto values = toValues(stream.readCompileRequestMessage());
            told.sequence_numbers.push_back(*values[1].get<std::uint32_t>());
            told.critical_numbers.push_back(*values[2].get<std::uint32_t>());
            told.tell_of_unloaded_classes.push_back(values[8].type() == DataType::SIMPLE_VECTOR);
            stream.finishCompilation(requestValues("compilationCode"));
          }
        } catch (const StreamException&) {
          return;  // the client has said goodbye
        }
      });
      FakeVMOptions options;
      options.dialect = headDialect();
      options.compilations = 7;
      options.class_events.unloads_every = 3;
      options.connect = [end = std::make_shared<std::unique_ptr<Connection>>(std::move(near))] {
        if (!*end) throw StreamFailure(StreamFailure::Cause::connect, "one connection is enough");
        return overPipe(std::move(*end));
      };
      DefaultFrontend frontend(headDialect());
      ::testing::NiceMock<MockFakeVMObserver> observer;
      const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
      server->join();
      EXPECT_EQ(summary.compiled, 7U);
    });
    EXPECT_THAT(told.sequence_numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7));
    EXPECT_THAT(told.tell_of_unloaded_classes, ElementsAre(false, false, true, false, false, true, false))
        << each.name;
    EXPECT_THAT(told.critical_numbers, ElementsAre(0, 0, 0, 3, 3, 3, 6)) << each.name;
  }
}

}  // namespace
}  // namespace jitrig::test
