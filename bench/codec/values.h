#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/catalogue/messages.h"

/// The six messages that are measured: their types, and one set of values each, the same for every codec.
namespace jitrig::bench {

enum class MessageId { pointerAndInt, eightScalars, stringAndScalars, hundredTuples, request, code };

/// Values is what a sender holds and a reader gets who owns what it reads; Views is what a reader gets who
/// leaves strings and vectors where they arrived.
template <MessageId kId>
struct MessageTraits;

template <>
struct MessageTraits<MessageId::pointerAndInt> {
  static constexpr const char* kName = "pointer_and_int32";
  static constexpr std::uint16_t kType = 70;
  using Values = std::tuple<RemotePointer, std::int32_t>;
  using Views = Values;
};

template <>
struct MessageTraits<MessageId::eightScalars> {
  static constexpr const char* kName = "eight_scalars";
  static constexpr std::uint16_t kType = 71;
  using Values = std::tuple<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, bool, RemotePointer,
                            double, std::uint16_t>;
  using Views = Values;
};

template <>
struct MessageTraits<MessageId::stringAndScalars> {
  static constexpr const char* kName = "string_100_and_scalars";
  static constexpr std::uint16_t kType = 72;
  using Values = std::tuple<std::string, RemotePointer, std::int32_t, bool>;
  using Views = std::tuple<std::string_view, RemotePointer, std::int32_t, bool>;
};

template <>
struct MessageTraits<MessageId::hundredTuples> {
  static constexpr const char* kName = "vector_of_100_tuples";
  static constexpr std::uint16_t kType = 130;
  using Values = std::tuple<std::vector<std::tuple<std::string, std::uint64_t, bool>>>;
  using Views = std::tuple<std::vector<std::tuple<std::string_view, std::uint64_t, bool>>>;
};

using Pointers = std::span<const RemotePointer>;

using ClassInfoViews =
    std::tuple<std::string_view, RemotePointer, RemotePointer, std::int32_t, RemotePointer, Pointers,
               std::span<const std::uint8_t>, bool, std::uint64_t, bool, std::uint32_t, RemotePointer,
               RemotePointer, RemotePointer, RemotePointer, RemotePointer, std::uint64_t, RemotePointer,
               std::uint64_t, std::uint64_t, std::uint64_t, Pointers, std::string_view, std::int32_t,
               std::string_view, RemotePointer, std::uint64_t>;

template <>
struct MessageTraits<MessageId::request> {
  static constexpr const char* kName = "compilation_request";
  static constexpr std::uint16_t kType = head::compilationRequest::kNumber;
  using Values = head::compilationRequest::Request;
  using Views =
      std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, RemotePointer, RemotePointer,
                 head::TR_OptimizationPlan, std::string_view, ObjectBytes<4>, Pointers, Pointers,
                 ClassInfoViews, std::string_view, std::string_view, std::string_view, std::string_view, bool,
                 bool, bool, bool, std::uint32_t, std::uint64_t, Pointers, Pointers,
                 std::vector<ClassInfoViews>, std::span<const std::uint64_t>, std::uint64_t>;
};

using GuardSites = std::span<const head::TR_VirtualGuardSite>;
using GuardViews = std::tuple<head::VirtualGuardInfoForCHTable, GuardSites,
                              std::span<const head::VirtualGuardInfoForCHTable>>;
using CHTableViews = std::tuple<Pointers, Pointers, Pointers, GuardSites, std::vector<GuardViews>,
                                std::vector<std::string_view>, Pointers, Pointers, Pointers,
                                std::span<const ObjectBytes<24>>, Pointers, Pointers, RemotePointer>;

template <>
struct MessageTraits<MessageId::code> {
  static constexpr const char* kName = "compilation_code_64k";
  static constexpr std::uint16_t kType = head::compilationCode::kNumber;
  using Values = head::compilationCode::Request;
  using Views =
      std::tuple<std::string_view, std::string_view, CHTableViews, Pointers, std::string_view, Pointers,
                 head::TR_OptimizationPlan, std::span<const head::SerializedRuntimeAssumption>,
                 ObjectBytes<4>, ObjectBytes<4>, Pointers, std::span<const ObjectBytes<24>>>;
};

template <MessageId kId>
using ValuesOf = typename MessageTraits<kId>::Values;
template <MessageId kId>
using ViewsOf = typename MessageTraits<kId>::Views;

/// The values to encode. Variables, so that no codec knows them beforehand.
template <MessageId kId>
ValuesOf<kId>& values();

/// The same as jitrig writes them, aligned to 8 bytes.
template <MessageId kId>
std::span<const std::byte> encoded();

}  // namespace jitrig::bench
