#include "scenarios/simulate/trace_recorder.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/runtime/simulation/simulated_runtime.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

/// Two tasks on two hosts; each sleeps.
void runWorld(TraceRecorder& recorder) {
  SimulationOptions options;
  options.observer = &recorder;
  options.preempt_percent = 0;
  SimulatedRuntime runtime(options);
  runtime.runOrThrow([&] {
    Runtime& host = runtime.onHost("vm 1");
    const auto task = host.spawn("a \"quoted\" task", [&] {
      host.sleepUntil(Instant{} + std::chrono::microseconds(1'234'567));
      runtime.note("wakes");
    });
    task->join();
  });
}

TEST(TraceRecorderTest, EachTaskHasATrackOfItsHost) {
  TraceRecorder recorder;
  runWorld(recorder);
  const std::string json = recorder.json();
  EXPECT_THAT(json, HasSubstr(R"({"ph":"M","name":"thread_name","pid":)"));
  EXPECT_THAT(json, HasSubstr(R"("args":{"name":"a \"quoted\" task"}})"));
  EXPECT_THAT(json, HasSubstr(R"("args":{"name":"vm 1"}})"));
  EXPECT_THAT(json, HasSubstr(R"("args":{"name":"world"}})"));
  EXPECT_THAT(json, HasSubstr(R"("ts":0.000,"ph":"X","dur":1234567.000})"));
  EXPECT_THAT(json, HasSubstr(R"("ts":1234567.000,"ph":"i","s":"t"})"));
  EXPECT_EQ(json.find(",\n]"), std::string::npos);
}

TEST(TraceRecorderTest, TheTextHasALineForEachEvent) {
  TraceRecorder recorder;
  runWorld(recorder);
  EXPECT_THAT(recorder.text(), HasSubstr("1.234567000 s  vm 1: a \"quoted\" task: wakes\n"));
  EXPECT_THAT(recorder.text(), HasSubstr(" since 0.000000000 s\n"));
}

TEST(TraceRecorderTest, TheSameRunIsTheSameTrace) {
  TraceRecorder first;
  runWorld(first);
  TraceRecorder second;
  runWorld(second);
  EXPECT_EQ(first.json(), second.json());
  EXPECT_EQ(first.text(), second.text());
}

TEST(TraceRecorderTest, NothingIsAnEmptyTrace) {
  const TraceRecorder recorder;
  EXPECT_EQ(recorder.json(), "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n]}\n");
  EXPECT_EQ(recorder.text(), "");
}

}  // namespace
}  // namespace jitrig::test
