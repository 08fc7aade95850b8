#include "protocol/wire/message_buffer.h"

#include <bit>
#include <cstdint>
#include <gtest/gtest.h>
#include <utility>

#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

TEST(MessageBuffer, IsEmptyAndOwnsNothingAtFirst) {
  const MessageBuffer buffer;
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(buffer.bytes().empty());
}

TEST(MessageBuffer, GrowsByPowersOfTwo) {
  MessageBuffer buffer;
  buffer.resize(1);
  EXPECT_EQ(buffer.capacity(), MessageBuffer::kInitialCapacity);
  for (const std::size_t size : {1024U, 1025U, 2048U, 2049U, 5000U, 70000U}) {
    buffer.resize(size);
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(buffer.capacity(), std::bit_ceil(size));
  }
}

TEST(MessageBuffer, IsAlignedToEightBytes) {
  MessageBuffer buffer;
  for (const std::size_t size : {1U, 3000U, 100000U}) {
    buffer.resize(size);
    EXPECT_EQ(std::bit_cast<std::uintptr_t>(buffer.data()) % 8, 0U);
  }
}

TEST(MessageBuffer, KeepsOffsetsValidWhenItMoves) {
  MessageBuffer buffer;
  std::vector<std::size_t> offsets;
  for (std::uint8_t round = 0; round < 200; ++round) {
    offsets.push_back(buffer.append(Bytes(100, std::byte{round})));
  }
  for (std::uint8_t round = 0; round < 200; ++round) {
    EXPECT_EQ(offsets[round], round * std::size_t{100});
    EXPECT_EQ(bytesOf(buffer.bytes().subspan(offsets[round], 100)), Bytes(100, std::byte{round}));
  }
}

TEST(MessageBuffer, KeepsItsStorageWhenCleared) {
  MessageBuffer buffer(Bytes(5000));
  const std::byte* storage = buffer.data();
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0U);
  buffer.resize(5000);
  EXPECT_EQ(buffer.data(), storage);
}

TEST(MessageBuffer, ReservesWithoutChangingItsSize) {
  MessageBuffer buffer(fromHex("0102"));
  buffer.reserve(10000);
  EXPECT_EQ(buffer.size(), 2U);
  EXPECT_EQ(buffer.capacity(), 16384U);
  EXPECT_EQ(toHex(buffer.bytes()), "0102");
  buffer.reserve(10);
  EXPECT_EQ(buffer.capacity(), 16384U);
}

TEST(MessageBuffer, MovesItsStorageAndLeavesAnEmptyOneBehind) {
  MessageBuffer first(fromHex("010203"));
  const std::byte* storage = first.data();
  MessageBuffer second(std::move(first));
  EXPECT_EQ(second.data(), storage);
  EXPECT_EQ(first.size(), 0U);  // NOLINT: what is left is promised
  EXPECT_EQ(first.capacity(), 0U);
  first.append(fromHex("04"));
  EXPECT_EQ(toHex(first.bytes()), "04");
  first = std::move(second);
  EXPECT_EQ(toHex(first.bytes()), "010203");
  EXPECT_EQ(second.size(), 0U);  // NOLINT: what is left is promised
}

TEST(MessageBuffer, AcceptsNothing) {
  MessageBuffer buffer;
  EXPECT_EQ(buffer.append({}), 0U);
  EXPECT_EQ(buffer.size(), 0U);
}

}  // namespace
}  // namespace jitrig::testing
