#include "protocol/jitaas/jitaas_framer.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig {
namespace {

using testing::Bytes;
using testing::fromHex;
using ::testing::HasSubstr;
using testing::JitaasGolden;
using testing::jitaasGolden;
using testing::jitaasGoldens;
using testing::SplitMix;

using Frames = std::vector<Bytes>;

/// Takes out every whole frame.
void takeAll(JitaasFramer& framer, Frames& frames) {
  Bytes frame;
  while (true) {
    const auto whole = framer.next(frame);
    ASSERT_TRUE(whole) << toString(whole.error());
    if (!*whole) return;
    frames.push_back(frame);
  }
}

/// Feeds the stream, cut behind these bytes.
Frames framed(std::span<const std::byte> stream, std::vector<std::size_t> cuts) {
  JitaasFramer framer;
  Frames frames;
  cuts.push_back(stream.size());
  std::size_t position = 0;
  for (const std::size_t cut : cuts) {
    framer.append(stream.subspan(position, cut - position));
    position = cut;
    takeAll(framer, frames);
  }
  EXPECT_EQ(framer.bufferedBytes(), 0U);
  return frames;
}

/// One behind the other, only the small ones.
struct Stream {
  Bytes bytes;
  Frames frames;

  explicit Stream(std::size_t max_frame_bytes) {
    for (const JitaasGolden& golden : jitaasGoldens()) {
      if (golden.frame.size() > max_frame_bytes) continue;
      bytes.insert(bytes.end(), golden.frame.begin(), golden.frame.end());
      frames.push_back(golden.frame);
    }
  }
};

TEST(JitaasFramer, GivesWholeFramesOfWhatCameAtOnce) {
  const Stream stream(1U << 20U);
  EXPECT_EQ(stream.frames.size(), jitaasGoldens().size());
  EXPECT_TRUE(framed(stream.bytes, {}) == stream.frames);
}

TEST(JitaasFramer, ByteByByte) {
  const Stream stream(5000);
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < stream.bytes.size(); ++i) cuts.push_back(i);
  EXPECT_TRUE(framed(stream.bytes, cuts) == stream.frames);
}

TEST(JitaasFramer, EverySplitInTwo) {
  const Stream stream(250);
  for (std::size_t cut = 0; cut <= stream.bytes.size(); ++cut) {
    ASSERT_TRUE(framed(stream.bytes, {cut}) == stream.frames) << cut;
  }
}

TEST(JitaasFramer, RandomSplits) {
  const Stream stream(1U << 20U);
  SplitMix random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::size_t> cuts(random.below(40));
    for (std::size_t& cut : cuts) cut = random.below(stream.bytes.size());
    std::ranges::sort(cuts);
    ASSERT_TRUE(framed(stream.bytes, cuts) == stream.frames) << round;
  }
}

TEST(JitaasFramer, KnowsHowMuchIsDue) {
  JitaasFramer framer;
  Bytes frame;
  framer.append(fromHex("0b0000"));
  EXPECT_EQ(framer.announced().value(), std::nullopt);
  framer.append(fromHex("00"));
  EXPECT_EQ(framer.announced().value(), 15U);
  EXPECT_FALSE(framer.next(frame).value());
  EXPECT_EQ(framer.bufferedBytes(), 4U);
}

TEST(JitaasFramer, AnEmptyMessageIsAFrame) {
  JitaasFramer framer;
  Bytes frame;
  framer.append(fromHex("00000000"));
  EXPECT_TRUE(framer.next(frame).value());
  EXPECT_EQ(toHex(frame), "00000000");
}

TEST(JitaasFramer, ASizeBeyondTheLimitIsAFinalError) {
  const Bytes frame = jitaasGolden("eight_mixed").frame;
  JitaasFramer exact({.max_message_size_bytes = frame.size() - 4});
  JitaasFramer small({.max_message_size_bytes = frame.size() - 5});
  Bytes out;
  exact.append(frame);
  EXPECT_TRUE(exact.next(out).value());
  small.append(frame);
  for (int call = 0; call < 2; ++call) {
    const auto refused = small.next(out);
    ASSERT_FALSE(refused);
    EXPECT_THAT(toString(refused.error()),
                HasSubstr("offset 0: size: 74 bytes, but a message may have no more than "
                          "73 (max_message_size_bytes)"));
    small.append(frame);
  }
}

}  // namespace
}  // namespace jitrig
