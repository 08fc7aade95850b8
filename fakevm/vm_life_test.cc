#include "fakevm/vm_life.h"

#include <chrono>
#include <string>
#include <vector>

#include "fakevm/scripted_server_test_support.h"

namespace jitrig::test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using enum RemoteDecision;

constexpr StreamLoss kNoConnection{.cause = StreamFailure::Cause::connect, .net_error = NetErrc::refused};
constexpr StreamLoss kReset{
    .cause = StreamFailure::Cause::network, .net_error = NetErrc::reset, .first_read = true};
constexpr StreamLoss kEnd{.cause = StreamFailure::Cause::endOfStream, .first_read = true};
constexpr StreamLoss kTruncated{.cause = StreamFailure::Cause::truncated};
constexpr StreamLoss kTimeout{
    .cause = StreamFailure::Cause::timeout, .net_error = NetErrc::timedOut, .first_read = true};

Instant at(std::int64_t time_ms) {
  return Instant{} + milliseconds(time_ms);
}

std::int64_t inMs(Duration duration) {
  return std::chrono::duration_cast<milliseconds>(duration).count();
}

TEST(ServerAvailability, WaitsTwoSecondsFirstThenTwiceAsLongWithoutALimit) {
  ServerAvailability server(milliseconds(1000), std::nullopt);
  std::vector<std::int64_t> waits_ms;
  Instant now = at(5);
  for (int i = 0; i < 12; ++i) {
    waits_ms.push_back(inMs(server.failed(kNoConnection, now)));
    EXPECT_FALSE(server.retryTimeReached(now));
    now = server.retryTime();
    EXPECT_TRUE(server.retryTimeReached(now));
  }
  EXPECT_THAT(waits_ms, ElementsAre(2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 512000, 1024000,
                                    2048000, 4096000));
}

TEST(ServerAvailability, DoublesUpToTheBoundIfThereIsOne) {
  ServerAvailability server(milliseconds(1000), milliseconds(5000));
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(0))), 2000);
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(2000))), 4000);
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(6000))), 5000);
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(11000))), 5000);
}

TEST(ServerAvailability, FailuresWhileItWaitsMoveTheRetryTimeAndDoubleNothing) {
  ServerAvailability server(milliseconds(1000), std::nullopt);
  server.failed(kNoConnection, at(0));
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(1500))), 2000);
  EXPECT_FALSE(server.retryTimeReached(at(3499)));
  EXPECT_TRUE(server.retryTimeReached(at(3500)));
}

TEST(ServerAvailability, AConnectionTakesTheWaitBack) {
  ServerAvailability server(milliseconds(1000), std::nullopt);
  server.failed(kNoConnection, at(0));
  server.failed(kNoConnection, at(2000));
  EXPECT_FALSE(server.available());
  server.connected();
  EXPECT_TRUE(server.available());
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(10000))), 2000);
}

TEST(ServerAvailability, ABrokenStreamSaysNothingOfTheServer) {
  ServerAvailability server(milliseconds(1000), std::nullopt);
  server.failed(kReset, at(0));
  EXPECT_TRUE(server.available());
}

TEST(ServerAvailability, AfterATimeoutThereIsNoWait) {
  ServerAvailability server(milliseconds(1000), std::nullopt);
  server.failed(kNoConnection, at(0));
  EXPECT_EQ(inMs(server.failed(kTimeout, at(100))), 0);
  EXPECT_TRUE(server.retryTimeReached(at(100)));
}

TEST(ServerAvailability, AWaitOfZeroIsNone) {
  ServerAvailability server(milliseconds(0), std::nullopt);
  EXPECT_EQ(inMs(server.failed(kNoConnection, at(7))), 0);
  EXPECT_TRUE(server.retryTimeReached(at(7)));
}

TEST(ReadErrors, TwoAlikeOneAfterTheOtherAreTooMany) {
  struct Case {
    std::vector<StreamLoss> losses;
    bool too_many;
  };
  const std::vector<Case> cases{{{kReset}, false},
                                {{kReset, kReset}, true},
                                {{kEnd, kEnd}, true},
                                {{kReset, kEnd}, false},
                                {{kReset, kEnd, kEnd}, true},
                                {{kTruncated, kTruncated}, false},
                                {{kReset, kTruncated, kReset}, true},
                                {{kNoConnection, kNoConnection}, false}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ReadErrors errors;
    for (const StreamLoss& loss : cases[i].losses) errors.failed(loss);
    EXPECT_EQ(errors.tooMany(), cases[i].too_many) << "case " << i;
  }
}

TEST(ReadErrors, AMessageBetweenThemMakesTheFirstForgotten) {
  ReadErrors errors;
  errors.failed(kReset);
  errors.messageRead();
  errors.failed(kReset);
  EXPECT_FALSE(errors.tooMany());
}

TEST(RemoteChoice, OneThreadProbesForAll) {
  RemoteChoice choice({.life = ClientLife::asReal});
  EXPECT_EQ(choice.decide(at(0)), remote);
  EXPECT_EQ(choice.decide(at(0)), remote);
  choice.attemptEnded(remote, false);
  choice.failed(kNoConnection, at(1));
  EXPECT_EQ(choice.decide(at(1)), localWaiting);
  EXPECT_EQ(choice.decide(at(2000)), localWaiting);
  EXPECT_EQ(choice.decide(at(2001)), probe);
  EXPECT_EQ(choice.decide(at(2001)), localOthersProbe);
  EXPECT_EQ(choice.decide(at(90'000)), localOthersProbe);
  choice.attemptEnded(probe, false);
  choice.failed(kNoConnection, at(90'001));
  EXPECT_EQ(choice.decide(at(90'001)), localWaiting);
  EXPECT_EQ(choice.decide(at(94'001)), probe);
  choice.connected();
  EXPECT_EQ(choice.decide(at(94'002)), remote);
}

TEST(RemoteChoice, EqualReadErrorsMakeItWaitThoughConnectionsComeAbout) {
  RemoteChoice choice({.life = ClientLife::asReal});
  choice.connected();
  choice.failed(kEnd, at(0));
  EXPECT_EQ(choice.decide(at(0)), remote);
  choice.connected();
  choice.failed(kEnd, at(1));
  EXPECT_EQ(choice.decide(at(1)), localWaiting);
  EXPECT_EQ(choice.decide(at(2001)), probe);
  choice.connected();
  EXPECT_EQ(choice.decide(at(2001)), localOthersProbe);
  choice.attemptEnded(probe, true);
  EXPECT_EQ(choice.decide(at(2001)), remote);
}

TEST(RemoteChoice, TwoTimeoutsAreFollowedByAThirdTryAtOnce) {
  RemoteChoice choice({.life = ClientLife::asReal});
  choice.failed(kTimeout, at(30'000));
  choice.failed(kTimeout, at(60'000));
  EXPECT_TRUE(isRemote(choice.decide(at(60'000))));
}

TEST(RemoteChoice, AnIncompatibleServerIsLeftAloneForTenSeconds) {
  RemoteChoice choice({.life = ClientLife::asReal});
  choice.incompatible(at(500));
  EXPECT_EQ(choice.decide(at(500)), localIncompatible);
  EXPECT_EQ(choice.decide(at(10'499)), localIncompatible);
  EXPECT_EQ(choice.decide(at(10'500)), remote);
}

TEST(KnownServer, IsLostOnlyAfterItWasMet) {
  KnownServer known;
  EXPECT_EQ(toString(known.notReached(at(12), milliseconds(2000))),
            "#JITServer: t=    12 Could not connect to a server. Next attempt in 2000 ms.");
  EXPECT_EQ(toString(known.met(4711, at(2012)).value()),
            "#JITServer: t=  2012 Connected to a server (serverUID=4711)");
  EXPECT_FALSE(known.met(4711, at(2013)));
  EXPECT_EQ(toString(known.met(4712, at(1'234'567)).value()),
            "#JITServer: t=1234567 Connected to a server (serverUID=4712)");
  EXPECT_EQ(toString(known.notReached(at(9000), milliseconds(4000))),
            "#JITServer: t=  9000 Lost connection to the server (serverUID=4712). Next attempt in 4000 ms.");
  EXPECT_EQ(known.notReached(at(9001), milliseconds(4000)).kind, ServerEvent::Kind::unreachable);
}

TEST(RetryRules, TryAgainWhatMayGoBetterTheNextTime) {
  const RetryRules rules(*headDialect());
  const auto tries = [&](CompilationResult result, std::optional<std::uint32_t> status = std::nullopt) {
    CompilationReport report;
    report.result = result;
    report.status = status;
    return rules.triesAgain(report);
  };
  const auto status = [&](std::string_view name) {
    return headDialect()->table->release().statusCode(name).value();
  };
  using enum CompilationResult;
  EXPECT_FALSE(tries(compiled));
  EXPECT_FALSE(tries(local));
  EXPECT_TRUE(tries(terminated));
  EXPECT_TRUE(tries(interrupted));
  EXPECT_TRUE(tries(failed));  // the AOT cache, or a crash
  EXPECT_TRUE(tries(failed, status("compilationStreamLostMessage")));
  EXPECT_TRUE(tries(failed, status("compilationStreamVersionIncompatible")));
  EXPECT_TRUE(tries(failed, status("compilationStreamMessageTypeMismatch")));
  EXPECT_TRUE(tries(failed, status("compilationLowPhysicalMemory")));
  EXPECT_FALSE(tries(failed, status("compilationExcessiveComplexity")));
  EXPECT_FALSE(tries(failed, status("compilationNotNeeded")));
}

}  // namespace
}  // namespace jitrig::test
