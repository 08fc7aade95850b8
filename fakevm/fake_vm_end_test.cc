// How a fake VM ends: stop() in the middle of connecting or of a TLS handshake, and goodbyes that nobody
// takes.

#include <array>
#include <chrono>
#include <cstddef>

#include "fakevm/fake_vm.h"
#include "fakevm/scripted_server_test_support.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/certificates/localhost_tls_test_support.h"

namespace jitrig::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::NiceMock;

/// Takes one connection, tells of it, and says nothing until the client has gone.
class SilentServer {
 public:
  explicit SilentServer(Runtime& runtime)
      : acceptor_(runtime.listen({"127.0.0.1", 0}).value()),
        mutex_(runtime.makeMutex("silent server")),
        changed_(runtime.makeCondition("silent server")),
        task_(runtime.spawn("silent server", [this] { serve(); })) {}

  Endpoint endpoint() const { return {"127.0.0.1", acceptor_->port()}; }

  void waitForClient() {
    Lock lock(*mutex_);
    changed_->wait(lock, kNever, [this] { return met_; });
  }
  void join() { task_->join(); }

 private:
  void serve() {
    const auto connection = acceptor_->accept(kNever);
    std::array<std::byte, 512> bytes{};
    while (connection && (*connection)->readSome(bytes, kNever)) {
      const Lock lock(*mutex_);
      met_ = true;
      changed_->notifyAll();
    }
  }

  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  bool met_ = false;
  std::unique_ptr<Task> task_;
};

class FakeVMEnd : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, FakeVMEnd, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

/// Without it the test would hang: nothing here has a timeout.
TEST_P(FakeVMEnd, StopBreaksAHandshake) {
  GetParam().run([](Runtime& runtime) {
    SilentServer server(runtime);
    FakeVMOptions options;
    options.dialect = headDialect();
    options.server = server.endpoint();
    options.tls = testClientTls(runtime);
    options.stream.timeout_ms = 86'400'000;
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM vm(runtime, std::move(options), frontend, observer);
    FakeVMSummary summary;
    const auto task = runtime.spawn("vm", [&] { summary = vm.run(); });
    server.waitForClient();  // its first flight has come
    vm.stop();
    task->join();
    server.join();
    EXPECT_EQ(summary.connections, 0U);
    EXPECT_EQ(summary.local, 1U);
    EXPECT_THAT(summary.last_connect_error, HasSubstr("cancelled"));
  });
}

/// A world with a VM at a server that is there from the beginning, and is cut off at some time.
class CutOffWorld {
 public:
  explicit CutOffWorld(std::uint64_t seed) : world_({.seed = seed}) {
    options_.dialect = headDialect();
    options_.server = {"server", 38400};
  }

  FakeVMOptions& options() { return options_; }

  /// `direct` is called with the VM while it runs. When its run() was over.
  Instant run(std::move_only_function<void(SimulatedRuntime&, FakeVM&)> direct) {
    Instant ended;
    world_.runOrThrow([&] {
      DefaultFrontend frontend(headDialect());
      NiceMock<MockFakeVMObserver> observer;
      FakeVM vm(world_.onHost("client"), options_, frontend, observer);
      const auto acceptor = world_.onHost("server").listen({"server", 38400}).value();
      const auto server = world_.onHost("server").spawn("server", [&] { serve(*acceptor); });
      const auto task = world_.onHost("client").spawn("vm", [&] {
        summary = vm.run();
        ended = world_.now();
      });
      direct(world_, vm);
      task->join();
      acceptor->cancel();
      server->join();
    });
    return ended;
  }

  FakeVMSummary summary;

 private:
  /// Code for each request, one connection after the other.
  void serve(Acceptor& acceptor) {
    while (auto connection = acceptor.accept(kNever)) {
      ServerStream stream(world_, std::make_unique<ConnectionByteStream>(std::move(*connection)),
                          headDialect(), {});
      try {
        while (true) {
          stream.readCompileRequestMessage();
          stream.finishCompilation(requestValues("compilationCode"));
        }
      } catch (const StreamException&) {  // it has gone
      }
    }
  }

  SimulatedRuntime world_;
  FakeVMOptions options_;
};

Instant after(std::int64_t time_ms) {
  return Instant{} + milliseconds(time_ms);
}

TEST(FakeVMEndSimulated, StopBreaksAConnect) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CutOffWorld cut_off(seed);
    const Instant ended = cut_off.run([](SimulatedRuntime& world, FakeVM& vm) {
      world.host("server").setReachability(Reachability::lost);
      world.sleepUntil(after(100));
      vm.stop();
    });
    EXPECT_EQ(ended, after(100)) << "seed " << seed;
    EXPECT_EQ(cut_off.summary.connections, 0U);
    EXPECT_THAT(cut_off.summary.last_connect_error, HasSubstr("cancelled"));
  }
}

TEST(FakeVMEndSimulated, NobodyIsThereForTheLastGoodbye) {
  for (const std::int64_t goodbye_timeout_ms : {1, 700, 5'000}) {
    CutOffWorld cut_off(1);
    cut_off.options().compilations = 1;
    cut_off.options().goodbye_timeout_ms = goodbye_timeout_ms;
    Instant cut;
    cut_off.options().server_at = [asked = 0]() mutable -> Endpoint {
      return {++asked == 1 ? "server" : "nowhere", 38400};
    };
    const Instant ended = cut_off.run([&](SimulatedRuntime& world, FakeVM&) {
      world.host("nowhere").setReachability(Reachability::lost);
      cut = world.now();
    });
    EXPECT_GE(ended - cut, milliseconds(goodbye_timeout_ms));
    EXPECT_LE(ended - cut, milliseconds(goodbye_timeout_ms + 20));
    EXPECT_EQ(cut_off.summary.compiled, 1U);
    EXPECT_EQ(cut_off.summary.connections, 1U);
  }
}

}  // namespace
}  // namespace jitrig::test
