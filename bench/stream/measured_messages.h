#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/wire/message.h"

/// The two of the six measured messages that travel in this room's benchmarks.
namespace jitrig::bench {

/// Message (1): 48 bytes, the smallest query and reply that JITServer exchanges by the hundred.
using SmallMessage = std::tuple<void*, std::int32_t>;

using Pointers = std::span<void* const>;
template <std::size_t kSize>
using StructBytes = std::array<std::byte, kSize>;

/// TR_PersistentClassInfo's neighbour on the wire: ClassInfoTuple of the head release, received into views.
using ClassInfo =
    std::tuple<std::string_view, void*, void*, std::int32_t, void*, Pointers, std::span<const std::uint8_t>,
               bool, std::uint64_t, bool, std::uint32_t, void*, void*, void*, void*, void*, std::uint64_t,
               void*, std::uint64_t, std::uint64_t, std::uint64_t, Pointers, std::string_view, std::int32_t,
               std::string_view, void*, std::uint64_t>;

enum class OptimizationLevel : std::uint32_t {};

/// Message (5): the 26 data points of a compilationRequest, received into views. Only the vector of tuples
/// allocates.
using CompilationRequest =
    std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, void*, void*, StructBytes<32>, std::string_view,
               OptimizationLevel, Pointers, Pointers, ClassInfo, std::string_view, std::string_view,
               std::string_view, std::string_view, bool, bool, bool, bool, std::uint32_t, std::uint64_t,
               Pointers, Pointers, std::vector<ClassInfo>, std::span<const std::uint64_t>, std::uint64_t>;
static_assert(std::tuple_size_v<CompilationRequest> == 26);

/// The request of 2,712 bytes that the real messaging code wrote (testdata/goldens.jsonl), parsed. Throws
/// std::runtime_error if it is not there.
Message recordedRequest();

}  // namespace jitrig::bench
