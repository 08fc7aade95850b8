// Personas on hosts that crash, at whatever moment the seed chooses, and those who live on.

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/personas_test_support.h"

namespace jitrig::test {
namespace {

const Endpoint kServer{.host = "", .port = 38400};

/// One life of a persona.
struct Server {
  explicit Server(Runtime& runtime) : reports(runtime) {}

  FakeCompilerOptions options;
  ServerReports reports;
  bool stop = false;
  std::unique_ptr<Task> task;
};

struct Client {
  FakeVMOptions options;
  ClientReports reports;
  FakeVMSummary summary;
  std::unique_ptr<Task> task;
};

class Crashes {
 public:
  explicit Crashes(SimulatedRuntime& runtime, bool tls)
      : runtime_(runtime),
        mutex_(runtime.makeMutex("director")),
        changed_(runtime.makeCondition("director")),
        server_tls_(tls ? testServerTls(runtime) : nullptr),
        client_tls_(tls ? testClientTls(runtime) : nullptr) {}

  void start(Server& server) {
    server.options.listener = {.endpoint = kServer, .health_port = std::nullopt};
    server.options.listener.tls = server_tls_;
    server.options.dialect = headDialect();
    server.options.script = defaultScript(*headDialect());
    server.options.stream.timeout_ms = 1'000;  // threads must not wait long for a client that vanished
    Runtime& host = runtime_.onHost("server");
    server.task = host.spawn("server", [this, &host, &server] {
      const auto compiler = FakeCompiler::make(host, server.options, server.reports).value();
      compiler->start();
      Lock lock(*mutex_);
      changed_->wait(lock, kNever, [&] { return server.stop; });
      lock.unlock();
      compiler->stop();
    });
  }

  void stop(Server& server) {
    {
      const Lock lock(*mutex_);
      server.stop = true;
      changed_->notifyAll();
    }
    server.task->join();
  }

  void start(Client& client) {
    client.options.dialect = headDialect();
    client.options.compilations = 8;
    client.options.compilation_threads = 2;
    client.options.stream.timeout_ms = 5'000;
    Runtime& host = runtime_.onHost("client");
    client.options.connect = [this, &host] {
      auto bytes = connectTo(host, {.host = "server", .port = kServer.port}, {});
      if (!client_tls_) return bytes;
      auto secured = TlsByteStream::connect(host, client_tls_, std::move(bytes), "localhost",
                                            host.now() + std::chrono::seconds(5));
      if (!secured) {
        throw StreamFailure(StreamFailure::Cause::connect, secured.error().detail, secured.error().code);
      }
      return std::unique_ptr<ByteStream>(std::move(*secured));
    };
    client.task = host.spawn("client", [&host, &client] {
      DefaultFrontend frontend(headDialect());
      FakeVM vm(host, client.options, frontend, client.reports);
      client.summary = vm.run();
    });
  }

 private:
  SimulatedRuntime& runtime_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  std::shared_ptr<TlsContext> server_tls_;
  std::shared_ptr<TlsContext> client_tls_;
};

/// A crash of one of the two somewhere in a run; afterwards a new life of both must be as good as ever.
void runWithCrash(std::uint64_t seed, bool tls) {
  SimulatedRuntime runtime(SimulationOptions{.seed = seed});
  const SimulationResult result = runtime.run([&] {
    RandomStream chance(seed);
    Crashes crashes(runtime, tls);
    Server server(runtime);
    Client client;
    crashes.start(server);
    runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(1));
    crashes.start(client);
    constexpr std::uint64_t kLatestNs = 60'000'000;
    runtime.sleepUntil(runtime.now() + Duration(static_cast<std::int64_t>(chance.below(kLatestNs))));
    const bool server_dies = chance.chance(1, 2);
    const auto how = static_cast<HostCrash>(chance.below(3));
    SimulatedHost& dying = runtime.host(server_dies ? "server" : "client");
    if (chance.chance(1, 4)) dying.pause();
    dying.crash(how);
    if (how == HostCrash::vanishes) {
      runtime.sleepUntil(runtime.now() + Duration(static_cast<std::int64_t>(chance.below(kLatestNs))));
      dying.comeBack();
    }
    (server_dies ? server.task : client.task)->join();

    Server second_server(runtime);
    if (server_dies) crashes.start(second_server);
    client.task->join();
    Client second_client;
    crashes.start(second_client);
    second_client.task->join();
    EXPECT_EQ(second_client.summary.compiled, 8U);
    crashes.stop(server_dies ? second_server : server);
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::finished) << result.report;
}

class HostCrashTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, HostCrashTest, ::testing::Bool(),
                         [](const auto& carrier) { return carrier.param ? "tls" : "tcp"; });

TEST_P(HostCrashTest, WhoLivesOnIsServedByTheNextLife) {
  const std::uint64_t seeds = GetParam() ? 30 : 300;
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    runWithCrash(seed, GetParam());
  }
}

}  // namespace
}  // namespace jitrig::test
