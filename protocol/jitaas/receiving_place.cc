#include "protocol/jitaas/receiving_place.h"

#include <cassert>
#include <fmt/format.h>

#include "protocol/jitaas/type_tag.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig::jitaas_detail {
namespace {

template <class Exception>
[[noreturn]] void throwMisfit([[maybe_unused]] const ReceiveOptions& options, const std::string& what) {
  assert(!options.assert_fit && "a received value does not fit the type that was read");
  throw Exception(what);
}

[[noreturn]] void throwTypeMismatch(const Place& place, const std::string& received,
                                    const std::string& expected) {
  throwMisfit<StreamTypeMismatch>(
      place.options, fmt::format("{}: received {}, expected {}", toString(place), received, expected));
}

std::string describe(const JITServer::Any& any) {
  return fmt::format("{} ({})", toString(any_data::kind(any)), describeTag(any_data::tag(any)));
}

}  // namespace

std::string toString(const Place& place) {
  return fmt::format("{}[{}]", place.parent == nullptr ? "data" : toString(*place.parent), place.index);
}

void throwTagMismatch(const Place& place, const JITServer::Any& received, std::uint64_t expected_tag,
                      std::string_view expected_type) {
  throwTypeMismatch(place, describe(received), fmt::format("{} (tag {})", expected_type, expected_tag));
}

void throwKindMismatch(const Place& place, const JITServer::Any& received, AnyKind expected,
                       std::string_view expected_type) {
  throwTypeMismatch(place, describe(received), fmt::format("{} ({})", toString(expected), expected_type));
}

void throwSizeMismatch(const Place& place, std::size_t received_bytes, std::size_t expected_bytes,
                       std::string_view expected_type) {
  throwTypeMismatch(place, fmt::format("{} bytes", received_bytes),
                    fmt::format("{} ({})", expected_bytes, expected_type));
}

void throwContentMismatch(const Place& place, const std::string& received, std::string_view expected_type) {
  throwTypeMismatch(place, received, std::string(expected_type));
}

void throwArityMismatch(const Place* place, const ReceiveOptions& options, std::size_t received,
                        std::size_t expected) {
  throwMisfit<StreamArityMismatch>(
      options, fmt::format("{}: received {} values, expected {}",
                           place == nullptr ? "data" : toString(*place), received, expected));
}

}  // namespace jitrig::jitaas_detail
