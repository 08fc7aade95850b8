#include "protocol/runtime/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string roundTrip(std::string_view text) {
  const NetResult<Endpoint> endpoint = parseEndpoint(text);
  return endpoint ? toString(*endpoint) : endpoint.error().detail;
}

TEST(Endpoint, IsReadAsItIsWritten) {
  for (const char* text : {"127.0.0.1:38400", "[::1]:38400", "localhost:0", "example.org:65535",
                           "[fe80::1%eth0]:1", "[::]:38600", "0.0.0.0:1"}) {
    EXPECT_EQ(roundTrip(text), text);
  }
}

TEST(Endpoint, KeepsTheHostWithoutBrackets) {
  const NetResult<Endpoint> endpoint = parseEndpoint("[::1]:80");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->host, "::1");
  EXPECT_EQ(endpoint->port, 80);
}

struct BadEndpoint {
  std::string text;
  std::string reason;
};

class BadEndpointTest : public testing::TestWithParam<BadEndpoint> {};

TEST_P(BadEndpointTest, IsRefusedWithAReason) {
  const NetResult<Endpoint> endpoint = parseEndpoint(GetParam().text);
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error().code, NetErrc::other);
  EXPECT_THAT(endpoint.error().detail, AllOf(testing::StartsWith("bad endpoint '"),
                                             HasSubstr(GetParam().reason), HasSubstr("expected HOST:PORT")));
}

INSTANTIATE_TEST_SUITE_P(
    , BadEndpointTest,
    testing::Values(
        BadEndpoint{"", "no ':' before a port"}, BadEndpoint{"localhost", "no ':' before a port"},
        BadEndpoint{"38400", "no ':' before a port"}, BadEndpoint{":38400", "the host is missing"},
        BadEndpoint{"localhost:", "the port is missing"}, BadEndpoint{"localhost:65536", "0 to 65535"},
        BadEndpoint{"localhost:99999999999999999999", "0 to 65535"},
        BadEndpoint{"localhost:-1", "0 to 65535"}, BadEndpoint{"localhost:+1", "0 to 65535"},
        BadEndpoint{"localhost:80x", "0 to 65535"}, BadEndpoint{"localhost: 80", "0 to 65535"},
        BadEndpoint{"::1:38400", "needs brackets"}, BadEndpoint{"[::1]", "'[' without ']'"},
        BadEndpoint{"[::1:80", "'[' without ']'"}, BadEndpoint{"[localhost]:80", "no IPv6 address"},
        BadEndpoint{"[]:80", "no IPv6 address"}, BadEndpoint{"[[::1]]:80", "a character"},
        BadEndpoint{"a b:80", "a character"}, BadEndpoint{"http//host:80", "a character"},
        BadEndpoint{std::string("a\0b:80", 6), "'a\\x00b:80'"},
        BadEndpoint{std::string(254, 'a') + ":80", "more than 253"}));

TEST(Endpoint, AnErrorQuotesNoMoreThanItsReaderCanTake) {
  EXPECT_LT(parseEndpoint(std::string(1'000'000, 'x')).error().detail.size(), 400U);
}

TEST(NetErrc, HasTheNamesOfTheEnumeration) {
  EXPECT_EQ(toString(NetErrc::endOfFile), "endOfFile");
  EXPECT_EQ(toString(NetErrc::reset), "reset");
  EXPECT_EQ(toString(NetErrc::refused), "refused");
  EXPECT_EQ(toString(NetErrc::unreachable), "unreachable");
  EXPECT_EQ(toString(NetErrc::addressInUse), "addressInUse");
  EXPECT_EQ(toString(NetErrc::timedOut), "timedOut");
  EXPECT_EQ(toString(NetErrc::cancelled), "cancelled");
  EXPECT_EQ(toString(NetErrc::tls), "tls");
  EXPECT_EQ(toString(NetErrc::limit), "limit");
  EXPECT_EQ(toString(NetErrc::other), "other");
}

TEST(Instant, AdditionStaysBelowNever) {
  EXPECT_EQ(Instant{5} + Duration(7), Instant{12});
  EXPECT_EQ(Instant{5} + Duration::max(), kNever);
  EXPECT_EQ(kNever + Duration(-1), kNever);
  EXPECT_EQ(Instant{12} - Instant{5}, Duration(7));
}

TEST(RandomStream, DrawsTheSameNumbersEverywhere) {
  RandomStream stream(0);
  EXPECT_EQ(stream.draw(), 0xE220A8397B1DCDAFU);  // SplitMix64's published first numbers for seed 0
  EXPECT_EQ(stream.draw(), 0x6E789E6AA1B965F4U);
  EXPECT_EQ(stream.below(0), 0U);
  for (int count = 0; count < 100; ++count) EXPECT_LT(stream.below(7), 7U);
  EXPECT_TRUE(stream.chance(1, 1));
  EXPECT_FALSE(stream.chance(0, 1));
}

}  // namespace
}  // namespace jitrig
