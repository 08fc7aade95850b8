#include "protocol/wire/raw_type_convert.h"

#include <array>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "protocol/wire/allocation_watch.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::testing {
namespace {

template <class... T>
Message sent(const T&... args) {
  Message message(100);
  setArgs(message, args...);
  EXPECT_EQ(notCanonical(message), "");
  auto received = Message::parse(message.serialize(), {});
  EXPECT_TRUE(received) << toString(received.error());
  return std::move(*received);
}

template <class... T>
void expectRoundTrip(DataType type, const T&... values) {
  const auto check = [type](const auto& value) {
    using Type = std::remove_cvref_t<decltype(value)>;
    // Behind an INT32 the data falls on the other alignment.
    for (const bool shifted : {false, true}) {
      const Message message = shifted ? sent(std::int32_t{5}, value) : sent(value);
      EXPECT_EQ((*std::next(message.dataPoints().begin(), shifted ? 1 : 0)).type(), type);
      if (shifted) {
        const auto back = getArgs<std::int32_t, Type>(message);
        ASSERT_TRUE(back) << toString(back.error());
        EXPECT_EQ(std::get<1>(*back), value);
      } else {
        const auto back = getArgs<Type>(message);
        ASSERT_TRUE(back) << toString(back.error());
        EXPECT_EQ(std::get<0>(*back), value);
      }
    }
  };
  (check(values), ...);
}

template <class T>
void expectLimitsRoundTrip(DataType type) {
  expectRoundTrip(type, std::numeric_limits<T>::lowest(), T{}, T{1}, std::numeric_limits<T>::max());
}

template <class... T>
void expectMisfit(const Message& message, WireErrc code, std::uint64_t offset, std::uint64_t found = 0,
                  std::uint64_t expected = 0) {
  const auto values = getArgs<T...>(message);
  ASSERT_FALSE(values);
  EXPECT_EQ(toString(values.error().code), toString(code)) << toString(values.error());
  EXPECT_EQ(values.error().offset, offset) << toString(values.error());
  EXPECT_EQ(values.error().found, found) << toString(values.error());
  EXPECT_EQ(values.error().expected, expected) << toString(values.error());
}

template <class... T>
void expectTypeMisfit(const Message& message, std::uint64_t offset, DataType found, DataType expected) {
  expectMisfit<T...>(message, WireErrc::typeMismatch, offset, static_cast<std::uint64_t>(found),
                     static_cast<std::uint64_t>(expected));
}

enum class Byte : std::uint8_t { first, last = 255 };
enum class Wide : std::int64_t { lowest = std::numeric_limits<std::int64_t>::min() };

struct Point {
  std::int32_t x;
  std::int16_t y;
  friend bool operator==(const Point&, const Point&) = default;
};

TEST(RawTypeConvert, IntegersWithAWireTypeOfTheirOwn) {
  expectLimitsRoundTrip<std::int32_t>(DataType::INT32);
  expectLimitsRoundTrip<std::int64_t>(DataType::INT64);
  expectLimitsRoundTrip<std::uint32_t>(DataType::UINT32);
  expectLimitsRoundTrip<std::uint64_t>(DataType::UINT64);
  expectLimitsRoundTrip<std::size_t>(DataType::UINT64);
  expectLimitsRoundTrip<std::uintptr_t>(DataType::UINT64);
}

TEST(RawTypeConvert, OtherArithmeticTypesAreObjects) {
  expectLimitsRoundTrip<std::int8_t>(DataType::OBJECT);
  expectLimitsRoundTrip<std::uint8_t>(DataType::OBJECT);
  expectLimitsRoundTrip<char>(DataType::OBJECT);
  expectLimitsRoundTrip<std::int16_t>(DataType::OBJECT);
  expectLimitsRoundTrip<std::uint16_t>(DataType::OBJECT);
  expectLimitsRoundTrip<float>(DataType::OBJECT);
  expectLimitsRoundTrip<double>(DataType::OBJECT);
  expectLimitsRoundTrip<long long>(DataType::OBJECT);
  expectLimitsRoundTrip<unsigned long long>(DataType::OBJECT);
}

TEST(RawTypeConvert, PointersEnumsAndStructsAreObjects) {
  int target = 0;
  expectRoundTrip(DataType::OBJECT, static_cast<int*>(nullptr), &target, static_cast<void*>(&target));
  expectRoundTrip(DataType::OBJECT, Byte::first, Byte::last, Wide::lowest);
  expectRoundTrip(DataType::OBJECT, Point{.x = 1, .y = -2}, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
}

TEST(RawTypeConvert, BoolIsOneByteAndEveryByteButZeroIsTrue) {
  expectRoundTrip(DataType::BOOL, true, false);
  for (const std::uint32_t byte : {1U, 2U, 0x80U, 0xffU}) {
    const auto message = RawMessage(1).descriptor(DataType::BOOL, 4, 3).u32(byte).parse();
    EXPECT_EQ(getArgs<bool>(*message), std::tuple(true)) << byte;
  }
  const auto message = RawMessage(1).descriptor(DataType::BOOL, 4, 3).u32(0xffffff00).parse();
  EXPECT_EQ(getArgs<bool>(*message), std::tuple(false));
}

TEST(RawTypeConvert, VoidIsOneByteThatIsNotLookedAt) {
  EXPECT_EQ(toText(toValues(sent(Void{}))), "object(00)");
  for (const std::uint32_t byte : {0U, 1U, 0xaaU, 0xffU}) {
    const auto message = RawMessage(1).descriptor(DataType::OBJECT, 4, 3).u32(byte).parse();
    EXPECT_TRUE(getArgs<Void>(*message)) << byte;
  }
  expectMisfit<Void>(sent(std::int16_t{1}), WireErrc::objectSizeMismatch, 16, 2, 1);
  expectTypeMisfit<Void>(sent(true), 16, DataType::BOOL, DataType::OBJECT);
}

TEST(RawTypeConvert, Strings) {
  expectRoundTrip(DataType::STRING, std::string(), std::string(1, '\0'), std::string("abc"),
                  std::string("abcd"), std::string(5000, 'x'));
}

TEST(RawTypeConvert, StringViewsPointIntoTheMessage) {
  const Message message = sent(std::string_view("abc"), std::string());
  const auto [text, empty] = getArgs<std::string_view, std::string_view>(message).value();
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(empty, "");
  EXPECT_EQ(static_cast<const void*>(text.data()), message.serialize().data() + 24);
}

TEST(RawTypeConvert, EmptyVectors) {
  expectRoundTrip(DataType::EMPTY_VECTOR, std::vector<std::uint8_t>{}, std::vector<std::string>{},
                  std::vector<std::tuple<bool>>{}, std::vector<std::vector<int>>{});
  EXPECT_TRUE(std::get<0>(*getArgs<std::span<const int>>(sent(std::vector<std::string>{}))).empty());
}

TEST(RawTypeConvert, VectorsOfSimpleElements) {
  expectRoundTrip(DataType::SIMPLE_VECTOR, std::vector<std::uint8_t>{0, 255},
                  std::vector<std::int32_t>{-1, 2, 3}, std::vector<std::uint64_t>{1, ~std::uint64_t{0}},
                  std::vector<double>{0.5}, std::vector<Point>{{1, 2}, {3, 4}},
                  std::vector<std::array<std::uint8_t, 255>>(2));
}

TEST(RawTypeConvert, VectorsOfOtherElements) {
  using Strings = std::vector<std::string>;
  expectRoundTrip(DataType::VECTOR, Strings{"", "a", "abcd"}, std::vector<Strings>{{}, {"x"}},
                  std::vector<std::tuple<std::string, std::uint64_t>>{{"a", 1}, {"b", 2}},
                  std::vector<std::array<std::uint8_t, 256>>(2));
}

TEST(RawTypeConvert, Tuples) {
  expectRoundTrip(DataType::TUPLE, std::tuple(std::int32_t{1}),
                  std::tuple(true, std::string("t"), std::uint64_t{7}),
                  std::tuple(std::tuple(std::tuple(std::uint8_t{1})), std::vector<std::string>{"a"}));
}

TEST(RawTypeConvert, TuplesCanHoldViews) {
  const Message message = sent(std::tuple(std::string("ab"), std::vector<std::uint16_t>{1, 2}));
  const auto [tuple] = getArgs<std::tuple<std::string_view, std::span<const std::uint16_t>>>(message).value();
  EXPECT_EQ(std::get<0>(tuple), "ab");
  EXPECT_THAT(std::get<1>(tuple), ::testing::ElementsAre(1, 2));
}

TEST(RawTypeConvert, SpansAreSentAsVectors) {
  const std::vector<std::uint32_t> values{1, 2, 3};
  const Message message = sent(std::span<const std::uint32_t>(values));
  EXPECT_EQ(std::get<0>(*getArgs<std::vector<std::uint32_t>>(message)), values);
}

TEST(RawTypeConvert, SpansPointIntoTheMessage) {
  const Message message = sent(std::vector<std::uint64_t>{1, 2});
  const auto [view] = getArgs<std::span<const std::uint64_t>>(message).value();
  EXPECT_THAT(view, ::testing::ElementsAre(1, 2));
  EXPECT_EQ(static_cast<const void*>(view.data()), message.serialize().data() + 24);
}

TEST(RawTypeConvert, SpansOfMisalignedDataAreRefusedAndVectorsAreNot) {
  RawMessage raw(2);
  raw.count(9).descriptor(DataType::SIMPLE_VECTOR, 8, 0, 0, 8).u64(77);  // its payload lies at 36
  const auto message = raw.parse();
  ASSERT_TRUE(message);
  expectMisfit<std::uint32_t, std::span<const std::uint64_t>>(*message, WireErrc::misalignedView, 28);
  const auto copied = getArgs<std::uint32_t, std::vector<std::uint64_t>>(*message);
  ASSERT_TRUE(copied);
  EXPECT_THAT(std::get<1>(*copied), ::testing::ElementsAre(77));
}

TEST(RawTypeConvert, VectorsOfSimpleElementsAreReadFromTheLongForm) {
  const auto message = RawMessage(1).descriptor(DataType::VECTOR, 36).count(2).count(8).count(9).parse();
  ASSERT_TRUE(message);
  EXPECT_THAT(std::get<0>(*getArgs<std::vector<std::uint32_t>>(*message)), ::testing::ElementsAre(8, 9));
  // Its elements are data points of their own, and their types count.
  expectTypeMisfit<std::vector<std::int32_t>>(*message, 36, DataType::UINT32, DataType::INT32);
  expectTypeMisfit<std::span<const std::uint32_t>>(*message, 16, DataType::VECTOR, DataType::SIMPLE_VECTOR);
  const auto empty = RawMessage(1).descriptor(DataType::VECTOR, 12).count(0).parse();
  EXPECT_TRUE(std::get<0>(*getArgs<std::vector<std::uint32_t>>(*empty)).empty());
}

TEST(RawTypeConvert, AnotherWireTypeIsATypeMismatchThatNamesBoth) {
  const Message message = sent(std::int32_t{1});
  expectTypeMisfit<std::uint32_t>(message, 16, DataType::INT32, DataType::UINT32);
  expectTypeMisfit<std::int64_t>(message, 16, DataType::INT32, DataType::INT64);
  expectTypeMisfit<std::uint64_t>(message, 16, DataType::INT32, DataType::UINT64);
  expectTypeMisfit<bool>(message, 16, DataType::INT32, DataType::BOOL);
  expectTypeMisfit<std::string>(message, 16, DataType::INT32, DataType::STRING);
  expectTypeMisfit<std::string_view>(message, 16, DataType::INT32, DataType::STRING);
  expectTypeMisfit<float>(message, 16, DataType::INT32, DataType::OBJECT);
  expectTypeMisfit<void*>(message, 16, DataType::INT32, DataType::OBJECT);
  expectTypeMisfit<std::vector<std::int32_t>>(message, 16, DataType::INT32, DataType::SIMPLE_VECTOR);
  expectTypeMisfit<std::vector<std::string>>(message, 16, DataType::INT32, DataType::VECTOR);
  expectTypeMisfit<std::span<const std::int32_t>>(message, 16, DataType::INT32, DataType::SIMPLE_VECTOR);
  expectTypeMisfit<std::tuple<std::int32_t>>(message, 16, DataType::INT32, DataType::TUPLE);
  expectTypeMisfit<std::int32_t>(sent(std::uint32_t{1}), 16, DataType::UINT32, DataType::INT32);
  expectTypeMisfit<std::vector<std::string>>(sent(std::vector<int>{1}), 16, DataType::SIMPLE_VECTOR,
                                             DataType::VECTOR);
  EXPECT_EQ(toString(getArgs<bool>(message).error()),
            "offset 16: data point: received INT32, expected BOOL (typeMismatch)");
}

TEST(RawTypeConvert, AnotherSizeIsAnObjectSizeMismatch) {
  expectMisfit<std::uint16_t>(sent(std::uint8_t{1}), WireErrc::objectSizeMismatch, 16, 1, 2);
  expectMisfit<Point>(sent(1.5F), WireErrc::objectSizeMismatch, 16, 4, sizeof(Point));
  expectMisfit<std::vector<std::uint32_t>>(sent(std::vector<std::uint64_t>{1}), WireErrc::objectSizeMismatch,
                                           16, 8, 4);
  expectMisfit<std::span<const std::uint8_t>>(sent(std::vector<std::uint64_t>{1}),
                                              WireErrc::objectSizeMismatch, 16, 8, 1);
}

TEST(RawTypeConvert, AnotherNumberOfDataPointsIsAnArityMismatch) {
  const Message message = sent(true, false);
  expectMisfit<bool>(message, WireErrc::arityMismatch, 14, 2, 1);
  expectMisfit<bool, bool, bool>(message, WireErrc::arityMismatch, 14, 2, 3);
  expectMisfit<Void>(Message(100), WireErrc::arityMismatch, 14, 0, 1);
}

TEST(RawTypeConvert, AnotherNumberOfTupleElementsIsAnArityMismatchToo) {
  const Message message = sent(std::tuple(true, false));
  expectMisfit<std::tuple<bool>>(message, WireErrc::arityMismatch, 16, 2, 1);
  expectMisfit<std::tuple<bool, bool, bool>>(message, WireErrc::arityMismatch, 16, 2, 3);
}

TEST(RawTypeConvert, MisfitsInsideContainersSayWhereTheyAre) {
  const Message message = sent(std::uint32_t{1}, std::vector{std::tuple(std::string("a"), true)});
  using Wrong = std::vector<std::tuple<std::string, std::uint8_t>>;
  // header 16, UINT32 12, VECTOR 8, count 12, TUPLE 8, STRING 12: the BOOL is at 68
  expectTypeMisfit<std::uint32_t, Wrong>(message, 68, DataType::BOOL, DataType::OBJECT);
}

TEST(RawTypeConvert, ReservesNoMoreThanArrivedForVectorsOfLargeElements) {
  struct Large {
    std::array<char, 100000> bytes;
  };
  RawMessage raw(1);
  raw.descriptor(DataType::VECTOR, 12 + 8 * 1000).count(1000);
  for (int element = 0; element < 1000; ++element) raw.descriptor(DataType::STRING, 0);
  const auto message = raw.parse();
  ASSERT_TRUE(message);
  const AllocationWatch watch;
  expectTypeMisfit<std::vector<Large>>(*message, 36, DataType::STRING, DataType::OBJECT);
  EXPECT_LE(watch.largestBytes(), 2 * sizeof(Large));
}

}  // namespace
}  // namespace jitrig::testing
