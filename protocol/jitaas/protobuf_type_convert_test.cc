#include "protocol/jitaas/protobuf_type_convert.h"

#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/jitaas/args_protobuf.h"
#include "protocol/jitaas/compile.pb.h"
#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/stream/stream_exceptions.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig {
namespace {

struct ThreeBytes {
  std::uint8_t bytes[3];
  friend bool operator==(const ThreeBytes&, const ThreeBytes&) = default;
};
struct ThreeNumbers {
  std::int32_t numbers[3];
  friend bool operator==(const ThreeNumbers&, const ThreeNumbers&) = default;
};
enum class Level : std::uint8_t { high = 200 };
enum Wide { wideTwo = 2 };
enum class Signed : std::int8_t { minusOne = -1 };
using ClassInfo = std::tuple<std::string, void*, std::uint64_t, std::vector<void*>, bool>;
using Method = std::tuple<std::uint32_t, std::uint64_t, bool, std::string>;

}  // namespace

// As the build that wrote the goldens numbered them.
template <>
inline constexpr std::uint64_t kTypeTag<Wide> = 8;
template <>
inline constexpr std::uint64_t kTypeTag<Level> = 9;
template <>
inline constexpr std::uint64_t kTypeTag<ThreeNumbers> = 10;
template <>
inline constexpr std::uint64_t kTypeTag<ThreeBytes> = 11;
template <>
inline constexpr std::uint64_t kTypeTag<Method> = 24;
template <>
inline constexpr std::uint64_t kTypeTag<ClassInfo> = 26;

namespace {

using testing::fromHex;
using ::testing::HasSubstr;
using testing::JitaasGolden;
using testing::jitaasGolden;

void* address(std::uintptr_t value) {
  return reinterpret_cast<void*>(value);  // NOLINT(performance-no-int-to-ptr): never followed
}

/// The golden holds just these values, and they are written as its bytes.
template <class... T>
void expectGolden(const std::string& name, const T&... args) {
  const JitaasGolden& golden = jitaasGolden(name);
  JitaasMessage written(golden.type, golden.version);
  setArgs(written, args...);
  EXPECT_EQ(toHex(written.serialize()), toHex(golden.frame)) << name;
  auto message = JitaasMessage::parse(golden.frame);
  ASSERT_TRUE(message) << name;
  EXPECT_TRUE(message->encodedValues()) << name;
  EXPECT_TRUE(getArgs<T...>(*message) == std::tuple<T...>(args...)) << name;
  message->data();
  EXPECT_FALSE(message->encodedValues()) << name;
  EXPECT_TRUE(getArgs<T...>(*message) == std::tuple<T...>(args...)) << name << ", by protobuf";
  EXPECT_EQ(toHex(message->serialize()), toHex(golden.frame)) << name << ", by protobuf";
}

struct Form {
  std::string name;
  std::string body;
};

/// All as protobuf reads them: the uint64 5, the int32 -1.
const std::vector<Form> kForms = {
    {"as protobuf writes it", "12130a04080310050a0b28ffffffffffffffffff01"},
    {"content before its tag", "12130a04100508030a0b28ffffffffffffffffff01"},
    {"a tag that may be left out", "12150a04080310050a0d080028ffffffffffffffffff01"},
    {"a number with a byte too many", "12150a060803108580000a0b28ffffffffffffffffff01"},
    {"two contents", "12150a060803100110050a0b28ffffffffffffffffff01"},
    {"a field of a value that is not known", "12150a060803100578010a0b28ffffffffffffffffff01"},
    {"its data in pieces", "12060a0408031005120d0a0b28ffffffffffffffffff01"},
    {"an int32 in five bytes", "120e0a04080310050a0628ffffffff0f"},
    {"a field of the message that is not known", "12130a04080310050a0b28ffffffffffffffffff017801"},
};

TEST(ProtobufTypeConvert, OtherFormsOfTheSameValues) {
  const std::tuple<std::uint64_t, std::int32_t> expected{5, -1};
  for (const auto& [name, body] : kForms) {
    std::vector<std::byte> frame = fromHex(body);
    const auto size = static_cast<std::uint32_t>(frame.size());
    const auto* first = reinterpret_cast<const std::byte*>(&size);
    frame.insert(frame.begin(), first, first + sizeof size);
    const auto message = JitaasMessage::parse(frame);
    ASSERT_TRUE(message) << name << ": " << toString(message.error());
    EXPECT_EQ((getArgs<std::uint64_t, std::int32_t>(*message)), expected) << name;
  }
}

/// What is added once protobuf has been asked for the rest.
TEST(ProtobufTypeConvert, ValuesAreAddedToThoseOfProtobuf) {
  JitaasMessage message(303);
  setArgs(message, std::uint64_t{5});
  any_data::setInt32(any_data::add(message.data()), 7);
  setArgs(message, std::string("more"));
  const std::tuple<std::uint64_t, std::int32_t, std::string> expected{5, 7, "more"};
  EXPECT_EQ((getArgs<std::uint64_t, std::int32_t, std::string>(message)), expected);
  EXPECT_EQ(any_data::size(message.data()), 3U);
}

TEST(ProtobufTypeConvert, GoldensOfEachType) {
  expectGolden("first_arg_int32_neg", std::int32_t{-2});
  expectGolden("uint32_max", std::numeric_limits<std::uint32_t>::max());
  expectGolden("clientSessionTerminate", std::uint64_t{1234605616436508552});
  expectGolden("bool_true", true);
  expectGolden("void", Void{});
  expectGolden("pointer_null", address(0));
  expectGolden("pointer_int32", address(139638282147448), 4);
  expectGolden("enum32", wideTwo);
  expectGolden("enum8", Level::high);
  expectGolden("string_empty", std::string());
  expectGolden("string_nuls", std::string("a\0b\0", 4));
  expectGolden("string_4096", std::string(4096, 'x'));
  expectGolden("string_40000", std::string(40000, 'y'));
  expectGolden("uint16", std::uint16_t{48879});
  expectGolden("char", std::int8_t{90});
  expectGolden("float", 1.5F);
  expectGolden("object_3", ThreeBytes{{1, 2, 3}});
  expectGolden("object_12", ThreeNumbers{{1, 2, 3}});
}

TEST(ProtobufTypeConvert, GoldensOfContainers) {
  expectGolden("vec_empty_u32", std::vector<std::uint32_t>());
  expectGolden("vec_u32", std::vector<std::uint32_t>{1, 2, 4294967295U});
  expectGolden("vec_u8", std::vector<std::uint8_t>{1, 2, 3});
  expectGolden("vec_ptr", std::vector<void*>{address(1), address(139637976727552)});
  expectGolden("vec_string", std::string("n"), std::vector<std::string>{"a", "", "hello"});
  expectGolden("tuple", Method(1, 2, true, "t"));
}

TEST(ProtobufTypeConvert, GoldensOfWholeConversations) {
  expectGolden("eight_mixed", std::uint64_t{1}, std::uint32_t{2}, true, std::int32_t{-4}, address(5),
               std::int64_t{-6}, false, std::string("eight"));
  const ClassInfo info("romclass bytes", address(32513), 77, {address(1), address(2)}, true);
  expectGolden("compilationRequest_no_version", std::uint64_t{1234605616436508552}, std::uint32_t{1},
               std::string("m"), info);
  expectGolden("compilationRequest_with_version", std::uint64_t{1234605616436508552}, std::uint32_t{0},
               address(139844135161856), address(139844135157760), ThreeNumbers{{1, 2, 3}},
               std::string("details"), static_cast<Wide>(1), std::vector<void*>{address(9)}, info,
               std::string("options"), std::string(), std::uint32_t{5}, true);
}

/// What is sent comes back.
template <class... T>
void expectBack(const T&... args) {
  JitaasMessage message(1);
  setArgs(message, args...);
  const auto received = JitaasMessage::parse(message.serialize());
  ASSERT_TRUE(received);
  EXPECT_TRUE(getArgs<T...>(*received) == std::tuple<T...>(args...));
}

template <class T>
void expectLimitsBack() {
  expectBack(std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T{}, static_cast<T>(-1));
}

TEST(ProtobufTypeConvert, TheEndsOfEachTypeComeBack) {
  expectLimitsBack<std::int32_t>();
  expectLimitsBack<std::int64_t>();
  expectLimitsBack<std::uint32_t>();
  expectLimitsBack<std::uint64_t>();
  expectLimitsBack<std::int8_t>();
  expectLimitsBack<std::uint8_t>();
  expectLimitsBack<std::int16_t>();
  expectLimitsBack<std::uint16_t>();
  expectLimitsBack<char>();
  expectLimitsBack<long long>();
  expectLimitsBack<unsigned long long>();
  expectLimitsBack<float>();
  expectLimitsBack<double>();
  expectBack(false, true, Signed::minusOne, address(~std::uintptr_t{0}), Void{});
}

TEST(ProtobufTypeConvert, ContainersInEachOtherComeBack) {
  expectBack(std::vector<Method>{Method(1, 2, true, "t"), Method()});
  expectBack(std::tuple(std::tuple(1, std::string("in")), std::vector<Level>{Level::high}));
  expectBack(
      std::vector<std::tuple<std::vector<std::string>, ThreeBytes>>{{{"a", ""}, ThreeBytes{{1, 2, 3}}}});
  expectBack(std::vector<Void>(2), std::vector<double>{0.5}, std::vector<Signed>{Signed::minusOne});
}

TEST(ProtobufTypeConvert, AMessageOfProtobufTravelsAsItsBytes) {
  JITServer::Any inner;
  inner.set_int32_v(7);
  JitaasMessage message(1);
  setArgs(message, inner, std::vector<JITServer::Any>{inner, {}});
  const auto [back, both] = getArgs<JITServer::Any, std::vector<JITServer::Any>>(message);
  EXPECT_EQ(back.int32_v(), 7);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].int32_v(), 7);
  EXPECT_EQ(both[1].type_case(), JITServer::Any::TYPE_NOT_SET);
}

TEST(ProtobufTypeConvert, AViewIsSentAsAStringAndLiesInTheMessage) {
  JitaasMessage message(1);
  setArgs(message, std::string_view("characters"));
  EXPECT_EQ(std::get<0>(getArgs<std::string>(message)), "characters");
  EXPECT_EQ(std::get<0>(getArgs<std::string_view>(message)), "characters");
}

TEST(ProtobufTypeConvert, TypesDifferInTheirTags) {
  EXPECT_NE(kTypeTag<ThreeBytes>, kTypeTag<Signed>);
  EXPECT_NE((kTypeTag<std::tuple<int, bool>>), (kTypeTag<std::tuple<bool, int>>));
  EXPECT_NE(kTypeTag<std::vector<double>>, kTypeTag<std::vector<float>>);
  EXPECT_GE(kTypeTag<std::vector<double>>, 128U);
  EXPECT_EQ(describeTag(7), "tag 7, a pointer");
  EXPECT_EQ(describeTag(4711), "tag 4711");
}

/// The words of the exception that reading throws.
template <class Exception>
std::string wordsOf(const std::function<void()>& read) {
  try {
    read();
  } catch (const Exception& exception) {
    return exception.what();
  }
  return "nothing was thrown";
}

constexpr ReceiveOptions kForeign{.tags = TagCheck::ignore};

TEST(ProtobufTypeMismatch, NamesBothSides) {
  JitaasMessage message(1);
  setArgs(message, 1, std::uint64_t{2}, std::string("abc"), Wide{});
  EXPECT_NO_THROW((getArgs<int, std::uint64_t, std::string, Wide>(message)));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<bool, std::uint64_t, std::string, Wide>(message); }),
              HasSubstr("data[0]: received int32_v (tag 0, an int32), expected bool (tag 4)"));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<int, void*, std::string, Wide>(message); }),
              HasSubstr("data[1]: received uint64_v (tag 3, a uint64), expected void"));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<int, std::uint64_t, ThreeBytes, Wide>(message); }),
              HasSubstr("data[2]: received bytes_v (tag 6, a string), expected"));
}

TEST(ProtobufTypeMismatch, WithoutTagsTheMembersAndSizesStillCount) {
  JitaasMessage message(1);
  setArgs(message, 1, std::uint64_t{500}, std::string("abc"));
  EXPECT_NO_THROW((getArgs<int, void*, ThreeBytes>(message, kForeign)));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<bool, void*, ThreeBytes>(message, kForeign); }),
              HasSubstr("data[0]: received int32_v (tag 0, an int32), expected bool_v (bool)"));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<int, void*, ThreeNumbers>(message, kForeign); }),
              HasSubstr("data[2]: received 3 bytes, expected 12 ("));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<int, Level, ThreeBytes>(message, kForeign); }),
              HasSubstr("data[1]: received the number 500, expected"));
}

TEST(ProtobufTypeMismatch, InsideContainersIsFoundAtItsPlace) {
  JitaasMessage message(1);
  setArgs(message, std::tuple(1, std::vector<std::string>{"a", "bc"}));
  const auto read = [&] { getArgs<std::tuple<int, std::vector<char>>>(message, kForeign); };
  EXPECT_THAT(wordsOf<StreamTypeMismatch>(read),
              HasSubstr("data[0][1][1]: received 2 bytes, expected 1 (char)"));
  const auto narrower = [&] { getArgs<std::tuple<bool, std::vector<std::string>>>(message, kForeign); };
  EXPECT_THAT(wordsOf<StreamTypeMismatch>(narrower), HasSubstr("data[0][0]: received int32_v"));
}

TEST(ProtobufTypeMismatch, BytesThatAreNoMessageOfProtobuf) {
  JitaasMessage message(1);
  setArgs(message, std::string("\x0a"));
  EXPECT_THAT(wordsOf<StreamTypeMismatch>([&] { getArgs<JITServer::Any>(message, kForeign); }),
              HasSubstr("expected JITServer::Any"));
}

TEST(ProtobufArityMismatch, OfAMessageAndOfATuple) {
  JitaasMessage message(1);
  setArgs(message, std::tuple(1, 2));
  EXPECT_EQ(wordsOf<StreamArityMismatch>([&] { getArgs<int, int>(message); }),
            "data: received 1 values, expected 2");
  EXPECT_EQ(wordsOf<StreamArityMismatch>([&] { getArgs<std::tuple<int>>(message, kForeign); }),
            "data[0]: received 2 values, expected 1");
  EXPECT_EQ(wordsOf<StreamArityMismatch>([&] { getArgs<Void>(JitaasMessage(1)); }),
            "data: received 0 values, expected 1");
}

#ifndef NDEBUG
TEST(ProtobufTypeMismatchDeathTest, EndsTheProgramWhereThatIsAskedFor) {
  JitaasMessage message(1);
  setArgs(message, 1);
  EXPECT_DEATH(getArgs<bool>(message, {.assert_fit = true}), "does not fit the type that was read");
}
#endif

// What travels and what does not: the compiler's words are in protobuf_serializable_compile_test.py.
template <class... T>
constexpr bool kAll = (ProtobufSerializable<T> && ...);
template <class... T>
constexpr bool kNone = (!ProtobufSerializable<T> && ...);

static_assert(kAll<std::int32_t, std::uint64_t, bool, Void, float, void*, Wide, ThreeBytes, std::string,
                   JITServer::Any>);
static_assert(kAll<std::vector<std::string>, std::vector<Method>, std::tuple<std::vector<int>>,
                   std::vector<JITServer::Any>, std::vector<std::tuple<std::vector<int>>>>);
static_assert(kNone<std::vector<std::vector<int>>, std::vector<bool>, std::tuple<>, std::pair<int, int>,
                    const char*, std::wstring, std::vector<const char*>>);

}  // namespace
}  // namespace jitrig
