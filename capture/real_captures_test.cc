#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_file.h"

// Captures of the real code, in testdata/captures.
namespace jitrig {
namespace {

using ::testing::IsEmpty;

struct RealCapture {
  const char* name;
  std::size_t connections;
};

void PrintTo(const RealCapture& capture, std::ostream* out) {
  *out << capture.name;
}

class RealCaptureTest : public ::testing::TestWithParam<RealCapture> {};

TEST_P(RealCaptureTest, IsReadWithoutWarnings) {
  const std::string path = std::string(JITRIG_SOURCE_DIR "/testdata/captures/") + GetParam().name + ".pcap";
  const auto file = readCaptureFile(path);
  ASSERT_TRUE(file) << file.error();
  EXPECT_THAT(allWarnings(*file), IsEmpty());
  EXPECT_EQ(file->connections.size(), GetParam().connections);
  for (const CapturedConnection& connection : file->connections) {
    EXPECT_TRUE(connection.had_syn);
    EXPECT_TRUE(connection.hasStart(Peer::initiator));
    EXPECT_TRUE(connection.hasStart(Peer::responder));
    EXPECT_NE(connection.end(Peer::initiator).how, StreamEnd::open);
    EXPECT_FALSE(connection.bytesFrom(Peer::initiator).empty());
    EXPECT_TRUE(connection.responder.port >= 38400 && connection.responder.port < 38500);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RealCaptureTest,
    ::testing::Values(RealCapture{"plain_1conn_3compiles", 2}, RealCapture{"tour_all_queries", 2},
                      RealCapture{"concurrent_4conns", 5}, RealCapture{"interrupt_then_reconnect", 3},
                      RealCapture{"interrupt_same_conn_pipelined", 19}, RealCapture{"fin_mid_compile", 3},
                      RealCapture{"big_messages", 2}, RealCapture{"version_mismatch_1_104", 1},
                      RealCapture{"aot_hit_and_store_and_failure", 7},
                      RealCapture{"long_session_50compiles", 2}, RealCapture{"tls_1conn_2compiles", 2}),
    [](const auto& capture) { return std::string(capture.param.name); });

}  // namespace
}  // namespace jitrig
