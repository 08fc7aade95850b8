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

std::string inWords(const Place& place, const std::string& received, std::string_view expected) {
  return fmt::format("{}: received {}, expected {}", toString(place), received, expected);
}

std::string describe(const JITServer::Any& any) {
  return fmt::format("{} ({})", toString(any_data::kind(any)), describeTag(any_data::tag(any)));
}

}  // namespace

std::string toString(const Place& place) {
  return fmt::format("{}[{}]", place.parent == nullptr ? "data" : toString(*place.parent), place.index);
}

std::string describeTagMismatch(const Place& place, const JITServer::Any& received,
                                std::uint64_t expected_tag, std::string_view expected_type) {
  return inWords(place, describe(received), fmt::format("{} (tag {})", expected_type, expected_tag));
}

std::string describeKindMismatch(const Place& place, const JITServer::Any& received, AnyKind expected,
                                 std::string_view expected_type) {
  return inWords(place, describe(received), fmt::format("{} ({})", toString(expected), expected_type));
}

std::string describeSizeMismatch(const Place& place, std::size_t received_bytes, std::size_t expected_bytes,
                                 std::string_view expected_type) {
  return inWords(place, fmt::format("{} bytes", received_bytes),
                 fmt::format("{} ({})", expected_bytes, expected_type));
}

std::string describeContentMismatch(const Place& place, const std::string& received,
                                    std::string_view expected_type) {
  return inWords(place, received, expected_type);
}

std::string describeArityMismatch(const Place* place, std::size_t received, std::size_t expected) {
  return fmt::format("{}: received {} values, expected {}", place == nullptr ? "data" : toString(*place),
                     received, expected);
}

void throwTypeMismatch(const Place& place, const std::string& what) {
  throwMisfit<StreamTypeMismatch>(place.options, what);
}

void throwArityMismatch(const Place* place, const ReceiveOptions& options, std::size_t received,
                        std::size_t expected) {
  throwMisfit<StreamArityMismatch>(options, describeArityMismatch(place, received, expected));
}

}  // namespace jitrig::jitaas_detail
