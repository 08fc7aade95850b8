#include "protocol/grpc/compile_frames.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <span>
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

// By value, for one at a time.
using Made = NetResult<std::vector<std::byte>>;

using ToMessage = std::span<const std::byte> (*)(const CompileFrame&, std::vector<std::byte>&);

Made messageOf(std::span<const std::byte> frame, ToMessage toMessage) {
  const auto read = readCompileFrame(frame);
  if (!read) return std::unexpected(read.error());
  std::vector<std::byte> room(100);  // what it had before does not matter
  const auto message = toMessage(*read, room);
  return std::vector(message.begin(), message.end());
}
Made clientMessage(std::span<const std::byte> frame) {
  return messageOf(frame, &clientMessageOf);
}
Made serverMessage(std::span<const std::byte> frame) {
  return messageOf(frame, &serverMessageOf);
}

/// The type that is told is the frame's.
Made frameOfType(const NetResult<std::int32_t>& type, const std::vector<std::byte>& frame) {
  if (!type) return std::unexpected(type.error());
  EXPECT_EQ(readCompileFrame(frame).value().type, *type);
  return frame;
}
Made clientFrame(std::span<const std::byte> message, std::int32_t type, std::uint64_t version) {
  std::vector<std::byte> frame(100);
  const auto made = clientFrameOf(message, type, version, frame);
  return frameOfType(made, frame);
}
Made serverFrame(std::span<const std::byte> message) {
  std::vector<std::byte> frame(100);
  const auto made = serverFrameOf(message, frame);
  return frameOfType(made, frame);
}

TEST(CompileFrames, ClientsMessagesSayNoType) {
  const auto message = clientMessage(replyFrame());
  EXPECT_EQ(message, bytesOf({8, 1, 0x12, 6, 10, 4, 8, 3, 16, 42}));
  EXPECT_EQ(clientFrame(*message, kQueryType, 0), replyFrame());
  EXPECT_EQ(clientFrame(*message, 5, std::uint64_t{0x0100}),
            bytesOf({13, 0, 0, 0, 8, 5, 0x12, 6, 10, 4, 8, 3, 16, 42, 24, 0x80, 2}));
}

TEST(CompileFrames, FalseStatusIsAnInterruption) {
  EXPECT_EQ(clientMessage(interruptedFrame()), bytesOf({0x12, 0}));
  for (const auto& message : {bytesOf({}), bytesOf({0x12, 0}), bytesOf({8, 0}), bytesOf({0x12, 2, 10, 0})})
    EXPECT_EQ(clientFrame(message, kQueryType, 0), interruptedFrame());
}

TEST(CompileFrames, DataInPieces) {
  const auto frame = clientFrame(bytesOf({0x12, 2, 10, 0, 0x7a, 1, 9, 8, 1, 0x12, 2, 10, 0}), 5, 0);
  EXPECT_EQ(frame, bytesOf({10, 0, 0, 0, 8, 5, 0x12, 2, 10, 0, 0x12, 2, 10, 0}));
}

TEST(CompileFrames, FieldsOfEachKindArePassedOver) {
  const auto others = bytesOf({0x25, 1,   2,   3,   4,                                // 32 bits
                               0x29, 1,   2,   3,   4,   5,   6,   7,   8,            // 64 bits
                               0x30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,  // a number of ten bytes
                               0x3a, 1,   9});
  auto message = bytesOf({8, 1});
  message.insert(message.end(), others.begin(), others.end());
  message.insert(message.end(), {std::byte{0x12}, std::byte{0}});
  EXPECT_EQ(clientFrame(message, 5, 0), bytesOf({4, 0, 0, 0, 8, 5, 0x12, 0}));
  for (std::size_t size = 3; size < 2 + others.size(); ++size) {
    // Cut off in a field, it is none; and between two it is one.
    const bool is_whole = size == 2 + 5 || size == 2 + 5 + 9 || size == 2 + 5 + 9 + 11;
    EXPECT_EQ(clientFrame(std::span(message).first(size), 5, 0).has_value(), is_whole) << size;
  }
}

TEST(CompileFrames, ServersMessagesAreTheSame) {
  for (const auto& frame : {queryFrame(), codeFrame()}) {
    const auto message = serverMessage(frame);
    EXPECT_EQ(message, std::vector(frame.begin() + 4, frame.end()));
    EXPECT_EQ(serverFrame(*message), frame);
  }
  EXPECT_EQ(readCompileFrame(queryFrame()).value().type, kQueryType);
  EXPECT_EQ(readCompileFrame(codeFrame()).value().type, 0);
}

TEST(CompileFrames, AFailureIsACodeWithoutABody) {
  const auto failure = frameWith(CompileFrameType::kCompilationFailure, std::uint32_t{5}, std::uint64_t{1});
  const auto message = serverMessage(failure);
  EXPECT_EQ(message, bytesOf({0x12, 12, 10, 4, 8, 1, 24, 5, 10, 4, 8, 3, 16, 1}));
  EXPECT_EQ(serverFrame(*message), failure);
}

TEST(CompileFrames, WhatIsNoProtobufIsRefused) {
  const struct {
    std::vector<std::byte> message;
    std::string offset;
  } cases[] = {{bytesOf({8}), "offset 0"},
               {bytesOf({8, 1, 0x12, 5, 0}), "offset 2"},
               {bytesOf({8, 1, 0x0b}), "offset 2"},
               {bytesOf({8, 1, 0x01, 0, 0, 0, 0, 0, 0, 0, 0}), "offset 2"},           // field 0
               {bytesOf({8, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0}), "offset 2"},        // field 2^29
               {bytesOf({8, 1, 0xf8, 0x80, 0x80, 0x80, 0x80, 0, 0}), "offset 2"},     // a key of six bytes
               {bytesOf({8, 1, 0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0}), "offset 2"},  // a length of six
               {bytesOf({8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}), "offset 0"}};
  for (const auto& [message, offset] : cases) {
    const auto frame = clientFrame(message, 5, 0);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, NetErrc::other);
    EXPECT_THAT(frame.error().detail, HasSubstr(offset));
    EXPECT_FALSE(serverFrame(message));
  }
}

TEST(CompileFrames, FramesThatAreNoProtobufAreRefused) {
  const auto message = clientMessage(bytesOf({3, 0, 0, 0, 8, 5, 0x12}));
  ASSERT_FALSE(message);
  EXPECT_THAT(message.error().detail, HasSubstr("offset 6"));
}

TEST(CompileFrames, ValuesInPiecesAreSentInPieces) {
  const auto frame = bytesOf({13, 0, 0, 0, 8, 5, 0x12, 2, 10, 0, 0x7a, 1, 9, 0x12, 2, 10, 0});
  EXPECT_EQ(clientMessage(frame), bytesOf({8, 1, 0x12, 2, 10, 0, 0x12, 2, 10, 0}));
  EXPECT_EQ(serverMessage(frame), std::vector(frame.begin() + 4, frame.end()));
  const auto failure = bytesOf({13, 0, 0, 0, 8, 4, 0x12, 2, 10, 0, 0x7a, 1, 9, 0x12, 2, 10, 0});
  EXPECT_EQ(serverMessage(failure), bytesOf({0x12, 2, 10, 0, 0x12, 2, 10, 0}));
}

}  // namespace
}  // namespace jitrig
