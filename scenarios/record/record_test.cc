#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <initializer_list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/message.h"
#include "scenarios/record/frame_counter.h"
#include "scenarios/record/ledger.h"
#include "scenarios/record/record_text.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/record/wire_form.h"

namespace jitrig {
namespace {

std::vector<std::byte> bytesOf(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

/// Whole, but for what they say: nothing here looks into them.
std::vector<std::byte> messageOf(std::uint32_t size, std::uint16_t type) {
  std::vector<std::byte> bytes(size, std::byte{7});
  std::memcpy(bytes.data(), &size, sizeof size);
  std::memcpy(bytes.data() + 12, &type, sizeof type);
  return bytes;
}

struct FixedClock {
  std::int64_t time() const { return 5; }
  std::uint64_t order() const { return 1; }
};

TEST(FrameCounter, SeesTheSameHoweverBytesAreCut) {
  std::vector<std::byte> bytes = messageOf(16, 1);
  for (const std::uint32_t size : {40U, 100U, 1000U}) {
    const auto message = messageOf(size, static_cast<std::uint16_t>(size));
    bytes.insert(bytes.end(), message.begin(), message.end());
  }
  RecordedLane whole;
  FrameCounter(whole, {.kept_bytes_per_message = 64, .kept_bytes_per_lane = 150}).add(bytes, FixedClock());
  ASSERT_EQ(whole.frames.size(), 4U);
  EXPECT_EQ(whole.frames[2].type, 100);
  EXPECT_EQ(whole.frames[2].size_bytes, 100U);
  EXPECT_EQ(whole.frames[2].kept_bytes, 64U);
  EXPECT_EQ(whole.frames[3].kept_bytes, 150U - 16 - 40 - 64);
  EXPECT_EQ(whole.rest(), 0U);
  for (const std::size_t piece : {1U, 3U, 17U, 64U}) {
    RecordedLane cut;
    FrameCounter counter(cut, {.kept_bytes_per_message = 64, .kept_bytes_per_lane = 150});
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
      counter.add(std::span(bytes).subspan(begin, std::min(piece, bytes.size() - begin)), FixedClock());
    }
    ASSERT_EQ(cut.frames.size(), 4U) << piece;
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(cut.frames[i].hash, whole.frames[i].hash) << piece << ' ' << i;
    EXPECT_EQ(cut.kept, whole.kept) << piece;
  }
}

TEST(FrameCounter, StopsAtASizeThatIsNone) {
  RecordedLane lane;
  FrameCounter counter(lane, {});
  counter.add(messageOf(16, 1), FixedClock());
  std::vector<std::byte> bad = messageOf(20, 1);
  bad[0] = std::byte{3};
  counter.add(bad, FixedClock());
  EXPECT_TRUE(lane.lost);
  EXPECT_EQ(lane.frames.size(), 1U);
  EXPECT_EQ(lane.rest(), 20U);
}

/// One message of all that a message can hold, as the real code would write it.
std::vector<std::byte> everyForm() {
  Message message(7);
  setArgs(message, true, std::int32_t{-1}, std::uint64_t{5}, std::string("abc"),
          std::vector<std::uint64_t>{1, 2}, std::vector<int>{}, std::vector<std::string>{"x", ""},
          std::make_tuple(std::int64_t{4}, std::string()));
  const auto bytes = message.serialize();
  return {bytes.begin(), bytes.end()};
}

TEST(WireForm, FindsNothingInARealMessage) {
  const auto problem = findFormProblem(everyForm());
  EXPECT_FALSE(problem.has_value()) << problem->offset << ": " << problem->what;
  EXPECT_FALSE(findFormProblem(Message(9).serialize()).has_value());
}

struct Misformed {
  std::string_view what;  ///< a part of it
  std::size_t at;         ///< the byte that is changed
  int value;
};

TEST(WireForm, FindsWhatIsNotAsARealPeerWritesIt) {
  // Descriptors: true at 16, -1 at 28, 5 at 40, "abc" at 56, {1, 2} at 68, which has a filler.
  for (const Misformed& misformed : std::initializer_list<Misformed>{{"more data points counted", 14, 9},
                                                                     {"behind the last data point", 14, 7},
                                                                     {"unknown data type", 16, 7},
                                                                     {"padding above 3", 17, 4},
                                                                     {"another size than its type's", 17, 2},
                                                                     {"not zero", 25, 1},
                                                                     {"an element size", 31, 1},
                                                                     {"another size than its type's", 42, 4},
                                                                     {"not zero", 67, 1},
                                                                     {"goes beyond its owner", 73, 1},
                                                                     {"no multiple of 4", 72, 21},
                                                                     {"not aligned", 71, 4},
                                                                     {"fill their vector", 71, 0}}) {
    std::vector<std::byte> bytes = everyForm();
    bytes[misformed.at] = static_cast<std::byte>(misformed.value);
    const auto problem = findFormProblem(bytes);
    ASSERT_TRUE(problem.has_value()) << misformed.what << " at " << misformed.at;
    EXPECT_NE(problem->what.find(misformed.what), std::string_view::npos)
        << misformed.at << ": " << problem->what << ", expected " << misformed.what;
  }
}

TEST(FrameCounter, LooksAtTheFormOfWhatPassesInOnePiece) {
  std::vector<std::byte> bytes = everyForm();
  const std::size_t one = bytes.size();
  const std::vector<std::byte> second = messageOf(40, 1);
  bytes.insert(bytes.end(), second.begin(), second.end());
  RecordedLane whole;
  FrameCounter(whole, {.form = true}).add(bytes, FixedClock());
  ASSERT_TRUE(whole.misform.has_value());
  EXPECT_EQ(whole.misform->frame, 1U);
  RecordedLane alone;
  FrameCounter(alone, {.form = true}).add(second, FixedClock());
  ASSERT_TRUE(alone.misform.has_value());
  EXPECT_EQ(alone.misform->frame, 0U);
  RecordedLane cut;
  FrameCounter counter(cut, {.form = true});
  counter.add(std::span(bytes).first(one + 5), FixedClock());
  counter.add(std::span(bytes).subspan(one + 5), FixedClock());
  EXPECT_FALSE(cut.misform.has_value());
}

TEST(Ledger, ComparesWhoeverIsAhead) {
  Ledger ledger(100);
  ledger.wrote(bytesOf("abcd"));
  ledger.read(bytesOf("ab"));
  ledger.read(bytesOf("cdefg"));  // over a pipe the reader may be seen first
  ledger.wrote(bytesOf("efgh"));
  ledger.read(bytesOf("h"));
  EXPECT_EQ(ledger.delivery().compared_bytes, 8U);
  EXPECT_FALSE(ledger.delivery().difference.has_value());
}

TEST(Ledger, FindsTheFirstDifference) {
  Ledger ledger(100);
  ledger.wrote(bytesOf("abcdef"));
  EXPECT_TRUE(ledger.read(bytesOf("abXdYf")));
  ledger.differedAt(2);
  EXPECT_FALSE(ledger.read(bytesOf("Z")));
  ASSERT_TRUE(ledger.delivery().difference.has_value());
  EXPECT_EQ(ledger.delivery().difference->offset, 2U);
  EXPECT_EQ(ledger.delivery().difference->sent, 'c');
  EXPECT_EQ(ledger.delivery().difference->received, 'X');
  EXPECT_EQ(ledger.delivery().difference->time_ns, 2);
}

TEST(Ledger, GivesUpWhenTooMuchIsOnItsWay) {
  Ledger ledger(4);
  ledger.wrote(bytesOf("abcde"));
  EXPECT_FALSE(ledger.delivery().compared);
}

/// A stream that only has names.
class Named final : public ByteStreamDecorator {
 public:
  Named(std::unique_ptr<ByteStream> inner, std::string local, std::string peer)
      : ByteStreamDecorator(std::move(inner)), local_(std::move(local)), peer_(std::move(peer)) {}
  std::string localName() const override { return local_; }
  std::string peerName() const override { return peer_; }

 private:
  std::string local_;
  std::string peer_;
};

class Recorder : public ::testing::Test {
 protected:
  /// Both ends of a connection; without the server's, if that never came about.
  void connect(RunRecorder& recorder, SimulatedRuntime& runtime, bool server_comes) {
    auto [near, far] = runtime.makePipe("pipe");
    auto client = vm->tap(
        std::make_unique<Named>(std::make_unique<ConnectionByteStream>(std::move(near)), "a:1", "b:2"));
    if (!server_comes) return;
    auto server = compiler->tap(
        std::make_unique<Named>(std::make_unique<ConnectionByteStream>(std::move(far)), "b:2", "a:1"));
    const auto message = messageOf(40, 9);
    const auto writer =
        runtime.spawn("writer", [&] { static_cast<void>(writeAll(*client, message, kNever)); });
    std::vector<std::byte> buffer(64);
    std::size_t read = 0;
    while (read < message.size()) read += server->readSome(buffer, kNever).value();
    writer->join();
    static_cast<void>(recorder);
  }

  RunRecord record(const std::vector<bool>& connections) {
    SimulatedRuntime runtime;
    RunRecorder recorder(runtime);
    runtime.runOrThrow([&] {
      FakeVMOptions vm_options;
      vm_options.dialect = defaultDialect();
      FakeCompilerOptions compiler_options;
      compiler_options.dialect = defaultDialect();
      vm = &recorder.addVM("vm", vm_options);
      compiler = &recorder.addServer("server", compiler_options);
      for (const bool server_comes : connections) connect(recorder, runtime, server_comes);
    });
    return recorder.finish();
  }

  VMRecorder* vm = nullptr;
  ServerRecorder* compiler = nullptr;
};

TEST_F(Recorder, FindsEndsThatBelongTogetherAlthoughNamesAreUsedAgain) {
  const RunRecord run = record({true, true, true});
  ASSERT_EQ(run.connections.size(), 3U);
  for (const RecordedConnection& connection : run.connections) {
    EXPECT_TRUE(connection.hasBothEnds());
    EXPECT_FALSE(connection.ambiguous);
    EXPECT_EQ(connection.delivery(Direction::client).compared_bytes, 40U);
  }
  EXPECT_EQ(run.messageCount(), 3U);
}

TEST_F(Recorder, SaysWhereItCannotBeSure) {
  const RunRecord run = record({true, false, true});
  ASSERT_EQ(run.connections.size(), 3U);
  EXPECT_TRUE(run.connections[2].ambiguous);
  EXPECT_FALSE(run.connections[1].hasBothEnds());
}

TEST_F(Recorder, TheDigestIsOfWhatWasSaid) {
  EXPECT_EQ(record({true, true}).logicalDigest(), record({true, true}).logicalDigest());
  EXPECT_NE(record({true, true}).logicalDigest(), record({true}).logicalDigest());
}

/// Every part of it counts, and nothing else: not who is on the other side, and not when.
TEST_F(Recorder, TheDigestIsOfEveryPart) {
  RunRecord run = record({true});
  run.vms[0].reports.emplace_back();
  run.servers[0].reports.emplace_back();
  CompilationReport& told = run.vms[0].reports[0].report;
  ServerCompilationReport& served = run.servers[0].reports[0].report;
  RecordedEnd& end = *run.connections[0].ends[0];
  RecordedLane& lane = end.written.frames.empty() ? end.read : end.written;
  auto& difference = run.connections[0].deliveries[0].difference;
  const std::uint64_t before = run.logicalDigest();
  std::set<std::uint64_t> digests{before};
  const auto changes = [&](const std::string& what, auto& part, const auto& value) {
    const auto kept = part;
    part = static_cast<std::remove_cvref_t<decltype(part)>>(value);
    EXPECT_TRUE(digests.insert(run.logicalDigest()).second) << what;
    part = kept;
    EXPECT_EQ(run.logicalDigest(), before) << what;
  };
  changes("VM", run.vms[0].name, "another");
  changes("number", told.number, 9U);
  changes("method", told.method, "a.b()V");
  changes("result", told.result, CompilationResult::interrupted);
  changes("queries of the VM", told.queries, 9U);
  changes("status", told.status, 12U);
  changes("size of the code", told.code_size_bytes, 9U);
  changes("attempt", told.attempt, 2U);
  changes("tried again", told.tried_again, true);
  changes("server", run.servers[0].name, "another");
  changes("client", served.client_uid, 9U);
  changes("script", served.script, "another");
  changes("outcome at the server", served.outcome, CompilationOutcome::interrupted);
  changes("queries of the server", served.queries, 9U);
  changes("as asked", served.as_asked, !served.as_asked);
  changes("bytes", lane.bytes, 9U);
  changes("hash", lane.frames[0].hash, 9U);
  changes("size", lane.frames[0].size_bytes, 9U);
  changes("type", lane.frames[0].type, 77U);
  changes("difference", difference, ByteDifference{.offset = 3});
  changes("outcome of the world", run.outcome, WorldOutcome::deadlock);
  run.connections[0].ends[0]->name = "elsewhere";
  run.vms[0].reports[0].when.time_ns += 5;
  lane.frames[0].time_ns += 5;
  EXPECT_EQ(run.logicalDigest(), before);
  run.connections[0].ends[1].reset();
  EXPECT_NE(run.logicalDigest(), before);
}

TEST_F(Recorder, TellsEventsAsText) {
  const RunRecord run = record({true});
  EXPECT_EQ(endText(run, {.connection = 0, .local = Direction::server}),
            "server's end of connection 1 (a:1 -> b:2)");
  const std::string events = eventsText(run, {.connection = 0, .local = Direction::client}, 0);
  EXPECT_NE(events.find("writes client→server message 1: "), std::string::npos) << events;
  EXPECT_NE(events.find("is gone"), std::string::npos) << events;
}

}  // namespace
}  // namespace jitrig
