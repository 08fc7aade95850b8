#include "capture/tcp_address.h"

#include <gtest/gtest.h>

namespace jitrig {
namespace {

TEST(TcpAddress, ReadsAndShowsIpv4) {
  const auto address = TcpAddress::parse("10.1.2.3", 38400);
  ASSERT_TRUE(address);
  EXPECT_FALSE(address->is_ipv6);
  EXPECT_EQ(toString(*address), "10.1.2.3:38400");
  EXPECT_EQ(hostText(*address), "10.1.2.3");
}

TEST(TcpAddress, ReadsAndShowsIpv6InBrackets) {
  const auto address = TcpAddress::parse("fe80::1", 80);
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_ipv6);
  EXPECT_EQ(toString(*address), "[fe80::1]:80");
  EXPECT_EQ(hostText(*address), "fe80::1");
}

TEST(TcpAddress, RefusesNames) {
  EXPECT_FALSE(TcpAddress::parse("localhost", 1));
  EXPECT_FALSE(TcpAddress::parse("", 1));
  EXPECT_FALSE(TcpAddress::parse("[::1]", 1));
}

TEST(TcpAddress, IsOrderedAndComparable) {
  EXPECT_EQ(*TcpAddress::parse("1.2.3.4", 5), *TcpAddress::parse("1.2.3.4", 5));
  EXPECT_LT(*TcpAddress::parse("1.2.3.4", 5), *TcpAddress::parse("1.2.3.4", 6));
  EXPECT_LT(*TcpAddress::parse("1.2.3.4", 5), *TcpAddress::parse("1.2.3.5", 1));
}

}  // namespace
}  // namespace jitrig
