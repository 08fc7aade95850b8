#include "scenarios/checkers/request_order_model.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/client_stream.h"
#include "scenarios/checkers/recorded_world_test_support.h"

namespace jitrig {
namespace {

using namespace test;
using ::testing::ElementsAre;
using What = RequestOrderModel::Consequence::What;

RequestOrderModel::Request plain(std::uint32_t number, std::uint32_t behind) {
  return {.id = number, .sequence_number = number, .critical_number = behind};
}
RequestOrderModel::Request critical(std::uint32_t number, std::uint32_t behind) {
  return {.id = number, .sequence_number = number, .critical_number = behind, .critical = true};
}
RequestOrderModel::Consequence is(RequestOrderModel::RequestId id, What what) {
  return {.id = id, .what = what};
}

TEST(RequestOrderModelTest, ReleasesWhoWaitedForWhatIsDone) {
  RequestOrderModel model(0);
  EXPECT_THAT(model.arrives(plain(4, 2)), ElementsAre(is(4, What::parks)));
  EXPECT_THAT(model.arrives(critical(3, 2)), ElementsAre(is(3, What::parks)));
  EXPECT_THAT(model.arrives(plain(6, 5)), ElementsAre(is(6, What::parks)));
  EXPECT_THAT(model.arrives(critical(2, 0)), ElementsAre(is(2, What::runs)));
  EXPECT_THAT(model.updatesDone(2), ElementsAre(is(3, What::runs), is(4, What::runs)));
  EXPECT_EQ(model.active(), 3U);
  EXPECT_EQ(model.lastProcessed(), 2U);
}

TEST(RequestOrderModelTest, GivesUpOnlyAtTheHeadAndOnlyWhenNobodyRuns) {
  RequestOrderModel model(0);
  model.arrives(plain(1, 0));
  model.arrives(critical(4, 3));
  model.arrives(critical(5, 4));
  EXPECT_THAT(model.timePassed(4), ElementsAre(is(4, What::sleepsOn)));  // number 1 runs
  model.ends(1);
  EXPECT_THAT(model.timePassed(5), ElementsAre(is(5, What::sleepsOn)));  // not the head
  EXPECT_THAT(model.timePassed(4), ElementsAre(is(4, What::clears), is(4, What::runs)));
  model.ends(4);                                                         // without its updates
  EXPECT_THAT(model.timePassed(5), ElementsAre(is(5, What::sleepsOn)));  // told to wait
  EXPECT_THAT(model.timePassed(5), ElementsAre(is(5, What::clears), is(5, What::runs)));
}

TEST(RequestOrderModelTest, LosesOnlyCriticalRequests) {
  RequestOrderModel model(5);
  EXPECT_THAT(model.arrives(critical(4, 3)), ElementsAre(is(4, What::lost)));
  EXPECT_THAT(model.arrives(plain(3, 2)), ElementsAre(is(3, What::runs)));
  EXPECT_THAT(model.arrives(critical(6, 5)), ElementsAre(is(6, What::runs)));
}

// The server beside the model: one client whose requests come in any order over some connections, some of
// them never; that answers late, interrupts, and breaks connections.

struct PlannedRequest {
  enum class Fate : std::uint8_t { answers, interrupts, breaks, neverComes };

  std::uint32_t number = 0;
  std::uint32_t behind = 0;
  bool critical = false;
  Fate fate = Fate::answers;
};

class DisorderlyClient {
 public:
  DisorderlyClient(Runtime& runtime, FakeCompiler& compiler) : runtime_(runtime), compiler_(compiler) {}

  void run() {
    const std::vector<PlannedRequest> plan = drawPlan();
    const std::size_t connections = 1 + below(5);
    std::vector<std::unique_ptr<Task>> tasks;
    for (std::size_t i = 0; i < connections; ++i) {
      std::vector<PlannedRequest> own;
      for (std::size_t j = i; j < plan.size(); j += connections) own.push_back(plan[j]);
      tasks.push_back(runtime_.spawn("connection", [this, own] { runConnection(own); }));
    }
    for (const auto& task : tasks) task->join();
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return runtime_.random(RandomPurpose::workload) % limit; }

  /// In a random order.
  std::vector<PlannedRequest> drawPlan() {
    std::vector<PlannedRequest> plan(3 + below(9));
    std::uint32_t last_critical = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      PlannedRequest& request = plan[i];
      request.number = static_cast<std::uint32_t>(i + 1);
      request.behind = last_critical;
      request.critical = below(5) < 2;
      if (request.critical) last_critical = request.number;
      const std::uint64_t fate = below(12);
      if (fate < 3) request.fate = PlannedRequest::Fate{static_cast<std::uint8_t>(fate + 1)};
    }
    for (std::size_t i = plan.size(); i > 1; --i) std::swap(plan[i - 1], plan[below(i)]);
    return plan;
  }

  void runConnection(const std::vector<PlannedRequest>& requests) {
    std::unique_ptr<ClientStream> stream;
    for (const PlannedRequest& request : requests) {
      if (request.fate == PlannedRequest::Fate::neverComes) continue;
      pause();
      if (!stream) stream = connect();
      send(*stream, request);
      if (!converse(*stream, request.fate)) stream.reset();
    }
  }

  /// Often not at all, at times longer than anybody is patient.
  void pause() {
    if (const std::uint64_t ms = below(6); ms != 0)
      runtime_.sleepUntil(runtime_.now() + std::chrono::milliseconds(ms * ms * 70));
  }

  std::unique_ptr<ClientStream> connect() {
    auto [near, far] = runtime_.makePipe("connection");
    compiler_.onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
    return std::make_unique<ClientStream>(runtime_, std::make_unique<ConnectionByteStream>(std::move(near)),
                                          headDialect(), StreamOptions{});
  }

  void send(ClientStream& stream, const PlannedRequest& request) {
    auto values = defaultValues(*headDialect()->table->find(headDialect()->compilation_request)->request);
    values[0] = std::uint64_t{1};
    values[1] = request.number;
    values[2] = request.behind;
    if (request.critical) values[14] = Value::String{"changes"};
    stream.buildCompileRequest(values);
  }

  /// False: the connection is of no more use.
  bool converse(ClientStream& stream, PlannedRequest::Fate fate) {
    while (true) {
      const std::uint16_t type = stream.read();
      if (headDialect()->endsCompilation(type)) return true;
      pause();
      if (fate == PlannedRequest::Fate::breaks) return false;
      if (fate == PlannedRequest::Fate::interrupts) {
        stream.writeError(headDialect()->compilation_interrupted);
        return false;  // as the real client does
      }
      stream.writeEncoded(headDialect()->defaultReply(type));
    }
  }

  Runtime& runtime_;
  FakeCompiler& compiler_;
};

struct DisorderlyRun {
  RunRecord record;
  std::vector<std::uint32_t> updates;  ///< that are in the caches at the end
};

DisorderlyRun runDisorderly(std::uint64_t seed) {
  SimulatedRuntime runtime({.seed = seed});
  RunRecorder recorder(runtime);
  DisorderlyRun run;
  const SimulationResult result = runtime.run([&] {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
    options.dialect = headDialect();
    options.script = defaultScript(*headDialect());
    options.script.compilations[0].queries.resize(1);
    ServerRecorder& seen = recorder.addServer("server", options);
    auto compiler = FakeCompiler::make(runtime, options, seen);
    (*compiler)->start();
    DisorderlyClient(runtime, **compiler).run();
    if (const auto caches = (*compiler)->sessions().caches(1)) run.updates = caches->class_hierarchy_updates;
    (*compiler)->stop();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::finished) << result.report;
  run.record = recorder.finish();
  return run;
}

TEST(RequestOrderModelTest, IsWhatTheServerDoesInWhateverOrderRequestsCome) {
  constexpr std::uint64_t kSeeds = 600;
  std::map<std::string_view, std::uint64_t> reached;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const DisorderlyRun run = runDisorderly(seed);
    for (const Finding& finding : judge(run.record)) {
      ASSERT_NE(finding.checker, "request_order") << "seed " << seed << ": " << finding.text;
    }
    ASSERT_TRUE(std::ranges::is_sorted(run.updates)) << "seed " << seed;
    for (const auto& told : run.record.servers[0].order_events) {
      ++reached[toString(told.report.kind)];
      ++reached[toString(told.report.outcome)];
    }
  }
  for (const std::string_view each : {"parks", "late", "clears", "sleeps_on", "released", "skipped"}) {
    EXPECT_GT(reached[each], kSeeds / 50) << each;
  }
}

}  // namespace
}  // namespace jitrig
