#include "protocol/wire/message_validation.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "protocol/wire/allocation_watch.h"
#include "protocol/wire/golden_messages.h"
#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"

// One test for each rule of the specification's "Canonical and not" and "What a hostile or broken peer can
// send" (wire.md). Offsets: the header ends at 16, so the first descriptor's type is at 16, its padding at
// 17, its data offset at 18, its element size at 19, its size at 20.
namespace jitrig::testing {
namespace {

void expectRefused(const Expected<Message>& message, WireErrc code, std::uint64_t offset, const char* field) {
  ASSERT_FALSE(message) << "accepted: " << toText(toValues(*message));
  EXPECT_EQ(toString(message.error().code), toString(code)) << toString(message.error());
  EXPECT_EQ(message.error().offset, offset) << toString(message.error());
  EXPECT_STREQ(message.error().field, field) << toString(message.error());
}

void expectReadAs(RawMessage raw, const std::string& text) {
  const auto message = raw.parse();
  ASSERT_TRUE(message) << toString(message.error());
  EXPECT_EQ(toText(toValues(*message)), text);
}

// The frame.

TEST(Validation, RefusesFewerBytesThanAHeader) {
  const Bytes bytes = golden("int32_neg").bytes;
  expectRefused(Message::parse(std::span(bytes).first(0), {}), WireErrc::messageTooSmall, 0, "bytes given");
  expectRefused(Message::parse(std::span(bytes).first(3), {}), WireErrc::messageTooSmall, 0, "bytes given");
  expectRefused(Message::parse(std::span(bytes).first(15), {}), WireErrc::sizeMismatch, 0, "message size");
}

TEST(Validation, RefusesASizeFieldThatIsNotTheNumberOfBytes) {
  Bytes bytes = golden("int32_neg").bytes;
  bytes.resize(bytes.size() + 4);
  expectRefused(Message::parse(bytes, {}), WireErrc::sizeMismatch, 0, "message size");
}

TEST(Validation, RefusesMessagesBeyondTheSizeLimit) {
  ParseOptions options = headOptions();
  options.limits.max_message_size_bytes = 24;
  const auto refused = Message::parse(golden("int32_neg").bytes, options);
  expectRefused(refused, WireErrc::messageTooLarge, 0, "message size");
  EXPECT_EQ(refused.error().expected, 24U);
  options.limits.max_message_size_bytes = 28;
  EXPECT_TRUE(Message::parse(golden("int32_neg").bytes, options));
}

TEST(Validation, RefusesABodyOnBodylessTypes) {
  expectRefused(RawMessage(1, 9).count(7).parse(), WireErrc::bodyNotAllowed, 16, "body");
  expectRefused(RawMessage(0, 11).count(7).parse(), WireErrc::bodyNotAllowed, 16, "body");
}

TEST(Validation, TakesTheBodylessTypesFromItsCaller) {
  const ParseOptions old_release{.limits = {}, .bodyless = {{6, 8}}};
  EXPECT_TRUE(RawMessage(3, 6).parse(old_release));
  EXPECT_TRUE(RawMessage(1, 9).count(7).parse(old_release));
  EXPECT_FALSE(RawMessage(3, 9).parse(old_release));
}

TEST(Validation, AcceptsAMessageWithoutDataPoints) {
  expectReadAs(RawMessage(0), "");
}

// The left column: refused.

TEST(Validation, RefusesTheTypeEnum) {
  expectRefused(RawMessage(1).descriptor(7, 4).u32(1).parse(), WireErrc::unknownDataType, 16, "data type");
}

TEST(Validation, RefusesEveryTypeBeyondTheTable) {
  for (unsigned type = 12; type <= 255; ++type) {
    const auto message = RawMessage(1).descriptor(static_cast<std::uint8_t>(type), 4).u32(1).parse();
    expectRefused(message, WireErrc::unknownDataType, 16, "data type");
    EXPECT_EQ(message.error().found, type);
  }
}

TEST(Validation, RefusesPaddingAboveThree) {
  for (const std::uint8_t padding : std::vector<std::uint8_t>{4, 5, 255}) {
    expectRefused(RawMessage(1).descriptor(DataType::STRING, 8, padding).u64(0).parse(),
                  WireErrc::paddingTooLarge, 17, "padding");
  }
}

TEST(Validation, RefusesDataOffsetsOtherThanZeroAndFour) {
  for (const std::uint8_t data_offset : std::vector<std::uint8_t>{1, 2, 3, 5, 8, 255}) {
    expectRefused(RawMessage(1).descriptor(DataType::STRING, 8, 0, data_offset).u64(0).parse(),
                  WireErrc::badDataOffset, 18, "data offset");
  }
}

TEST(Validation, RefusesContainersWithPaddingOrDataOffset) {
  const char* field = "padding and data offset";
  expectRefused(RawMessage(1).descriptor(DataType::TUPLE, 12, 1).count(1).parse(),
                WireErrc::containerWithPadding, 17, field);
  expectRefused(RawMessage(1).descriptor(DataType::TUPLE, 16, 0, 4).u32(0).count(1).parse(),
                WireErrc::containerWithPadding, 17, field);
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 12, 3).count(0).parse(),
                WireErrc::containerWithPadding, 17, field);
  expectRefused(RawMessage(1).descriptor(DataType::EMPTY_VECTOR, 0, 1).parse(),
                WireErrc::containerWithPadding, 17, field);
}

TEST(Validation, RefusesSizesThatAreNoMultipleOfFour) {
  for (const std::uint32_t size : {1U, 2U, 3U, 5U, 7U, 0xffffffffU}) {
    const auto message = RawMessage(1).descriptor(DataType::STRING, size).u64(0).parse();
    expectRefused(message, WireErrc::sizeNotAligned, 20, "data point size");
  }
}

TEST(Validation, RefusesSizesSmallerThanPaddingAndDataOffset) {
  expectRefused(RawMessage(1).descriptor(DataType::STRING, 0, 1).parse(), WireErrc::sizeTooSmall, 20,
                "data point size");
  expectRefused(RawMessage(1).descriptor(DataType::STRING, 4, 1, 4).u32(0).parse(), WireErrc::sizeTooSmall,
                20, "data point size");
}

TEST(Validation, RefusesPayloadsThatDoNotFitAFixedSizeType) {
  struct Case {
    DataType type;
    std::uint32_t size;
    std::uint8_t padding;
  };
  for (const Case& c :
       {Case{DataType::INT32, 0, 0}, Case{DataType::INT32, 4, 1}, Case{DataType::INT32, 8, 0},
        Case{DataType::UINT32, 8, 3}, Case{DataType::UINT32, 0, 0}, Case{DataType::INT64, 4, 0},
        Case{DataType::INT64, 8, 2}, Case{DataType::UINT64, 12, 0}, Case{DataType::UINT64, 0, 0},
        Case{DataType::BOOL, 4, 0}, Case{DataType::BOOL, 4, 2}, Case{DataType::BOOL, 8, 3}}) {
    expectRefused(RawMessage(1).descriptor(c.type, c.size, c.padding).fill(c.size).parse(),
                  WireErrc::payloadLength, 20, "payload length");
  }
}

TEST(Validation, RefusesAnEmptyVectorWithASize) {
  expectRefused(RawMessage(1).descriptor(DataType::EMPTY_VECTOR, 4).u32(0).parse(),
                WireErrc::emptyVectorWithData, 20, "data point size");
}

TEST(Validation, RefusesSimpleVectorsWhoseElementSizeDoesNotFit) {
  const char* field = "element size";
  expectRefused(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 8, 0, 0, 0).u64(0).parse(),
                WireErrc::elementSize, 19, field);
  expectRefused(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 0, 0, 0, 0).parse(), WireErrc::elementSize,
                19, field);
  expectRefused(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 8, 0, 0, 3).u64(0).parse(),
                WireErrc::elementSize, 19, field);
  expectRefused(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 8, 1, 0, 4).u64(0).parse(),
                WireErrc::elementSize, 19, field);
  expectRefused(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 8, 0, 0, 255).u64(0).parse(),
                WireErrc::elementSize, 19, field);
}

TEST(Validation, RefusesVectorsWithoutACount) {
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 0).parse(), WireErrc::vectorCount, 20,
                "data point size");
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 8).descriptor(DataType::UINT32, 4).parse(),
                WireErrc::vectorCount, 20, "data point size");
}

TEST(Validation, RefusesVectorsWhoseCountIsOfAnotherType) {
  for (const DataType type : {DataType::INT32, DataType::OBJECT, DataType::STRING}) {
    expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 12).descriptor(type, 4).u32(0).parse(),
                  WireErrc::vectorCount, 24, "data type of the vector count");
  }
}

TEST(Validation, RefusesAVectorCountThatIsItselfMalformed) {
  expectRefused(
      RawMessage(1).descriptor(DataType::VECTOR, 12).descriptor(DataType::UINT32, 4, 1).u32(0).parse(),
      WireErrc::payloadLength, 28, "payload length");
}

TEST(Validation, RefusesVectorsWithFewerElementsThanTheirCount) {
  // The count leaves no room for 3 descriptors.
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 24).count(3).count(1).parse(),
                WireErrc::vectorNotFilled, 32, "vector length");
  // There would be room, but the elements are larger.
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 36).count(3).count(1).count(1).parse(),
                WireErrc::vectorNotFilled, 16, "vector elements missing");
}

TEST(Validation, RefusesVectorsWithMoreElementsThanTheirCount) {
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 36).count(1).count(1).count(1).parse(),
                WireErrc::vectorNotFilled, 48, "bytes after the vector's last element");
  expectRefused(RawMessage(1).descriptor(DataType::VECTOR, 24).count(0).count(1).parse(),
                WireErrc::vectorNotFilled, 36, "bytes after the vector's last element");
}

TEST(Validation, RefusesBytesAfterTheLastDataPoint) {
  expectRefused(RawMessage(1).count(1).u32(0).parse(), WireErrc::trailingBytes, 28,
                "bytes after the last data point");
  expectRefused(RawMessage(1).count(1).count(2).parse(), WireErrc::trailingBytes, 28,
                "bytes after the last data point");
  expectRefused(RawMessage(0).count(1).parse(), WireErrc::trailingBytes, 16,
                "bytes after the last data point");
}

// What points past an end.

TEST(Validation, RefusesACountBeyondTheMessage) {
  expectRefused(RawMessage(2).count(1).parse(), WireErrc::descriptorPastEnd, 14, "data point count");
  expectRefused(RawMessage(65535).parse(), WireErrc::descriptorPastEnd, 14, "data point count");
}

TEST(Validation, RefusesADescriptorThatIsCutOff) {
  expectRefused(RawMessage(1).u32(0).parse(), WireErrc::descriptorPastEnd, 16, "data descriptor");
}

TEST(Validation, RefusesASizeBeyondTheMessage) {
  for (const std::uint32_t size : {12U, 16U, 0x7ffffffcU, 0xfffffffcU}) {
    const auto message = RawMessage(1).descriptor(DataType::STRING, size).u64(0).parse();
    expectRefused(message, WireErrc::descriptorPastEnd, 20, "data point size");
    EXPECT_EQ(message.error().expected, 8U);
  }
}

TEST(Validation, MeasuresAgainstTheMessageAndNotTheBuffer) {
  // The bytes of an earlier, longer message still lie behind this one.
  MessageBuffer buffer(golden("string_40000_growth").bytes);
  const Bytes bytes = RawMessage(1).descriptor(DataType::STRING, 400).u64(0).bytes();
  buffer.clear();
  buffer.append(bytes);
  ASSERT_GT(buffer.capacity(), 40000U);
  expectRefused(Message::parse(std::move(buffer), {}), WireErrc::descriptorPastEnd, 20, "data point size");
}

TEST(Validation, RefusesNestedDataLargerThanItsParent) {
  // In each, the bytes behind the parent would make the child whole.
  expectRefused(
      RawMessage(2).descriptor(DataType::TUPLE, 12).descriptor(DataType::STRING, 8).u32(0).count(1).parse(),
      WireErrc::descriptorPastEnd, 28, "data point size");
  expectRefused(RawMessage(2).descriptor(DataType::TUPLE, 8).descriptor(DataType::TUPLE, 12).count(1).parse(),
                WireErrc::descriptorPastEnd, 28, "data point size");
  expectRefused(RawMessage(2)
                    .descriptor(DataType::TUPLE, 20)
                    .descriptor(DataType::VECTOR, 24)
                    .count(1)
                    .count(1)
                    .parse(),
                WireErrc::descriptorPastEnd, 28, "data point size");
  expectRefused(RawMessage(2).descriptor(DataType::TUPLE, 4).u32(0).count(1).parse(),
                WireErrc::descriptorPastEnd, 24, "data descriptor");
}

TEST(Validation, RefusesAVectorCountPastItsVector) {
  expectRefused(RawMessage(1)
                    .descriptor(DataType::VECTOR, 12)
                    .descriptor(DataType::UINT32, 8, 0, 4)
                    .u32(0)
                    .u32(0)
                    .parse(),
                WireErrc::descriptorPastEnd, 28, "data point size");
}

// Limits.

RawMessage nestedTuples(std::size_t depth) {
  RawMessage raw(1);
  for (std::size_t level = depth; level > 0; --level) {
    raw.descriptor(DataType::TUPLE, static_cast<std::uint32_t>(8 * (level - 1)));
  }
  return raw;
}

TEST(Validation, LimitsTheNesting) {
  EXPECT_TRUE(nestedTuples(64).parse());
  const auto message = nestedTuples(65).parse();
  expectRefused(message, WireErrc::nestingTooDeep, 16 + 64 * 8, "nesting");
  EXPECT_EQ(message.error().expected, 64U);
}

TEST(Validation, LimitsTheNestingOfVectorsToo) {
  RawMessage raw(1);
  for (std::uint32_t level = 65; level > 0; --level)
    raw.descriptor(DataType::VECTOR, 20 * level - 8).count(level > 1);
  expectRefused(raw.parse(), WireErrc::nestingTooDeep, 16 + 64 * 20, "nesting");
}

TEST(Validation, HasAHardNestingLimitWhateverItIsTold) {
  ParseOptions options;
  options.limits.max_nesting = 100000;
  EXPECT_TRUE(nestedTuples(kNestingHardLimit).parse(options));
  const auto message = nestedTuples(kNestingHardLimit + 1).parse(options);
  expectRefused(message, WireErrc::nestingTooDeep, 16 + kNestingHardLimit * 8, "nesting");
  EXPECT_FALSE(nestedTuples(100000).parse(options));
}

TEST(Validation, CanForbidContainersAltogether) {
  ParseOptions options;
  options.limits.max_nesting = 0;
  EXPECT_FALSE(nestedTuples(1).parse(options));
  EXPECT_TRUE(RawMessage(1).count(1).parse(options));
}

TEST(Validation, LimitsTheLengthOfSimpleVectors) {
  ParseOptions options;
  options.limits.max_vector_length = 4;
  EXPECT_TRUE(RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 4, 0, 0, 1).u32(0).parse(options));
  const auto message = RawMessage(1).descriptor(DataType::SIMPLE_VECTOR, 8, 3, 0, 1).u64(0).parse(options);
  expectRefused(message, WireErrc::vectorTooLong, 20, "vector length");
  EXPECT_EQ(message.error().found, 5U);
  EXPECT_EQ(message.error().expected, 4U);
}

TEST(Validation, LimitsTheLengthOfVectors) {
  ParseOptions options;
  options.limits.max_vector_length = 1;
  EXPECT_TRUE(RawMessage(1).descriptor(DataType::VECTOR, 24).count(1).count(7).parse(options));
  const auto message =
      RawMessage(1).descriptor(DataType::VECTOR, 36).count(2).count(7).count(7).parse(options);
  expectRefused(message, WireErrc::vectorTooLong, 32, "vector length");
  EXPECT_EQ(message.error().found, 2U);
}

TEST(Validation, AllocatesNothingByAnnouncedCounts) {
  RawMessage raw(65535);
  raw.descriptor(DataType::VECTOR, 24).count(0x7fffffff).count(0x7fffffff);
  raw.descriptor(DataType::STRING, 0xfffffffc);
  const Bytes bytes = raw.bytes();
  ParseOptions options;
  options.limits.max_vector_length = 0xffffffff;
  const AllocationWatch watch;
  const auto message = Message::parse(bytes, options);
  const std::size_t total_bytes = watch.totalBytes();
  EXPECT_LE(total_bytes, MessageBuffer::kInitialCapacity);
  expectRefused(message, WireErrc::vectorNotFilled, 32, "vector length");
}

// The right column: accepted, and read as.

TEST(Validation, IgnoresElementSizesOfOtherTypes) {
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::UINT32, 4, 0, 0, 9).u32(7)), "uint32(7)");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::EMPTY_VECTOR, 0, 0, 0, 255)), "empty_vector");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::TUPLE, 12, 0, 0, 1).count(5)),
               "tuple(uint32(5))");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::VECTOR, 12, 0, 0, 1).count(0)), "vector()");
}

TEST(Validation, ReadsEveryBoolByteOtherThanZeroAsTrue) {
  for (const std::uint32_t byte : {1U, 2U, 0x80U, 0xffU}) {
    expectReadAs(std::move(RawMessage(1).descriptor(DataType::BOOL, 4, 3).u32(byte)), "bool(true)");
  }
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::BOOL, 4, 3).u32(0xffffff00)), "bool(false)");
}

TEST(Validation, AcceptsADataOffsetThatAlignmentWouldNotNeed) {
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::UINT64, 12, 0, 4).u32(0xffffffff).u64(7)),
               "uint64(7)");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::UINT32, 8, 0, 4).u32(0xffffffff).u32(7)),
               "uint32(7)");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::BOOL, 8, 3, 4).u32(0xffffffff).u32(1)),
               "bool(true)");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::STRING, 4, 0, 4).u32(0xffffffff)),
               "string(\"\")");
  expectReadAs(std::move(RawMessage(1)
                             .descriptor(DataType::VECTOR, 16)
                             .descriptor(DataType::UINT32, 8, 0, 4)
                             .u32(0xffffffff)
                             .u32(0)),
               "vector()");
}

TEST(Validation, AcceptsAMissingDataOffset) {
  RawMessage raw(2);
  raw.count(1).descriptor(DataType::UINT64, 8).u64(7);  // its payload lies at 36
  expectReadAs(raw, "uint32(1), uint64(7)");
}

TEST(Validation, ShowsVectorsAsTheyWereReceived) {
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::VECTOR, 12).count(0)), "vector()");
  expectReadAs(std::move(RawMessage(1).descriptor(DataType::VECTOR, 36).count(2).count(8).count(9)),
               "vector(uint32(8), uint32(9))");
}

TEST(Validation, ReadsNoMeaningIntoPaddingAndFiller) {
  RawMessage raw(3);
  raw.descriptor(DataType::STRING, 4, 2).u32(0xffff6261);
  raw.descriptor(DataType::OBJECT, 4, 3).u32(0xffffff07);
  raw.descriptor(DataType::UINT64, 12, 0, 4).u32(0xffffffff).u64(1);
  expectReadAs(raw, "string(\"ab\"), object(07), uint64(1)");
}

// Truncation.

/// Tries every length; with the size field as it was, and made to fit.
TEST(Validation, RefusesEveryGoldenCutOffAtEveryLength) {
  for (const Golden& golden : goldens()) {
    if (golden.isBodyless()) continue;
    for (std::uint32_t length = 0; length < golden.bytes.size(); ++length) {
      // An allocation of exactly these bytes, so that AddressSanitizer sees a read beyond them.
      Bytes cut(golden.bytes.begin(), golden.bytes.begin() + length);
      const auto as_is = validateMessage(cut, headOptions());
      ASSERT_FALSE(as_is) << golden.name << " cut at " << length;
      ASSERT_EQ(as_is.error().offset, 0U);
      if (length < 4) continue;
      std::memcpy(cut.data(), &length, sizeof length);
      const auto patched = validateMessage(cut, headOptions());
      ASSERT_FALSE(patched) << golden.name << " cut at " << length;
      ASSERT_LE(patched.error().offset, length) << golden.name << ": " << toString(patched.error());
    }
  }
}

}  // namespace
}  // namespace jitrig::testing
