#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/wire/void.h"

namespace jitrig {
namespace jitaas_detail {

/// As the compiler spells it: "jitrig::Void".
template <class T>
consteval auto compilersNameOf() {
  constexpr std::string_view kFunction = __PRETTY_FUNCTION__;  // "… [with T = int]" or "… [T = int]"
  constexpr std::string_view kBefore = "T = ";
  constexpr std::size_t kBegin = kFunction.find(kBefore) + kBefore.size();
  return kFunction.substr(kBegin, kFunction.rfind(']') - kBegin);
}

/// Tags that are not fixed lie above those of the real builds, and take no more than three bytes on the wire.
constexpr std::uint64_t tagOfHash(std::uint64_t hash) {
  constexpr std::uint64_t kFirst = 128;
  constexpr std::uint64_t kEnd = std::uint64_t{1} << 21U;
  return kFirst + (hash ^ hash >> 32U) % (kEnd - kFirst);
}

/// FNV-1a.
constexpr std::uint64_t hashOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

constexpr std::uint64_t hashWith(std::uint64_t hash, std::uint64_t tag) {
  return (hash ^ tag) * 0x100000001b3U;
}

constexpr std::uint64_t hashOf(std::string_view container,
                               std::initializer_list<std::uint64_t> element_tags) {
  std::uint64_t hash = hashOf(container);
  for (const std::uint64_t tag : element_tags) hash = hashWith(hash, tag);
  return hash;
}

}  // namespace jitaas_detail

/// The number by which both sides know a C++ type (extendedTypeTag). The real builds counted their types in
/// the order of static initialisation, so that only identical builds agreed. Here each type has a number of
/// its own: the ones of testdata/goldens_protobuf.jsonl where they are known, otherwise one made of the
/// type's qualified name, and for vectors and tuples of their elements' tags. Specialise it for a type that a
/// foreign peer knows by another number, and for templates, whose names differ between compilers.
template <class T>
inline constexpr std::uint64_t kTypeTag =
    jitaas_detail::tagOfHash(jitaas_detail::hashOf(jitaas_detail::compilersNameOf<T>()));

/// These and the pointer's are the goldens'.
template <>
inline constexpr std::uint64_t kTypeTag<std::int32_t> = 0;
template <>
inline constexpr std::uint64_t kTypeTag<std::uint32_t> = 1;
template <>
inline constexpr std::uint64_t kTypeTag<std::int64_t> = 2;
template <>
inline constexpr std::uint64_t kTypeTag<std::uint64_t> = 3;
template <>
inline constexpr std::uint64_t kTypeTag<bool> = 4;
template <>
inline constexpr std::uint64_t kTypeTag<Void> = 5;
template <>
inline constexpr std::uint64_t kTypeTag<std::string> = 6;
template <>
inline constexpr std::uint64_t kTypeTag<std::string_view> = kTypeTag<std::string>;
/// Whatever it points to.
template <class T>
inline constexpr std::uint64_t kTypeTag<T*> = 7;

/// Of these int8, uint16 and float.
template <>
inline constexpr std::uint64_t kTypeTag<std::uint8_t> = 12;
template <>
inline constexpr std::uint64_t kTypeTag<std::int8_t> = 13;
template <>
inline constexpr std::uint64_t kTypeTag<std::uint16_t> = 14;
template <>
inline constexpr std::uint64_t kTypeTag<std::int16_t> = 15;
template <>
inline constexpr std::uint64_t kTypeTag<float> = 16;
template <>
inline constexpr std::uint64_t kTypeTag<double> = 17;
template <>
inline constexpr std::uint64_t kTypeTag<char> = 22;
template <>
inline constexpr std::uint64_t kTypeTag<long long> = 23;
template <>
inline constexpr std::uint64_t kTypeTag<unsigned long long> = 25;

template <class T, class A>
inline constexpr std::uint64_t kTypeTag<std::vector<T, A>> =
    jitaas_detail::tagOfHash(jitaas_detail::hashOf("vector", {kTypeTag<T>}));
template <>
inline constexpr std::uint64_t kTypeTag<std::vector<std::uint32_t>> = 18;
template <class T>
inline constexpr std::uint64_t kTypeTag<std::vector<T*>> = 19;
template <>
inline constexpr std::uint64_t kTypeTag<std::vector<std::uint8_t>> = 20;
template <>
inline constexpr std::uint64_t kTypeTag<std::vector<std::string>> = 21;

template <class... T>
inline constexpr std::uint64_t kTypeTag<std::tuple<T...>> =
    jitaas_detail::tagOfHash(jitaas_detail::hashOf("tuple", {kTypeTag<T>...}));

/// For errors: "tag 7, a pointer"; "tag 4711" for one that is not fixed here.
std::string describeTag(std::uint64_t tag);

}  // namespace jitrig
