#include "capture/client_replay.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/personas_test_support.h"

// Each side of every recorded conversation is played against the persona of the other.
namespace jitrig::test {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct RecordedCapture {
  const char* name;
  std::size_t notes = 0;  ///< connections that the recorded server closed by its own defect
};

void PrintTo(const RecordedCapture& capture, std::ostream* out) {
  *out << capture.name;
}

const std::vector<RecordedCapture> kCaptures = {
    {"plain_1conn_3compiles"},
    {"tour_all_queries"},
    {"concurrent_4conns"},
    {"interrupt_then_reconnect"},
    {"interrupt_same_conn_pipelined", 3},
    {"fin_mid_compile"},
    {"big_messages"},
    {"version_mismatch_1_104"},
    {"aot_hit_and_store_and_failure"},
    {"long_session_50compiles"},
};

/// The client of an incompatible version is one of another dialect.
std::shared_ptr<const Dialect> dialectOfClient(const std::vector<RecordedCompilation>& compilations) {
  auto dialect = std::make_shared<Dialect>(*headDialect());
  if (compilations.front().announced != FullVersion{}) dialect->announced = compilations.front().announced;
  return dialect;
}

void replayClient(Runtime& runtime, Carrier carrier, const RecordedCapture& capture) {
  const Conversation conversation = readCapture(capture.name);
  Personas personas(runtime, carrier);
  personas.compiler_options.script = scriptOf(conversation);
  FakeCompiler& compiler = personas.startCompiler();
  ClientReplay replay(runtime, conversation, headDialect(), {}, {}, [&] { return personas.connect(); });
  const ReplayReport report = replay.run();
  compiler.stop();
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_EQ(report.notes.size(), capture.notes);
  EXPECT_THAT(report.notes, Each(HasSubstr("compilationRequest, where the server is due")));
  EXPECT_EQ(report.messages_sent + report.messages_received, conversation.messages.size());
  EXPECT_EQ(report.connections, conversation.connections.size());
}

/// How a FakeVM that plays the recorded client must see a recorded compilation end.
CompilationResult recordedResult(const RecordedCompilation& compilation) {
  if (compilation.end) {
    const std::string name = headDialect()->typeName(compilation.end->type);
    const bool failure = name == "compilationFailure" || name == "AOTCache_failure";
    return failure ? CompilationResult::failed : CompilationResult::compiled;
  }
  // Without a query the recorded server closed by its defect; ours has nothing to ask, and says so.
  return compilation.queries.empty() ? CompilationResult::failed : CompilationResult::interrupted;
}

void playBothSides(Runtime& runtime, Carrier carrier, const RecordedCapture& capture, std::size_t threads) {
  const Conversation conversation = readCapture(capture.name);
  const auto compilations = recordedCompilations(conversation, *headDialect());
  Personas personas(runtime, carrier);
  personas.compiler_options.script = scriptOf(conversation);
  personas.compiler_options.stream.accept_any_version = true;
  personas.startCompiler();
  personas.vm_options.dialect = dialectOfClient(compilations);
  personas.vm_options.compilations = compilations.size();
  personas.vm_options.compilation_threads = threads;
  RecordedFrontend frontend(headDialect(), compilations, {.follow_recorded_ends = true});
  personas.runVM(frontend);
  const FakeCompilerSummary server = personas.finish();

  ASSERT_EQ(personas.client.compilations.size(), compilations.size());
  for (const CompilationReport& report : personas.client.compilations) {
    EXPECT_EQ(report.result, recordedResult(compilations[report.number])) << report.number << report.detail;
    if (report.result == CompilationResult::compiled) {
      EXPECT_EQ(report.queries, compilations[report.number].queries.size());
    }
  }
  for (const ServerCompilationReport& report : personas.server.compilations) {
    EXPECT_EQ(report.difference, std::nullopt) << report.script;
  }
  EXPECT_EQ(server.not_as_asked, 0U);
  EXPECT_EQ(std::ranges::count_if(personas.server.compilations,
                                  [](const ServerCompilationReport& report) {
                                    return report.detail.contains("the recorded server stopped here");
                                  }),
            static_cast<std::ptrdiff_t>(capture.notes));
}

class ReplayTest : public ::testing::TestWithParam<std::tuple<RecordedCapture, RuntimeUnderTest, Carrier>> {
 protected:
  void run(const std::function<void(Runtime&, Carrier, const RecordedCapture&)>& body) {
    const auto& [capture, runtime_under_test, carrier] = GetParam();
    runtime_under_test.run([&](Runtime& runtime) { body(runtime, carrier, capture); });
  }
};

TEST_P(ReplayTest, TheRecordedClientAgainstTheFakeCompiler) {
  run(replayClient);
}

TEST_P(ReplayTest, TheFakeVMAgainstTheFakeCompiler) {
  run([](Runtime& runtime, Carrier carrier, const RecordedCapture& capture) {
    playBothSides(runtime, carrier, capture, 1);
  });
}

constexpr auto kNameOfReplay = [](const auto& info) {
  return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param).name + "_" +
         nameOf(std::get<2>(info.param));
};

INSTANTIATE_TEST_SUITE_P(, ReplayTest,
                         ::testing::Combine(::testing::ValuesIn(kCaptures),
                                            ::testing::ValuesIn(allRuntimes()),
                                            ::testing::Values(Carrier::tcp, Carrier::pipe, Carrier::tls)),
                         kNameOfReplay);

class ReplayOnAnyNetworkTest : public ::testing::TestWithParam<RecordedCapture> {};

/// Small buffers and random pieces: a message arrives in any number of parts.
TEST_P(ReplayOnAnyNetworkTest, SeedsDoNotMatter) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SimulationOptions options;
    options.seed = seed;
    options.min_link_buffer_bytes = 64;
    options.max_link_buffer_bytes = 4096;
    SimulatedRuntime runtime(options);
    runtime.runOrThrow([&] {
      replayClient(runtime, Carrier::tcp, GetParam());
      playBothSides(runtime, Carrier::tcp, GetParam(), 1);
    });
  }
}

INSTANTIATE_TEST_SUITE_P(, ReplayOnAnyNetworkTest, ::testing::ValuesIn(kCaptures),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(ReplayOfManyThreadsTest, EachRequestMeetsItsRecordedCompilation) {
  for (const RuntimeUnderTest& each : allRuntimes()) {
    each.run([](Runtime& runtime) { playBothSides(runtime, Carrier::tcp, {"concurrent_4conns"}, 4); });
  }
}

TEST(ReplayOfTlsTest, IsNamedAsSuch) {
  const auto script = scriptFromRecording(readCapture("tls_1conn_2compiles"), *headDialect());
  ASSERT_FALSE(script);
  EXPECT_THAT(script.error(), HasSubstr("2 of its 2 connections are TLS"));
}

}  // namespace
}  // namespace jitrig::test
