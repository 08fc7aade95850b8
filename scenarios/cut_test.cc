#include "capture/message_comparison.h"
#include "capture/packet_builder_test_support.h"
#include "capture/pcap_writer.h"
#include "capture/recorder.h"
#include "scenarios/fault/cut_point.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/personas_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(CutPointTest, IsReadFromTwoNumbers) {
  const auto point = parseCutPoint("2:25");
  ASSERT_TRUE(point) << point.error();
  EXPECT_EQ(point->compilation, 2U);
  EXPECT_EQ(point->query, 25U);
}

TEST(CutPointTest, OtherTextsAreRefusedInWords) {
  for (const char* text : {"", ":", "2", "2:", ":25", "0:1", "1:0", "-1:2", "1:2:3", "1:2 ", " 1:2", "a:b",
                           "1:99999999999999999999"}) {
    const auto point = parseCutPoint(text);
    ASSERT_FALSE(point) << text;
    EXPECT_THAT(point.error(), AllOf(HasSubstr(text), HasSubstr("expected COMPILATION:QUERY")));
  }
}

/// The capture plain_1conn_3compiles, played by both personas.
struct Recorded {
  Recorded() {
    conversation = readCapture("plain_1conn_3compiles");
    compilations = recordedCompilations(conversation, *headDialect());
  }

  Conversation conversation;
  std::vector<RecordedCompilation> compilations;
};

const Recorded& recorded() {
  static const Recorded kRecorded;
  return kRecorded;
}

/// Both personas play the recording; each connection of the client goes through `decorate`.
FakeVMSummary playRecording(
    Personas& personas, std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> decorate) {
  personas.compiler_options.script = scriptOf(recorded().conversation);
  personas.compiler_options.compilation_threads = 2;
  personas.startCompiler();
  personas.vm_options.compilations = recorded().compilations.size();
  personas.vm_options.decorate = std::move(decorate);
  RecordedFrontend frontend(headDialect(), recorded().compilations, {.follow_recorded_ends = true});
  return personas.runVM(frontend);
}

std::unique_ptr<FaultSet> makeCut(Runtime& runtime, const CutPoint& point) {
  return FaultSet::make(runtime, headDialect(), {faultAt(point)}).value();
}

class CutTest : public PersonasTest {};
JITRIG_IN_EVERY_RUNTIME_AND_CARRIER(CutTest);

TEST_P(CutTest, AtEachMessageOfTheSecondCompilation) {
  using enum CompilationResult;
  run([](Runtime& runtime, Carrier carrier) {
    const std::uint64_t queries = recorded().compilations[1].queries.size();
    ASSERT_GT(queries, 40U);
    for (std::uint64_t query = 1; query <= queries + 1; ++query) {
      Personas personas(runtime, carrier);
      const auto cut = makeCut(runtime, {.compilation = 2, .query = query});
      const FakeVMSummary client = playRecording(
          personas, [&](auto stream) { return cut->decorate(std::move(stream), Direction::client); });
      const FakeCompilerSummary server = personas.finish();

      EXPECT_EQ(cut->firingCount(), 1U);
      EXPECT_THAT(resultsOf(personas.client.compilations), ElementsAre(compiled, terminated, compiled));
      EXPECT_THAT(personas.client.compilations[1].detail, HasSubstr("[injected: reset]"));
      EXPECT_EQ(personas.client.compilations[1].queries, query - 1);
      EXPECT_EQ(client.stream_failures, 1U);
      EXPECT_EQ(client.connections, 3U);  // the second after the cut, the third for the goodbye

      ASSERT_THAT(personas.server.compilations, SizeIs(3));
      const bool lost_end = query > queries;  // the server had sent everything by then
      EXPECT_EQ(personas.server.compilations[1].outcome,
                lost_end ? CompilationOutcome::compiled : CompilationOutcome::streamFailure);
      EXPECT_EQ(server.compiled, lost_end ? 3U : 2U);
      EXPECT_EQ(server.stream_failures, 1U);
    }
  });
}

TEST_P(CutTest, BeyondTheEndNothingHappens) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    const auto cut = makeCut(runtime, {.compilation = 4, .query = 1});
    const FakeVMSummary client = playRecording(
        personas, [&](auto stream) { return cut->decorate(std::move(stream), Direction::client); });
    personas.finish();
    EXPECT_EQ(cut->firingCount(), 0U);
    EXPECT_EQ(client.compiled, 3U);
  });
}

TEST_P(CutTest, BytesThatAreNoMessagesPass) {
  run([](Runtime& runtime, Carrier) {
    const auto cut = makeCut(runtime, {.compilation = 1, .query = 1});
    auto [near, far] = runtime.makePipe("pipe");
    const auto stream =
        cut->decorate(std::make_unique<ConnectionByteStream>(std::move(near)), Direction::client);
    const std::string text = "GET / HTTP/1.1\r\n\r\n";
    const auto peer = runtime.spawn("peer", [&] {
      std::vector<std::byte> got(text.size());
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(far->readSome(got, kNever), text.size());
        EXPECT_EQ(far->writeSome(got, kNever), text.size());
      }
    });
    std::vector<std::byte> echo(text.size());
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(writeAll(*stream, std::as_bytes(std::span(text)), kNever));
      ASSERT_EQ(stream->readSome(echo, kNever), text.size());
    }
    peer->join();
    EXPECT_EQ(std::memcmp(echo.data(), text.data(), text.size()), 0);
    EXPECT_EQ(cut->firingCount(), 0U);
  });
}

/// What PcapWriter wrote, read back.
Conversation readBack(const TemporaryFile& file) {
  const auto capture = readCaptureFile(file.path());
  if (!capture) throw std::runtime_error(capture.error());
  return conversationFromCapture(*capture, *headDialect()->table);
}

TEST_P(CutTest, ARecordingOfItReadsBack) {
  run([](Runtime& runtime, Carrier carrier) {
    const TemporaryFile file;
    FakeVMSummary client;
    {
      auto writer = PcapWriter::create(file.path());
      ASSERT_TRUE(writer) << writer.error();
      Recording recording(runtime, *writer);
      Personas personas(runtime, carrier);
      const auto cut = makeCut(runtime, {.compilation = 2, .query = 25});
      client = playRecording(personas, [&](auto stream) {
        return recording.record(cut->decorate(std::move(stream), Direction::client), Peer::initiator);
      });
      personas.finish();
      EXPECT_FALSE(recording.error());
      EXPECT_TRUE(writer->flush());
    }
    const Conversation conversation = readBack(file);
    // A part of the message that was cut may have come before.
    EXPECT_THAT(allWarnings(conversation), Each(HasSubstr("ends inside a message")));
    EXPECT_EQ(conversation.messages.size(), client.messages_sent + client.messages_received);
    ASSERT_THAT(conversation.connections, SizeIs(3));
    EXPECT_EQ(conversation.connections[0].end(Direction::server).how, StreamEnd::reset);
    EXPECT_EQ(conversation.connections[1].end(Direction::client).how, StreamEnd::fin);
  });
}

TEST_P(CutTest, ARecordingOfAReplayIsTheRecording) {
  run([](Runtime& runtime, Carrier carrier) {
    const TemporaryFile file;
    {
      auto writer = PcapWriter::create(file.path());
      ASSERT_TRUE(writer) << writer.error();
      Recording recording(runtime, *writer);
      Personas personas(runtime, carrier);
      playRecording(personas,
                    [&](auto stream) { return recording.record(std::move(stream), Peer::initiator); });
      personas.finish();
    }
    const Conversation again = readBack(file);
    const Conversation& original = recorded().conversation;
    ASSERT_EQ(again.messages.size(), original.messages.size());
    for (std::size_t i = 0; i < again.messages.size(); ++i) {
      EXPECT_EQ(again.messages[i].direction, original.messages[i].direction);
      EXPECT_EQ(compareMessages(original.messages[i].message, again.messages[i].message, *headDialect(), {}),
                std::nullopt)
          << "message " << i;
    }
  });
}

}  // namespace
}  // namespace jitrig::test
