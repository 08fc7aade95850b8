#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <ostream>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "protocol/runtime/os/operating_system_runtime.h"
#include "scenarios/system/external_program.h"
#include "scenarios/system/kept_output.h"
#include "scenarios/system/listening_ports.h"
#include "scenarios/system/port_reservation.h"
#include "scenarios/system/process_census.h"
#include "scenarios/system/signal_storm.h"
#include "scenarios/system/temporary_folder.h"

namespace jitrig::test {

/// For gtest's failure messages.
void PrintTo(const ProgramEnd& end, std::ostream* out) {
  *out << toString(end);
}

namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Reached only by a test that fails.
constexpr milliseconds kPatience{60'000};
constexpr milliseconds kAtOnceMs{0};

std::unique_ptr<ExternalProgram> start(const std::string& command,
                                       std::map<std::string, std::string> values = {},
                                       std::size_t max_output_bytes = 65'536) {
  ExternalProgramOptions options;
  options.command = command;
  options.values = std::move(values);
  options.max_output_bytes = max_output_bytes;
  auto program = ExternalProgram::start(std::move(options));
  if (!program) throw std::runtime_error(program.error());
  return std::move(*program);
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Until the file is there and has a line.
std::string awaitLine(const std::filesystem::path& path) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string text;
  while (!text.ends_with('\n') && std::chrono::steady_clock::now() < deadline) {
    text = readFile(path);
    std::this_thread::sleep_for(milliseconds(1));
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Whether it ends within patience; a zombie counts as ended.
bool isGone(pid_t process) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string status = readFile("/proc/" + std::to_string(process) + "/stat");
    const std::size_t name_end = status.rfind(')');
    if (status.empty() || name_end == std::string::npos || status.substr(name_end + 2, 1) == "Z") return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

struct Ending {
  std::string name;
  std::string command;
  ProgramEnd end;
  std::string text;
};

void PrintTo(const Ending& ending, std::ostream* out) {
  *out << ending.name;
}

class EndingTest : public ::testing::TestWithParam<Ending> {};

TEST_P(EndingTest, IsToldAsItWas) {
  const auto program = start(GetParam().command);
  const auto end = program->waitEnd(kPatience);
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, GetParam().end);
  EXPECT_EQ(toString(*end), GetParam().text);
  EXPECT_EQ(program->terminate(kAtOnceMs), *end);  // it stays so
}

INSTANTIATE_TEST_SUITE_P(
    , EndingTest,
    ::testing::Values(Ending{"fine", "true", {false, 0}, "exit status 0"},
                      Ending{"status", "exit 3", {false, 3}, "exit status 3"},
                      Ending{"not_implemented", "exit 89", kNotImplemented, "exit status 89"},
                      Ending{"no_such_program", "/no/such/program", {false, 127}, "exit status 127"},
                      Ending{"signal", "kill -SEGV $$", {true, SIGSEGV}, "signal 11 (Segmentation fault)"}),
    [](const auto& each) { return each.param.name; });

TEST(ExternalProgramTest, PlaceholdersAreReplacedAndStandInTheEnvironment) {
  const auto program = start("echo {host} {port} {other} $JITRIG_HOST $JITRIG_PORT ${JITRIG_OTHER-none}",
                             {{"host", "127.0.0.1"}, {"port", "4711"}});
  ASSERT_TRUE(program->waitEnd(kPatience));
  EXPECT_EQ(program->output(), "127.0.0.1 4711 {other} 127.0.0.1 4711 none\n");
}

TEST(ExternalProgramTest, OtherBracesStay) {
  const std::map<std::string, std::string> values{{"port", "1"}, {"open", "{port}"}};
  EXPECT_EQ(replacePlaceholders("", values), "");
  EXPECT_EQ(replacePlaceholders("a {port} b{port}", values), "a 1 b1");
  EXPECT_EQ(replacePlaceholders("{open} {", values), "{port} {");
  EXPECT_EQ(replacePlaceholders("awk '{print $1} {port}'", values), "awk '{print $1} 1'");
  EXPECT_EQ(replacePlaceholders("${HOME} {{port}} }", values), "${HOME} {1} }");
}

TEST(ExternalProgramTest, BothOutputsAreKept) {
  const auto program = start("echo one; echo two >&2");
  ASSERT_TRUE(program->waitEnd(kPatience));
  EXPECT_THAT(program->output(), HasSubstr("one\n"));
  EXPECT_THAT(program->output(), HasSubstr("two\n"));
}

TEST(ExternalProgramTest, OfALongOutputTheEndIsKept) {
  const auto program = start("i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done", {}, 100);
  ASSERT_TRUE(program->waitEnd(kPatience));
  EXPECT_THAT(program->output(), StartsWith("… 8790 bytes left out\n"));
  EXPECT_THAT(program->output(), HasSubstr("line 999\n"));
}

TEST(ExternalProgramTest, StandardInputIsEmpty) {
  const auto program = start("cat; echo done");
  ASSERT_TRUE(program->waitEnd(kPatience));
  EXPECT_EQ(program->output(), "done\n");
}

TEST(ExternalProgramTest, NoDescriptorOfOursIsInherited) {
  const OperatingSystemRuntime runtime;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);  // without O_CLOEXEC
  const auto program = start("ls /proc/self/fd");
  ASSERT_TRUE(program->waitEnd(kPatience));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_EQ(program->output(), "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST(ExternalProgramTest, SIGTERMEndsIt) {
  const auto program = start("echo ready; exec sleep 1000");
  EXPECT_EQ(program->waitEnd(kAtOnceMs), std::nullopt);
  EXPECT_EQ(program->terminate(kPatience), (ProgramEnd{.by_signal = true, .number = SIGTERM}));
}

TEST(ExternalProgramTest, SIGKILLEndsWhatDoesNotHearSIGTERM) {
  const TemporaryFolder folder;
  const auto program = start("trap '' TERM; echo deaf > " + (folder.path() / "ready").string() +
                             "; while true; do sleep 1000; done");
  ASSERT_EQ(awaitLine(folder.path() / "ready"), "deaf");
  EXPECT_EQ(program->terminate(milliseconds(50)), (ProgramEnd{.by_signal = true, .number = SIGKILL}));
}

TEST(ExternalProgramTest, WhatItLeavesBehindDiesWithIt) {
  const TemporaryFolder folder;
  const auto program = start("sleep 1000 & echo $! > " + (folder.path() / "child").string() + "; exit 0");
  ASSERT_TRUE(program->waitEnd(kPatience));
  EXPECT_TRUE(isGone(std::stoi(awaitLine(folder.path() / "child"))));
}

TEST(ExternalProgramTest, ItDiesWithItsObjectAndLeavesNoZombie) {
  const TemporaryFolder folder;
  auto program = start("echo $$ > " + (folder.path() / "itself").string() + "; exec sleep 1000");
  const pid_t process = std::stoi(awaitLine(folder.path() / "itself"));
  program.reset();
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(process)));
}

TEST(ExternalProgramTest, NothingLeaks) {
  start("true")->waitEnd(kPatience);  // whatever is made once is made
  const ProcessCensus before = ProcessCensus::take();
  for (int i = 0; i < 5; ++i) start("echo x")->waitEnd(kPatience);
  start("exec sleep 1000")->terminate(kPatience);
  EXPECT_THAT(leakedSince(before, kPatience), IsEmpty());
}

TEST(ListeningTest, TheFirstLineSaysWhere) {
  const auto program = start("echo listening on 127.0.0.1:4711; exec sleep 1000");
  const auto endpoint = program->waitListening({.host = "127.0.0.1", .port = 1}, kPatience);
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(toString(*endpoint), "127.0.0.1:4711");
}

TEST(ListeningTest, OrItListensWhereItWasTold) {
  OperatingSystemRuntime runtime;
  const auto acceptor = runtime.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(acceptor);
  const auto program = start("echo hello; exec sleep 1000");
  const Endpoint asked{.host = "127.0.0.1", .port = (*acceptor)->port()};
  const auto endpoint = program->waitListening(asked, kPatience);
  ASSERT_TRUE(endpoint) << endpoint.error();
  EXPECT_EQ(toString(*endpoint), toString(asked));
  // Nobody was connected to for it.
  EXPECT_EQ((*acceptor)->accept(kAtOnce).error().code, NetErrc::timedOut);
}

TEST(ListeningTest, AProgramThatEndsIsToldWithWhatItWrote) {
  const auto program = start("echo cannot bind >&2; exit 4");
  const auto endpoint = program->waitListening({.host = "127.0.0.1", .port = 1}, kPatience);
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.error(), HasSubstr("listen on 127.0.0.1:1"));
  EXPECT_THAT(endpoint.error(), HasSubstr("ended with exit status 4"));
  EXPECT_THAT(endpoint.error(), HasSubstr("cannot bind"));
}

TEST(ListeningTest, AProgramThatDoesNotListenIsToldWhenTimeIsUp) {
  const auto program = start("exec sleep 1000");
  const auto endpoint = program->waitListening({.host = "127.0.0.1", .port = 1}, milliseconds(20));
  ASSERT_FALSE(endpoint);
  EXPECT_THAT(endpoint.error(), HasSubstr("did not within 20 ms; it wrote nothing"));
}

TEST(ListeningTest, LinesAreUnderstood) {
  const auto read = [](std::string_view line) {
    const auto endpoint = listeningEndpoint(line);
    return endpoint ? toString(*endpoint) : "none";
  };
  EXPECT_EQ(read("listening on 127.0.0.1:38400"), "127.0.0.1:38400");
  EXPECT_EQ(read("listening on 127.0.0.1:38400 (health off) with TLS"), "127.0.0.1:38400");
  EXPECT_EQ(read("server: listening on [::1]:1, ready"), "[::1]:1");
  EXPECT_EQ(read("listening on 0.0.0.0:5"), "127.0.0.1:5");
  EXPECT_EQ(read("listening on [::]:5"), "[::1]:5");
  EXPECT_EQ(read("listening on 127.0.0.1:0"), "none");
  EXPECT_EQ(read("listening on port 5"), "none");
  EXPECT_EQ(read("hello"), "none");
}

TEST(ListeningTest, TheSystemsTableIsRead) {
  OperatingSystemRuntime runtime;
  std::uint16_t port = 0;
  {
    const auto acceptor = runtime.listen({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(acceptor);
    port = (*acceptor)->port();
    EXPECT_TRUE(isListening(port));
  }
  const auto reserved = PortReservation::make();
  ASSERT_TRUE(reserved) << reserved.error();
  EXPECT_FALSE(isListening(reserved->port()));
}

TEST(KeptOutputTest, FirstLines) {
  KeptOutput whole(100);
  whole.addErrorText("an error\n");
  whole.addOutput("first");
  EXPECT_EQ(whole.firstLine(), std::nullopt);
  whole.addOutput(" line\r\nsecond\n");
  EXPECT_EQ(whole.firstLine(), "first line");
  EXPECT_EQ(whole.text(), "an error\nfirst line\r\nsecond\n");

  KeptOutput endless(100);
  endless.addOutput(std::string(5'000, 'x'));
  endless.addOutput("\n");
  EXPECT_EQ(endless.firstLine(), std::nullopt);
}

TEST(PortReservationTest, EachHasItsOwnAndItCanBeBound) {
  OperatingSystemRuntime runtime;
  std::set<std::uint16_t> ports;
  std::vector<PortReservation> reservations;
  for (int i = 0; i < 20; ++i) {
    auto port = PortReservation::make();
    ASSERT_TRUE(port) << port.error();
    EXPECT_TRUE(ports.insert(port->port()).second);
    EXPECT_TRUE(runtime.listen({.host = "127.0.0.1", .port = port->port()}));
    reservations.push_back(std::move(*port));
  }
}

TEST(SignalStormTest, WaitsGoOnWhereTheyWereInterrupted) {
  OperatingSystemRuntime runtime;
  const auto acceptor = runtime.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(acceptor);
  const std::uint64_t taken_before = SignalStorm::signalsTaken();
  SignalStorm storm;
  // Who accepts, and then reads, is interrupted often before anything comes.
  const auto reader = runtime.spawn("reader", [&] {
    auto connection = (*acceptor)->accept(kNever);
    ASSERT_TRUE(connection) << connection.error().detail;
    std::array<std::byte, 4> bytes{};
    std::size_t count = 0;
    while (count < bytes.size()) {
      const auto read = (*connection)->readSome(std::span(bytes).subspan(count), kNever);
      ASSERT_TRUE(read) << read.error().detail;
      count += *read;
    }
    EXPECT_EQ(bytes[3], std::byte{4});
  });
  const auto waitForSignals = [&](std::uint64_t more) {
    const std::uint64_t before = SignalStorm::signalsTaken();
    while (SignalStorm::signalsTaken() < before + more) runtime.sleepUntil(runtime.now() + milliseconds(1));
  };
  waitForSignals(50);
  auto connection = runtime.connect({.host = "127.0.0.1", .port = (*acceptor)->port()}, kNever);
  ASSERT_TRUE(connection) << connection.error().detail;
  for (int i = 1; i <= 4; ++i) {
    waitForSignals(50);
    const std::byte byte{static_cast<unsigned char>(i)};
    ASSERT_TRUE((*connection)->writeSome(std::span(&byte, 1), kNever));
  }
  reader->join();
  EXPECT_GT(storm.signalsSent(), 0U);
  EXPECT_GT(SignalStorm::signalsTaken(), taken_before);
}

/// What others do not do: that the storm really interrupts is seen by a call that nobody repeats.
TEST(SignalStormTest, ItDoesInterrupt) {
  const SignalStorm storm;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  char byte = 0;
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), -1);
  EXPECT_EQ(errno, EINTR);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(SignalStormTest, AfterwardsTheSignalMeansNothing) {
  {
    const SignalStorm storm;
  }
  struct sigaction action{};
  ASSERT_EQ(sigaction(SIGURG, nullptr, &action), 0);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

TEST(ProcessCensusTest, DescriptorsAndThreadsThatAreLeftAreNamed) {
  const ProcessCensus before = ProcessCensus::take();
  EXPECT_THAT(leakedSince(before, kPatience), IsEmpty());
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    while (!stop) std::this_thread::sleep_for(milliseconds(1));
  });
  const auto leaks = leakedSince(before, kAtOnceMs);
  stop = true;
  thread.join();
  ASSERT_EQ(leaks.size(), 2U);
  EXPECT_THAT(leaks[0], StartsWith("2 new descriptors, 2 more than before: "));
  EXPECT_THAT(leaks[0], HasSubstr("(pipe:["));
  EXPECT_THAT(leaks[1], HasSubstr(" threads, "));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_THAT(leakedSince(before, kPatience), IsEmpty());
}

TEST(TemporaryFolderTest, IsGoneWithWhatIsInIt) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    EXPECT_EQ(readFile(folder.write("file", "text")), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace jitrig::test
