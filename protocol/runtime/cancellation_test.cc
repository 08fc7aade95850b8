#include "protocol/runtime/cancellation.h"

#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>

#include "protocol/runtime/conformance_test.h"
#include "protocol/runtime/os/descriptor.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig {
namespace {

class CancellationConformance : public OnRuntime {};

struct Counting final : Cancellable {
  void cancel() override { ++cancelled; }
  int cancelled = 0;
};

TEST_P(CancellationConformance, WhoTakesPartIsCancelledOnce) {
  run([](Runtime& runtime) {
    Cancellation cancellation(runtime);
    Counting early;
    Counting present;
    Counting late;
    {
      const Cancellation::Participation before(&cancellation, early);
    }
    {
      const Cancellation::Participation during(&cancellation, present);
      cancellation.cancel();
    }
    {
      const Cancellation::Participation after(&cancellation, late);
    }
    EXPECT_EQ(early.cancelled, 0);
    EXPECT_EQ(present.cancelled, 1);
    EXPECT_EQ(late.cancelled, 1);
  });
}

TEST_P(CancellationConformance, NothingIsConnectedAfterwards) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    Cancellation cancellation(runtime);
    const Endpoint server{"127.0.0.1", acceptor->port()};
    EXPECT_TRUE(runtime.connect(server, runtime.now() + kTestPatience, &cancellation).has_value());
    cancellation.cancel();
    const auto refused = runtime.connect(server, runtime.now() + kTestPatience, &cancellation);
    EXPECT_EQ(errorOf(refused), NetErrc::cancelled);
    EXPECT_THAT(refused.error().detail, testing::HasSubstr("cancelled"));
  });
}

INSTANTIATE_TEST_SUITE_P(, CancellationConformance, testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST(SimulatedCancellation, AConnectThatNobodyAnswersEndsAtOnce) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedRuntime world({.seed = seed});
    NetErrc end = NetErrc::other;
    Instant ended;
    world.runOrThrow([&] {
      world.host("server").setReachability(Reachability::lost);
      Cancellation cancellation(world);
      const auto task = world.spawn("client", [&] {
        end = errorOf(world.onHost("client").connect({"server", 38400}, kNever, &cancellation));
        ended = world.now();
      });
      world.sleepUntil(Instant{} + std::chrono::seconds(5));
      cancellation.cancel();
      task->join();
    });
    EXPECT_EQ(end, NetErrc::cancelled) << "seed " << seed;
    EXPECT_EQ(ended, Instant{} + std::chrono::seconds(5)) << "seed " << seed;
  }
}

/// A port that takes two connections and is silent to all others, as Linux does it.
class FullPort {
 public:
  FullPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const bool listens = bind(socket_.number(), any, size) == 0 && ::listen(socket_.number(), 0) == 0 &&
                         getsockname(socket_.number(), any, &size) == 0;
    if (!listens) throw std::runtime_error("no port to listen on");
    port_ = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return port_; }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

TEST(SystemCancellation, AConnectThatNobodyAnswersEnds) {
  const FullPort full;
  OperatingSystemRuntime runtime;
  Cancellation cancellation(runtime);
  std::atomic<int> ended{0};
  std::atomic<int> otherwise{0};
  std::vector<std::unique_ptr<Connection>> connections(4);
  std::vector<std::unique_ptr<Task>> tasks;
  for (auto& connection : connections) {
    tasks.push_back(runtime.spawn("client", [&] {
      auto made = runtime.connect({"127.0.0.1", full.port()}, kNever, &cancellation);
      if (made) {
        connection = std::move(*made);
      } else if (made.error().code != NetErrc::cancelled) {
        ++otherwise;
      }
      ++ended;
    }));
  }
  letOthersWait(runtime);
  cancellation.cancel();
  for (const auto& task : tasks) task->join();
  EXPECT_EQ(ended.load(), 4);
  EXPECT_EQ(otherwise.load(), 0);
}

}  // namespace
}  // namespace jitrig
