#include "fuzz/signatures.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "fuzz/typed_read.h"

namespace jitrig::fuzz {
namespace {

/// A struct of the field: so many bytes without holes.
template <std::size_t kSize>
struct Struct {
  std::array<std::byte, kSize> bytes;
};
enum class Small : std::uint8_t {};
enum class Usual : std::uint32_t {};

using Pointer = void*;
using Text = std::string;
using View = std::string_view;
using I32 = std::int32_t;
using I64 = std::int64_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using Pointers = std::vector<Pointer>;
using Texts = std::vector<Text>;
template <class T>
using Vector = std::vector<T>;
template <class... T>
using Tuple = std::tuple<T...>;

using MethodInfo = Tuple<Struct<104>, Text, Text, Text>;
using VirtualGuard = Tuple<Struct<96>, Vector<Struct<24>>, Vector<Struct<96>>>;
using ClassInfo = Tuple<Text, Pointer, Pointer, I32, Pointer, Pointers, Vector<std::uint8_t>, bool, U64, bool,
                        U32, Pointer, U64, Pointers, Text, I32>;

template <class... T>
struct Signature {};

template <class... Signatures>
struct Table {};

using All = Table<
    // Each type alone.
    Signature<I32>, Signature<I64>, Signature<U32>, Signature<U64>, Signature<bool>, Signature<Text>,
    Signature<View>, Signature<Void>, Signature<Pointer>, Signature<char>, Signature<std::int16_t>,
    Signature<Small>, Signature<Usual>, Signature<float>, Signature<double>, Signature<Struct<5>>,
    Signature<Struct<32>>, Signature<Struct<300>>,
    // Vectors, by the form in which they travel.
    Signature<Vector<std::uint8_t>>, Signature<Vector<I32>>, Signature<Vector<U64>>, Signature<Pointers>,
    Signature<Vector<Struct<255>>>, Signature<Vector<Struct<256>>>, Signature<Texts>, Signature<Vector<View>>,
    Signature<Vector<Vector<I32>>>, Signature<Vector<Vector<Text>>>, Signature<Vector<Tuple<I32, Text>>>,
    Signature<std::span<const std::byte>>, Signature<std::span<const I32>>, Signature<std::span<const U64>>,
    // Tuples.
    Signature<Tuple<I32>>, Signature<Tuple<bool, Pointer>>, Signature<Tuple<Tuple<Text>, Texts>>,
    Signature<MethodInfo>, Signature<VirtualGuard>, Signature<ClassInfo>,
    // Several data points, those of real messages among them.
    Signature<U32, U64>, Signature<U64, U64>, Signature<bool, bool>, Signature<Pointer, I32>,
    Signature<Pointer, View>, Signature<Pointer, I32, bool, bool>, Signature<View, View, View>,
    Signature<I32, bool>, Signature<bool, View>, Signature<bool, U64, View>,
    Signature<Pointers, Vector<U32>, Vector<MethodInfo>, Vector<char>>, Signature<Struct<64>, Texts, View>,
    Signature<Text, Texts, Struct<64>, Small, Usual>, Signature<Vector<Struct<16>>, I32, Text, Pointers>,
    Signature<Pointer, MethodInfo, bool>>;

struct Reading {
  const Expected<MessageView>& message;
  const Expected<Message>& canonical;
  InputBytes bytes;
  const ParseOptions& options;
};

template <class... T>
void check(const Reading& reading, Signature<T...> /*signature*/) {
  checkTypedRead<T...>(reading.message, reading.canonical, reading.bytes, reading.options);
}

template <class... Signatures>
void checkEach(const Reading& reading, Table<Signatures...> /*all*/) {
  (check(reading, Signatures{}), ...);
}

}  // namespace

void checkSignatures(const Expected<MessageView>& message, const Expected<Message>& canonical,
                     InputBytes bytes, const ParseOptions& options) {
  checkEach({message, canonical, bytes, options}, All{});
}

}  // namespace jitrig::fuzz
