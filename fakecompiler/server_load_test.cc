#include "fakecompiler/server_load.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "fakecompiler/compilation_queue.h"
#include "fakecompiler/fake_compiler_test_support.h"
#include "fakecompiler/heartbeat.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/stream/server_states.h"

namespace jitrig::test {
namespace {

using enum ServerMemoryState;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

Instant at(std::int64_t ms) {
  return Instant{} + std::chrono::milliseconds(ms);
}

ServerMemory memoryWith(ServerMemoryOptions options) {
  return {std::move(options), Instant{}};
}

TEST(ServerMemoryTest, TheReserveIsBounded) {
  EXPECT_EQ(memoryWith({.free_at_start_bytes = 640 * kMiB}).reserveBytes(), 10 * kMiB);
  EXPECT_EQ(memoryWith({.free_at_start_bytes = 64'000 * kMiB}).reserveBytes(), 32 * kMiB);
}

TEST(ServerMemoryTest, ThresholdsGrowWithTheClientsUpTo16) {
  const ServerMemory memory =
      memoryWith({.free_at_start_bytes = 640 * kMiB, .scratch_space_bytes = 10 * kMiB});
  EXPECT_EQ(memory.veryLowBytes(), 50 * kMiB);
  EXPECT_EQ(memory.lowBytes(0), 50 * kMiB);
  EXPECT_EQ(memory.lowBytes(3), 80 * kMiB);
  EXPECT_EQ(memory.lowBytes(16), 210 * kMiB);
  EXPECT_EQ(memory.lowBytes(17), 210 * kMiB);
}

TEST(ServerMemoryTest, TheStateFollowsTheThresholds) {
  const std::pair<std::uint64_t, ServerMemoryState> cases[] = {
      {50 * kMiB - 1, veryLow}, {50 * kMiB, low}, {80 * kMiB - 1, low}, {80 * kMiB, normal}};
  for (const auto& [free_bytes, expected] : cases) {
    ServerMemory memory = memoryWith({.free_at_start_bytes = 640 * kMiB,
                                      .steps = {{.at_ms = 1, .free_bytes = free_bytes}},
                                      .scratch_space_bytes = 10 * kMiB});
    EXPECT_EQ(memory.state({.sessions = 3}, at(1)), expected) << free_bytes;
  }
}

TEST(ServerMemoryTest, WhatIsFreeIsLookedAtOnlySoOften) {
  const std::vector<FreeMemoryStep> steps{{.at_ms = 1, .free_bytes = 60 * kMiB},
                                          {.at_ms = 502, .free_bytes = kMiB},
                                          {.at_ms = 752, .free_bytes = 600 * kMiB}};
  ServerMemory memory =
      memoryWith({.free_at_start_bytes = 640 * kMiB, .steps = steps, .scratch_space_bytes = 10 * kMiB});
  const MemoryUsers users{.sessions = 3};
  EXPECT_EQ(memory.state(users, at(0)), normal);
  EXPECT_EQ(memory.state(users, at(499)), normal);  // believed for 500 ms
  EXPECT_EQ(memory.state(users, at(500)), low);
  EXPECT_EQ(memory.state(users, at(749)), low);  // for 250 ms
  EXPECT_EQ(memory.state(users, at(750)), veryLow);
  EXPECT_EQ(memory.state(users, at(799)), veryLow);  // for 50 ms
  EXPECT_EQ(memory.state(users, at(800)), normal);
}

TEST(ServerMemoryTest, SessionsAndCompilationsUseIt) {
  const ServerMemory memory =
      memoryWith({.free_at_start_bytes = 640 * kMiB, .session_bytes = 10 * kMiB, .compilation_bytes = kMiB});
  EXPECT_EQ(memory.freeBytes({.sessions = 4, .compilations = 7}, at(0)), 593 * kMiB);
  EXPECT_EQ(memory.freeBytes({.sessions = 99}, at(0)), 0U);
}

TEST(ServerMemoryTest, AStateIsInForceInItsSpan) {
  ServerMemory memory =
      memoryWith({.spans = {{.from_ms = 10, .to_ms = 20, .state = veryLow, .fails = true}}});
  EXPECT_EQ(memory.state({}, at(9)), normal);
  EXPECT_FALSE(memory.fails(at(9)));
  EXPECT_EQ(memory.state({}, at(10)), veryLow);
  EXPECT_TRUE(memory.fails(at(19)));
  EXPECT_EQ(memory.state({}, at(20)), normal);
  EXPECT_FALSE(memory.fails(at(20)));
}

TEST(ServerMemoryTest, WhatNothingChangesIsKnownBefore) {
  EXPECT_TRUE(memoryWith({}).isAlwaysNormal());
  EXPECT_FALSE(memoryWith({.free_at_start_bytes = 300 * kMiB}).isAlwaysNormal());
  EXPECT_FALSE(memoryWith({.session_bytes = 1}).isAlwaysNormal());
}

TEST(ActiveThreadsStateTest, IsHighAbove80AndVeryHighAbove90Percent) {
  using enum ServerActiveThreadsState;
  const std::pair<std::size_t, ServerActiveThreadsState> cases[] = {
      {0, normal}, {16, normal}, {17, high}, {18, high}, {19, veryHigh}, {20, veryHigh}};
  for (const auto& [active, expected] : cases) EXPECT_EQ(activeThreadsState(active, 20), expected) << active;
  EXPECT_EQ(activeThreadsState(1, 1), veryHigh);
}

std::shared_ptr<const Dialect> dialectOf(std::string_view release) {
  const auto table = Catalogue::builtIn().table(release).value();
  return Dialect::make(table, table->release().defaultVersion()).value();
}

Message messageOf(std::uint16_t type, const std::vector<Value>& values) {
  Message message(type);
  addValues(message, values);
  return message;
}

/// Which releases say what: none before 0.25.0, memory alone until 0.27.0.
TEST(ServerStatesTest, AreWhereTheReleaseHasThem) {
  const ServerStates states{.memory = low, .threads = ServerActiveThreadsState::high};
  const std::pair<std::string_view, SaidServerStates> cases[] = {
      {"0.24.0", {}},
      {"0.25.0", {.memory = low, .threads = std::nullopt}},
      {"0.27.0", {.memory = low, .threads = ServerActiveThreadsState::high}},
      {"0.60.0", {.memory = low, .threads = ServerActiveThreadsState::high}}};
  for (const auto& [release, expected] : cases) {
    const auto dialect = dialectOf(release);
    ScriptEnd end = makeCode(*dialect, 8);
    putServerStates(*dialect, end.type, end.values, states);
    EXPECT_EQ(saidServerStates(*dialect, messageOf(end.type, end.values)), expected) << release;
  }
}

TEST(ServerStatesTest, AHealthyServerSaysSo) {
  const SaidServerStates well{.memory = normal, .threads = ServerActiveThreadsState::normal};
  const Dialect& head = *headDialect();
  for (const std::string_view name :
       {"compilationCode", "AOTCache_storedAOTMethod", "AOTCache_serializedAOTMethod"}) {
    const ScriptEnd end = makeFinalMessage(head, *head.table->find(name));
    EXPECT_EQ(saidServerStates(head, messageOf(end.type, end.values)), well) << name;
  }
}

TEST(ServerStatesTest, AFailureSaysItForWantOfMemoryOnly) {
  const Dialect& head = *headDialect();
  for (const std::uint32_t status : {1U, 33U, 52U}) {
    ScriptEnd end = makeFailure(head, status);
    putServerStates(head, end.type, end.values, {.memory = veryLow});
    const auto said = saidServerStates(head, messageOf(end.type, end.values));
    EXPECT_EQ(said.memory.has_value(), status == 33) << status;
    EXPECT_EQ(said.memory.value_or(veryLow), veryLow);
  }
}

TEST(ServerStatesTest, ANumberThatIsNoneSaysNothing) {
  const Dialect& head = *headDialect();
  EXPECT_EQ(
      saidServerStates(head, messageOf(head.compilation_failure, {std::uint32_t{33}, std::uint64_t{3}})),
      SaidServerStates{});
}

TEST(HeartbeatTest, BeatsOncePerIntervalUntilItIsStopped) {
  allRuntimes().back().run([](Runtime& runtime) {
    int beats = 0;
    HeartbeatTask heartbeat(runtime, std::chrono::seconds(10), [&beats] { ++beats; });
    runtime.sleepUntil(at(35'000));
    heartbeat.stop();
    EXPECT_EQ(beats, 3);
    runtime.sleepUntil(at(60'000));
    EXPECT_EQ(beats, 3);
  });
}

TEST(HeartbeatTest, IsOneLine) {
  const ServerHeartbeat heartbeat{.when = at(60'000),
                                  .connections = 7,
                                  .sessions = 3,
                                  .active_threads = 5,
                                  .usable_threads = 63,
                                  .queue_length = 2,
                                  .free_memory_bytes = 8'188 * kMiB,
                                  .cleared_caches = 1,
                                  .compilations = 41};
  EXPECT_EQ(toString(heartbeat),
            "heartbeat: t= 60000 clients=3 connections=7 activeThreads=5/63 queue=2 freeMemory=8188 MiB "
            "clearedCaches=1 compilations=41");
}

/// Threads of a queue whose entries are numbers that they write down.
class QueueThreads {
 public:
  QueueThreads(Runtime& runtime, std::size_t limit)
      : mutex_(runtime.makeMutex("test")), queue_(runtime, limit, [this, &runtime] {
          tasks_.push_back(runtime.spawn("thread", [this] { work(); }));
          return true;
        }) {}
  ~QueueThreads() {
    queue_.close();
    for (const auto& task : tasks_) task->join();
  }
  QueueThreads(const QueueThreads&) = delete;
  QueueThreads& operator=(const QueueThreads&) = delete;

  void push(int number, std::function<void()> work, QueuePriority priority = QueuePriority::ordinary) {
    queue_.push({.stream = nullptr,
                 .work =
                     [this, number, work = std::move(work)] {
                       work();
                       const Lock lock(*mutex_);
                       done_.push_back(number);
                     }},
                priority);
  }

  CompilationQueue& queue() { return queue_; }
  std::size_t threads() const { return tasks_.size(); }
  std::vector<int> done() const {
    const Lock lock(*mutex_);
    return done_;
  }

 private:
  void work() {
    for (QueueEntry entry = queue_.pop(); !entry.empty(); entry = queue_.pop()) entry.work();
  }

  std::unique_ptr<Mutex> mutex_;
  std::vector<int> done_;
  std::vector<std::unique_ptr<Task>> tasks_;
  CompilationQueue queue_;
};

/// In the simulation: who waits for how long matters.
void simulated(const std::function<void(Runtime&)>& body) {
  allRuntimes().back().run(body);
}

TEST(CompilationThreadsTest, AreStartedOnDemandUpToTheLimit) {
  simulated([](Runtime& runtime) {
    QueueThreads threads(runtime, 3);
    threads.queue().start();
    const auto second = [&runtime] { runtime.sleepUntil(runtime.now() + std::chrono::seconds(1)); };
    for (int i = 0; i < 5; ++i) threads.push(i, second);
    runtime.sleepUntil(at(500));
    EXPECT_EQ(threads.threads(), 3U);
    EXPECT_EQ(threads.queue().activeThreads(), 3U);
    EXPECT_EQ(threads.queue().length(), 2U);
    runtime.sleepUntil(at(5'000));
    EXPECT_EQ(threads.done().size(), 5U);
    EXPECT_EQ(threads.queue().activeThreads(), 0U);
  });
}

TEST(CompilationThreadsTest, OneIsEnoughForWhoComesOneByOne) {
  simulated([](Runtime& runtime) {
    QueueThreads threads(runtime, 3);
    threads.queue().start();
    for (int i = 0; i < 5; ++i) {
      runtime.sleepUntil(at(1'000 * (i + 1)));
      threads.push(i, [] {});
    }
    runtime.sleepUntil(at(9'000));
    EXPECT_EQ(threads.done().size(), 5U);
    EXPECT_EQ(threads.threads(), 1U);
  });
}

TEST(CompilationThreadsTest, SuspendedOnesAreActivatedAgain) {
  simulated([](Runtime& runtime) {
    QueueThreads threads(runtime, 3);
    threads.queue().start();
    const auto second = [&runtime] { runtime.sleepUntil(runtime.now() + std::chrono::seconds(1)); };
    for (const std::int64_t begin_ms : {0, 5'000, 10'000}) {
      runtime.sleepUntil(at(begin_ms));
      for (int i = 0; i < 3; ++i) threads.push(i, second);
      runtime.sleepUntil(at(begin_ms + 500));
      EXPECT_EQ(threads.queue().activeThreads(), 3U);
      EXPECT_EQ(threads.queue().length(), 0U);
    }
    EXPECT_EQ(threads.threads(), 3U);
    runtime.sleepUntil(at(20'000));
    EXPECT_EQ(threads.done().size(), 9U);
  });
}

TEST(CompilationThreadsTest, WhatIsUrgentGoesFirst) {
  simulated([](Runtime& runtime) {
    QueueThreads threads(runtime, 1);
    threads.queue().start();
    threads.push(0, [&runtime] { runtime.sleepUntil(at(1'000)); });
    runtime.sleepUntil(at(500));
    threads.push(1, [] {});
    threads.push(2, [] {}, QueuePriority::urgent);
    threads.push(3, [] {}, QueuePriority::urgent);
    runtime.sleepUntil(at(2'000));
    EXPECT_EQ(threads.done(), (std::vector<int>{0, 2, 3, 1}));
  });
}

TEST(CompilationThreadsTest, WithoutAnotherOneTheFirstDoesAll) {
  simulated([](Runtime& runtime) {
    int refused = 0;
    CompilationQueue queue(runtime, 3, [&refused] {
      ++refused;
      return false;
    });
    int done = 0;
    const auto first = runtime.spawn("thread", [&] {
      for (QueueEntry entry = queue.pop(); !entry.empty(); entry = queue.pop()) entry.work();
    });
    for (int i = 0; i < 4; ++i) queue.push({.stream = nullptr, .work = [&done] { ++done; }});
    runtime.sleepUntil(at(1'000));
    queue.close();
    first->join();
    EXPECT_EQ(done, 4);
    EXPECT_LE(refused, 1);
  });
}

/// Sessions of clients that died stay for 90 minutes, or for five while memory is very low.
TEST(ServerLoadTest, SessionsArePurgedEarlierWhileMemoryIsVeryLow) {
  simulated([](Runtime& runtime) {
    constexpr std::int64_t kMinuteMs = 60'000;
    std::unique_ptr<ClientSessionTable> sessions;
    ServerLoad load(
        runtime,
        {.free_at_start_bytes = 640 * kMiB, .steps = {{.at_ms = 20 * kMinuteMs, .free_bytes = kMiB}}}, 1,
        [] { return std::size_t{0}; }, [&] { return MemoryUsers{.sessions = sessions->size()}; });
    sessions = std::make_unique<ClientSessionTable>(
        runtime, ClientSessionLimits{}, RequestOrder::Listener{},
        [&] { return load.memoryState() == ServerMemoryState::veryLow; });
    const auto requestAt = [&](int minute, std::uint64_t client_uid) {
      runtime.sleepUntil(at(minute * kMinuteMs));
      const ClientSessionUse use(*sessions, {.client_uid = client_uid});
    };
    requestAt(0, 1);
    requestAt(18, 2);
    requestAt(19, 3);  // there is plenty: who was idle for 19 minutes stays
    EXPECT_EQ(sessions->size(), 3U);
    requestAt(22, 4);  // there is none: who was idle for 22 minutes goes, for 4 minutes stays
    EXPECT_FALSE(sessions->find(1));
    EXPECT_TRUE(sessions->find(2));
    requestAt(23, 4);
    EXPECT_FALSE(sessions->find(2));
    EXPECT_TRUE(sessions->find(3));
    EXPECT_EQ(sessions->purged(), 2U);
  });
}

}  // namespace
}  // namespace jitrig::test
