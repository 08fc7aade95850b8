#include <set>

#include "protocol/catalogue/remote_pointer.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/listener.h"

// Whole conversations in worlds of many seeds: always the same messages, and the same run for the same seed.

namespace jitrig {
namespace {

/// Serves each connection in a task of its own until it ends.
class EchoingServer final : public ConnectionDispatcher {
 public:
  explicit EchoingServer(Runtime& runtime) : runtime_(runtime) {}

  void onConnection(std::unique_ptr<ByteStream> bytes) override {
    tasks_.push_back(runtime_.spawn("compilation thread", [this, stream = std::move(bytes)]() mutable {
      ServerStream server(runtime_, std::move(stream), headDialect(), {});
      server.countInto(counters_);
      try {
        while (true) compile(server);
      } catch (const StreamConnectionTerminate&) {
        return;
      }
    }));
  }

  /// Waits until all clients have gone; rethrows what went wrong with one. Returns the number of messages
  /// that they sent. After the Listener has stopped.
  std::uint64_t finish() {
    for (const auto& task : tasks_) task->join();
    return counters_.received;
  }

 private:
  static void compile(ServerStream& server) {
    const auto [uid, count] = server.readCompileRequest<std::uint64_t, std::uint32_t>();
    std::uint64_t sum = 0;
    for (std::uint32_t query = 0; query < count; ++query) {
      server.write(numberOf("VM_getMethods"), RemotePointer{query});
      sum += std::get<0>(server.read<std::string>()).size();
    }
    server.finishCompilation(uid, sum);
  }

  Runtime& runtime_;
  MessageCounters counters_;
  std::vector<std::unique_ptr<Task>> tasks_;
};

/// Two clients of three compilations each.
void converse(Runtime& runtime) {
  EchoingServer server(runtime);
  ListenerOptions options{.endpoint = {"127.0.0.1", 0}, .health_port = 0, .max_open_connections = 10};
  const auto listener = valueOrThrow(Listener::make(runtime, options, server));
  listener->start();
  const auto client = [&](std::uint64_t uid) {
    const auto stream = ClientStream::connect(runtime, {"127.0.0.1", listener->port()}, headDialect(), {});
    for (std::uint32_t queries = 0; queries < 3; ++queries) {
      stream->buildCompileRequest(uid, queries);
      std::uint64_t sum = 0;
      while (!stream->dialect().endsCompilation(stream->read())) {
        const std::string methods(1'000 * (sum + uid), 'm');
        sum += methods.size();
        stream->write(stream->message().type(), methods);
      }
      EXPECT_EQ((stream->getRecvData<std::uint64_t, std::uint64_t>()), std::tuple(uid, sum));
      stream->setVersionCheckStatus();
    }
    stream->writeError(stream->dialect().connection_terminate);
  };
  const auto second = runtime.spawn("client 2", [&] { client(2); });
  client(1);
  second->join();
  listener->stop();
  EXPECT_EQ(server.finish(), 2U * (3 + 3 + 1)) << "requests, replies and the goodbye";
  EXPECT_EQ(listener->openConnections(), 0U);
}

SimulationResult runSeed(std::uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  SimulatedRuntime runtime(options);
  return runtime.run([&] { converse(runtime); });
}

TEST(SimulatedConversationTest, TwoHundredSeedsPass) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const SimulationResult result = runSeed(seed);
    ASSERT_EQ(result.outcome, SimulationOutcome::finished) << "seed " << seed << ": " << result.report;
    digests.insert(result.schedule_digest);
  }
  EXPECT_GT(digests.size(), 190U) << "the seeds hardly differ";
}

TEST(SimulatedConversationTest, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {1U, 7U, 1234567U}) {
    const SimulationResult first = runSeed(seed);
    // Other addresses for whatever the second run allocates.
    const std::vector<std::vector<char>> disturbance(100, std::vector<char>(1 + seed % 977));
    const SimulationResult second = runSeed(seed);
    EXPECT_EQ(first.schedule_digest, second.schedule_digest) << "seed " << seed;
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.end_time, second.end_time);
  }
}

}  // namespace
}  // namespace jitrig
