#include <array>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

#include "protocol/wire/args_raw.h"
#include "protocol/wire/golden_messages.h"

// The goldens through the interface that C++ code uses: setArgs writes the same bytes, getArgs reads the
// values.
namespace jitrig::testing {
namespace {

template <std::size_t kSize>
using Struct = std::array<std::uint8_t, kSize>;
using Pointer = void*;
template <class T>
using Vector = std::vector<T>;

Pointer pointer(std::uintptr_t address) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the peer's address; nobody follows it here
  return reinterpret_cast<Pointer>(address);
}

template <std::size_t kSize>
Struct<kSize> structOf(const char* hex) {
  const Bytes bytes = fromHex(hex);
  Struct<kSize> value{};
  std::memcpy(value.data(), bytes.data(), kSize);
  return value;
}

/// Both ways: these arguments make the golden's bytes, and the golden's bytes give these arguments back.
template <class... T>
void expectGolden(const std::string& name, const T&... args) {
  SCOPED_TRACE(name);
  const Golden& expected = golden(name);
  Message message(expected.type);
  message.setVersion(expected.version, expected.config);
  setArgs(message, args...);
  EXPECT_EQ(toHex(message.serialize()), toHex(expected.canonicalBytes()));

  const auto parsed = Message::parse(expected.bytes, headOptions());
  ASSERT_TRUE(parsed) << toString(parsed.error());
  const auto received = getArgs<T...>(*parsed);
  ASSERT_TRUE(received) << toString(received.error());
  EXPECT_EQ(*received, std::tuple<T...>(args...));
}

/// For messages with too many values to write them here: read as these types and written again.
template <class Tuple>
struct RoundTrip;
template <class... T>
struct RoundTrip<std::tuple<T...>> {
  static void expectGolden(const std::string& name) {
    SCOPED_TRACE(name);
    const Golden& expected = golden(name);
    const auto parsed = Message::parse(expected.bytes, headOptions());
    ASSERT_TRUE(parsed) << toString(parsed.error());
    const auto received = getArgs<T...>(*parsed);
    ASSERT_TRUE(received) << toString(received.error());
    Message message(expected.type);
    message.setVersion(expected.version, expected.config);
    std::apply([&](const T&... args) { setArgs(message, args...); }, *received);
    EXPECT_EQ(toHex(expected.cleared(bytesOf(message.serialize()))), toHex(expected.canonicalBytes()));
  }
};

enum class Enum16 : std::uint16_t { threeHundred = 300 };
enum class Enum32 : std::uint32_t { one = 1, two = 2 };
constexpr std::uint64_t kClientUid = 1234605616436508552U;

TEST(TypedGoldens, Integers) {
  expectGolden("int32_neg", std::int32_t{-2});
  expectGolden("int32_max", std::int32_t{2147483647});
  expectGolden("uint32_max", std::uint32_t{4294967295U});
  expectGolden("uint64_max", ~std::uint64_t{0});
  expectGolden("clientSessionTerminate", kClientUid);
  expectGolden("compilationFailure_version_incompatible", std::uint32_t{52}, ~std::uint64_t{0});
}

TEST(TypedGoldens, BoolAndVoid) {
  expectGolden("bool_true", true);
  expectGolden("bool_false", false);
  expectGolden("void_ack", Void{});
  expectGolden("void_query", Void{});
}

TEST(TypedGoldens, AlignmentBetweenNeighbours) {
  expectGolden("align_u64_u64", std::uint64_t{1}, std::uint64_t{2});
  expectGolden("align_u32_u64", std::uint32_t{7}, kClientUid);
  expectGolden("align_bool_i64_bool_u64", true, std::int64_t{-5}, false, std::uint64_t{9});
  expectGolden("align_str3_ptr", std::string("abc"), pointer(139638264181572U));
  expectGolden("string_empty_then_u64", std::string(), std::uint64_t{3});
}

TEST(TypedGoldens, Strings) {
  for (const std::size_t length : {0U, 1U, 2U, 4U, 5U, 7U, 8U, 9U}) {
    expectGolden("string_" + std::to_string(length), std::string("abcdefghi").substr(0, length));
  }
  expectGolden("string_nuls", std::string("a\0b\0\0c", 6));
  expectGolden("AOTCacheMap_request", std::string("default_cache"));
  for (const char* name : {"string_4096", "string_40000_growth"}) {
    const auto* string = golden(name).args.front().get<Value::String>();
    ASSERT_NE(string, nullptr);
    expectGolden(name, string->bytes);
  }
}

TEST(TypedGoldens, Objects) {
  expectGolden("object_1", structOf<1>("11"));
  expectGolden("object_2", structOf<2>("2124"));
  expectGolden("object_4", structOf<4>("4144474a"));
  expectGolden("object_5_after_u32", std::uint32_t{1}, structOf<5>("5154575a5d"));
  expectGolden("object_8", structOf<8>("8184878a8d909396"));
  expectGolden("object_16", structOf<16>("16191c1f2225282b2e3134373a3d4043"));
  expectGolden("object_24_after_bool", true,
               structOf<24>("24272a2d303336393c3f4245484b4e5154575a5d60636669"));
  expectGolden("small_ints_as_objects", std::uint8_t{171}, std::int8_t{-1}, std::uint16_t{48879},
               std::int16_t{-2}, 'Z');
  RoundTrip<std::tuple<Struct<300>>>::expectGolden("object_300");
  RoundTrip<std::tuple<Struct<24>>>::expectGolden("struct_24_fieldattr");
}

TEST(TypedGoldens, UnionsPointersAndEnums) {
  union StaticFinal {
    double number;
    std::uint64_t bits;
  };
  RoundTrip<std::tuple<StaticFinal>>::expectGolden("union8_static_final");
  expectGolden("union8_static_final", 3.5);  // on the wire a union is what lies in it
  expectGolden("pointer_null", pointer(0));
  expectGolden("ptr_datatype4", pointer(139716164221072U), structOf<4>("00000000"));
  expectGolden("ptr_int32", pointer(16), std::int32_t{5}, std::int32_t{-6});
  expectGolden("enums_32_16", pointer(32513), Enum16::threeHundred, Enum32::two);
}

TEST(TypedGoldens, SimpleVectors) {
  expectGolden("vec_empty", Vector<Pointer>{});
  expectGolden("vec_u8_5", Vector<std::uint8_t>{1, 2, 3, 4, 5});
  expectGolden("vec_u16_3", Vector<std::uint16_t>{1, 65535, 3});
  expectGolden("vec_u32_3", Vector<std::uint32_t>{1, 2, 3});
  expectGolden("vec_i32_2", Vector<std::int32_t>{-1, 2});
  expectGolden("vec_u32_then_u64s", Vector<std::uint32_t>{1, 2, 3}, Vector<std::uint64_t>{4, 5});
  expectGolden("vec_ptr_4", Vector<Pointer>{pointer(8), pointer(16), pointer(0), pointer(139637976727552U)});
  expectGolden("vec_double", Vector<double>{0.5, -1});
  expectGolden("vec_struct3", Vector<Struct<3>>{{1, 4, 7}, {2, 5, 8}, {9, 12, 15}});
  RoundTrip<std::tuple<std::uint32_t, Vector<Struct<16>>>>::expectGolden("vec_struct16_after_u32");
}

TEST(TypedGoldens, NestedVectorsAndTuples) {
  expectGolden("vec_string", Vector<std::string>{"a", "", "hello", "abcd"});
  expectGolden("AOTCacheMap_reply", Vector<std::string>{"m1", "m2"});
  expectGolden("vec_vec_u32", Vector<Vector<std::uint32_t>>{{1}, {}, {2, 3}});
  expectGolden("vec_vec_u64", Vector<Vector<std::uint64_t>>{{1}, {2, 3}});
  expectGolden("vec_tuple_string_u32",
               Vector<std::tuple<std::string, std::uint32_t>>{{"k", 1}, {"key22", 2}});
  expectGolden("tuple_flat", std::tuple<std::uint32_t, std::uint64_t, bool, std::string>{1, 2, true, "t"});
  expectGolden("tuple_ptr_vec_then_ptr",
               std::tuple<Pointer, Vector<std::uint8_t>, Vector<std::string>>{pointer(1), {1, 2}, {"s"}},
               pointer(2));
  RoundTrip<std::tuple<Vector<Struct<256>>>>::expectGolden("vec_struct256_complex");
  RoundTrip<std::tuple<Vector<std::tuple<std::string, Vector<std::string>>>>>::expectGolden(
      "vec_tuple_growth_inside");
}

TEST(TypedGoldens, ManyTuples) {
  Vector<std::tuple<std::string, std::uint64_t, bool>> elements;
  for (std::uint64_t index = 0; index < 100; ++index) {
    elements.emplace_back("element-" + std::to_string(index), index * 1000003, index % 2 == 1);
  }
  expectGolden("vec_tuple_100", elements);
}

TEST(TypedGoldens, TwentyFourArguments) {
  using Args =
      std::tuple<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, bool, std::string, Pointer,
                 std::uint8_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, bool, std::string,
                 Pointer, std::uint16_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t,
                 Vector<std::string>, Vector<std::uint32_t>, std::tuple<bool, std::uint64_t>, double>;
  RoundTrip<Args>::expectGolden("args_24_mixed");
}

// The signatures of the catalogue's head release; structs stand as their bytes.
using ClassInfo =
    std::tuple<std::string, Pointer, Pointer, std::int32_t, Pointer, Vector<Pointer>, Vector<std::uint8_t>,
               bool, std::uint64_t, bool, std::uint32_t, Pointer, Pointer, Pointer, Pointer, Pointer,
               std::uint64_t, Pointer, std::uint64_t, std::uint64_t, std::uint64_t, Vector<Pointer>,
               std::string, std::int32_t, std::string, Pointer, std::uint64_t>;
template <std::size_t kMethodDetails>
using CompilationRequest =
    std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, Pointer, Pointer, Struct<kMethodDetails>,
               std::string, Enum32, Vector<Pointer>, Vector<Pointer>, ClassInfo, std::string, std::string,
               std::string, std::string, bool, bool, bool, bool, std::uint32_t, std::uint64_t,
               Vector<Pointer>, Vector<Pointer>, Vector<ClassInfo>, Vector<std::uint64_t>, std::uint64_t>;
template <std::size_t kGuard>
using RuntimeAssumptions =
    std::tuple<Vector<Pointer>, Vector<Pointer>, Vector<Pointer>, Vector<Struct<kGuard>>,
               Vector<std::tuple<Struct<96>, Vector<Struct<kGuard>>, Vector<Struct<96>>>>,
               Vector<std::string>, Vector<Pointer>, Vector<Pointer>, Vector<Pointer>, Vector<Struct<24>>,
               Vector<Pointer>, Vector<Pointer>, Pointer>;
template <std::size_t kGuard, std::size_t kLog>
using CompilationCode = std::tuple<std::string, std::string, RuntimeAssumptions<kGuard>, Vector<Pointer>,
                                   std::string, Vector<Pointer>, Struct<kLog>, Vector<Struct<32>>, Enum32,
                                   Enum32, Vector<Pointer>, Vector<Struct<24>>>;
using StoredAotMethod =
    std::tuple<std::string, Vector<std::string>, RuntimeAssumptions<24>, Vector<Pointer>, std::string,
               Vector<Pointer>, Struct<64>, Vector<Struct<32>>, Enum32, Enum32, Vector<Pointer>>;

TEST(TypedGoldens, CompilationRequests) {
  RoundTrip<CompilationRequest<32>>::expectGolden("compilationRequest_first_with_version");
  for (const char* name :
       {"true_compilationRequest_seq0_with_version", "true_compilationRequest_seq1_class_known",
        "true_compilationRequest_seq6_uncached_classes",
        "true_compilationRequest_seq9_unloaded_recomp_chtable",
        "true_compilationRequest_seq20_aot_store_with_version"}) {
    RoundTrip<CompilationRequest<64>>::expectGolden(name);
  }
}

TEST(TypedGoldens, FinalMessages) {
  RoundTrip<CompilationCode<16, 32>>::expectGolden("compilationCode");
  RoundTrip<CompilationCode<24, 64>>::expectGolden("true_compilationCode_seq0");
  RoundTrip<StoredAotMethod>::expectGolden("true_AOTCache_storedAOTMethod");
}

TEST(TypedGoldens, QueriesAndReplies) {
  using ResolvedMethods = Vector<std::tuple<Struct<104>, std::string, std::string, std::string>>;
  RoundTrip<std::tuple<Struct<720>, Vector<Struct<24>>, std::string>>::expectGolden("vminfo_720");
  RoundTrip<std::tuple<Pointer, Pointer, std::uint32_t, bool>>::expectGolden(
      "true_mirrorResolvedJ9Method_query");
  RoundTrip<std::tuple<ClassInfo>>::expectGolden("true_getRemoteROMClassAndMethods_reply_a");
  RoundTrip<std::tuple<Struct<824>, Vector<Struct<32>>, std::string>>::expectGolden(
      "true_VM_getVMInfo_reply");
  RoundTrip<std::tuple<Vector<Struct<16>>, std::int32_t, std::string, Vector<Pointer>>>::expectGolden(
      "true_getUnloadedClassRangesAndCHTable_reply_20k");
  RoundTrip<std::tuple<Vector<Pointer>, Vector<std::uint32_t>, ResolvedMethods, Vector<char>>>::expectGolden(
      "true_getMultipleResolvedMethods_reply");
  RoundTrip<std::tuple<ResolvedMethods, Vector<Pointer>, std::int32_t>>::expectGolden(
      "true_getResolvedImplementorMethods_reply");
  RoundTrip<std::tuple<Vector<Struct<32>>, Vector<std::string>, Vector<std::string>>>::expectGolden(
      "true_ClassEnv_enumerateFields_reply");
}

}  // namespace
}  // namespace jitrig::testing
