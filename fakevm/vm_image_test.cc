#include "fakevm/vm_image.h"

#include "fakevm/fake_vm.h"
#include "fakevm/scripted_server_test_support.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::test {
namespace {

using ::testing::NiceMock;

FakeVMOptions localOptions() {
  FakeVMOptions options;
  options.dialect = headDialect();
  options.compilations = 10;
  options.interval_ms = 100;
  options.life = {.life = ClientLife::asReal, .suppress_remote = true};
  return options;
}

/// Runs it, and has it checkpointed at that time. Its image.
VMImage runUntil(SimulatedRuntime& world, FakeVMOptions options, std::int64_t checkpoint_ms,
                 FakeVMSummary& summary) {
  DefaultFrontend frontend(headDialect());
  NiceMock<MockFakeVMObserver> observer;
  FakeVM vm(world, std::move(options), frontend, observer);
  const Instant at = world.now() + std::chrono::milliseconds(checkpoint_ms);
  const auto task = world.spawn("vm", [&] { summary = vm.run(); });
  world.sleepUntil(at);
  vm.checkpoint();
  task->join();
  EXPECT_EQ(world.now(), at) << "nothing was in progress";
  return vm.image();
}

TEST(VMImage, ARestoredVMGoesOnWithTheNextMethodAndAnotherUid) {
  SimulatedRuntime world;
  world.runOrThrow([&] {
    FakeVMOptions options = localOptions();
    options.client_uid = 42;
    FakeVMSummary before;
    const VMImage image = runUntil(world, options, 350, before);
    EXPECT_EQ(before.local, 4U);
    EXPECT_EQ(image.client_uid, 42U);
    EXPECT_EQ(image.next_method, 4U);

    options.image = image;
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM restored(world, options, frontend, observer);
    FakeVM another(world, options, frontend, observer);
    EXPECT_NE(restored.clientUid(), 42U);
    EXPECT_NE(restored.clientUid(), 0U);
    EXPECT_NE(restored.clientUid(), another.clientUid());
    EXPECT_EQ(restored.run().local, 6U);
  });
}

TEST(VMImage, OfAVMThatHasCompiledEverythingNothingIsLeft) {
  SimulatedRuntime world;
  world.runOrThrow([&] {
    FakeVMOptions options = localOptions();
    FakeVMSummary before;
    options.interval_ms = 0;
    options.image = runUntil(world, options, 100, before);
    EXPECT_EQ(before.local, 10U);
    FakeVMSummary after;
    runUntil(world, options, 100, after);
    EXPECT_EQ(after.local, 0U);
  });
}

/// Who is to ask no server does not ask for the map of its AOT cache either.
TEST(VMImage, WithoutRemoteCompilationNothingConnects) {
  SimulatedRuntime world;
  world.runOrThrow([&] {
    FakeVMOptions options = localOptions();
    options.aot = {.load = true, .store = true, .map = true};
    std::uint64_t connects = 0;
    options.connect = [&connects]() -> std::unique_ptr<ByteStream> {
      ++connects;
      throw StreamFailure(StreamFailure::Cause::connect, "nobody is there");
    };
    FakeVMSummary summary;
    runUntil(world, options, 350, summary);
    EXPECT_EQ(connects, 0U);
    EXPECT_EQ(summary.local, 4U);
  });
}

}  // namespace
}  // namespace jitrig::test
