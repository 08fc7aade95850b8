#include "protocol/wire/serializable.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// What can be a data point and what cannot (spec: wire.md, "Data point"); decided by the compiler. What it
// says about those that cannot: serializable_compile_test.py.
namespace jitrig {
namespace {

enum Plain { plainZero };
enum class Scoped : std::uint16_t { zero };
union Number {
  double real;
  std::uint64_t bits;
};
struct Trivial {
  int number;
  void* pointer;
};
struct WithString {
  std::string text;
};
struct WithVirtual {
  virtual ~WithVirtual() = default;
};

template <class... T>
constexpr bool kAll = (Serializable<T> && ...);
template <class... T>
constexpr bool kNone = (!Serializable<T> && ...);

// Wire types of their own.
static_assert(
    kAll<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, std::size_t, std::uintptr_t, bool, Void>);
static_assert(!TravelsAsObject<std::int32_t> && !TravelsAsObject<std::uint64_t> && !TravelsAsObject<bool>);

// OBJECT.
static_assert(kAll<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, char, float, double, long long,
                   unsigned long long, Plain, Scoped, Number, Trivial, void*, int*, const Trivial*,
                   unsigned char*, void (*)(), std::byte, std::array<int, 3>, std::optional<int>>);
static_assert(TravelsAsObject<long long> && TravelsAsObject<char> && TravelsAsObject<Scoped>);

// Strings, and the views of them.
static_assert(kAll<std::string, std::string_view>);
static_assert(kNone<std::wstring, std::u8string, std::u16string, std::wstring_view, const char*, char*,
                    char[4], const char[4]>);

// Vectors, and the views of them.
static_assert(kAll<std::vector<int>, std::vector<std::string>, std::vector<std::vector<std::string>>,
                   std::vector<Trivial>, std::vector<void*>, std::vector<std::tuple<int, std::string>>,
                   std::vector<std::array<char, 10000>>, std::span<const int>, std::span<const Trivial>>);
static_assert(
    kNone<std::vector<bool>, std::vector<std::vector<bool>>, std::vector<char*>, std::vector<WithString>,
          std::vector<std::pair<int, int>>, std::vector<std::tuple<>>, std::deque<int>, std::map<int, int>>);
static_assert(kNone<std::span<int>, std::span<const std::string>, std::span<const bool>,
                    std::span<const std::array<char, 256>>, std::span<const int, 3>>);

// Which vectors travel as SIMPLE_VECTOR.
static_assert(kIsSimpleElement<int> && kIsSimpleElement<std::uint64_t> &&
              kIsSimpleElement<std::array<char, 255>>);
static_assert(!kIsSimpleElement<bool> && !kIsSimpleElement<std::array<char, 256>> &&
              !kIsSimpleElement<std::string> && !kIsSimpleElement<std::vector<int>> &&
              !kIsSimpleElement<std::tuple<int>>);

// Tuples.
static_assert(kAll<std::tuple<int>, std::tuple<std::string, bool, Trivial>, std::tuple<std::tuple<int>>,
                   std::tuple<std::string_view, std::span<const int>>>);
static_assert(kNone<std::tuple<>, std::tuple<int, char*>, std::tuple<std::pair<int, int>>,
                    std::pair<int, int>, std::pair<std::string, int>>);

// Structs that are more than their bytes.
static_assert(kNone<WithString, WithVirtual, std::unique_ptr<int>, std::shared_ptr<int>>);

TEST(Serializable, IsDecidedByTheCompiler) {
  // The assertions above; this makes the suite visible.
  EXPECT_TRUE(Serializable<std::string>);
  EXPECT_FALSE((Serializable<std::pair<int, int>>));
}

}  // namespace
}  // namespace jitrig
