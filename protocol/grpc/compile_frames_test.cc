#include "protocol/grpc/compile_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <vector>

#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

std::vector<std::byte> bytesOf(std::initializer_list<unsigned> values) {
  std::vector<std::byte> bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(CompileFrames, ClientsMessagesSayNoType) {
  const auto message = clientMessageOf(replyFrame());
  EXPECT_EQ(message, bytesOf({8, 1, 0x12, 6, 10, 4, 8, 3, 16, 42}));
  EXPECT_EQ(clientFrameOf(*message, kQueryType, 0), replyFrame());
  EXPECT_EQ(clientFrameOf(*message, 5, std::uint64_t{0x0100}),
            bytesOf({13, 0, 0, 0, 8, 5, 0x12, 6, 10, 4, 8, 3, 16, 42, 24, 0x80, 2}));
}

TEST(CompileFrames, FalseStatusIsAnInterruption) {
  EXPECT_EQ(clientMessageOf(interruptedFrame()), bytesOf({0x12, 0}));
  for (const auto& message : {bytesOf({}), bytesOf({0x12, 0}), bytesOf({8, 0}), bytesOf({0x12, 2, 10, 0})})
    EXPECT_EQ(clientFrameOf(message, kQueryType, 0), interruptedFrame());
}

TEST(CompileFrames, DataInPieces) {
  const auto frame = clientFrameOf(bytesOf({0x12, 2, 10, 0, 0x7a, 1, 9, 8, 1, 0x12, 2, 10, 0}), 5, 0);
  EXPECT_EQ(frame, bytesOf({10, 0, 0, 0, 8, 5, 0x12, 2, 10, 0, 0x12, 2, 10, 0}));
}

TEST(CompileFrames, ServersMessagesAreTheSame) {
  for (const auto& frame : {queryFrame(), codeFrame()}) {
    const auto message = serverMessageOf(frame);
    EXPECT_EQ(message, std::vector(frame.begin() + 4, frame.end()));
    EXPECT_EQ(serverFrameOf(*message), frame);
  }
  EXPECT_EQ(frameTypeOf(queryFrame()), kQueryType);
  EXPECT_EQ(frameTypeOf(codeFrame()), 0);
}

TEST(CompileFrames, AFailureIsACodeWithoutABody) {
  const auto failure = frameWith(CompileFrameType::kCompilationFailure, std::uint32_t{5}, std::uint64_t{1});
  const auto message = serverMessageOf(failure);
  EXPECT_EQ(message, bytesOf({0x12, 12, 10, 4, 8, 1, 24, 5, 10, 4, 8, 3, 16, 1}));
  EXPECT_EQ(serverFrameOf(*message), failure);
}

TEST(CompileFrames, WhatIsNoProtobufIsRefused) {
  const struct {
    std::vector<std::byte> message;
    std::string offset;
  } cases[] = {{bytesOf({8}), "offset 0"},
               {bytesOf({8, 1, 0x12, 5, 0}), "offset 2"},
               {bytesOf({8, 1, 0x0b}), "offset 2"},
               {bytesOf({8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}), "offset 0"}};
  for (const auto& [message, offset] : cases) {
    const auto frame = clientFrameOf(message, 5, 0);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, NetErrc::other);
    EXPECT_THAT(frame.error().detail, HasSubstr(offset));
    EXPECT_FALSE(serverFrameOf(message));
  }
}

}  // namespace
}  // namespace jitrig
