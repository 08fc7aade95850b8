#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/jitaas/any_data.h"

namespace jitrig {

/// Whether a value's tag must be the one of the type that is read (type_tag.h). The members that carry the
/// values are compared in any case.
enum class TagCheck : std::uint8_t {
  strict,  ///< between equal builds
  ignore,  ///< from a foreign peer, which numbers its types otherwise
};

/// How values are read.
struct ReceiveOptions {
  TagCheck tags = TagCheck::strict;
  /// As the real debug builds did: what does not fit ends the program where assertions are on, to be found
  /// early. Without, it fails the compilation.
  bool assert_fit = false;
};

namespace jitaas_detail {

/// Where a reader is in nested values; on the stack, turned into text only for an error.
struct Place {
  const ReceiveOptions& options;
  const Place* parent;  ///< nullptr at the top
  std::size_t index;
};

/// "data[2][0]".
std::string toString(const Place& place);

/// What does not fit, with the names of both sides: "data[1]: received uint64_v (tag 3, a uint64), expected
/// void* (tag 7)".
std::string describeTagMismatch(const Place& place, const JITServer::Any& received,
                                std::uint64_t expected_tag, std::string_view expected_type);
std::string describeKindMismatch(const Place& place, const JITServer::Any& received, AnyKind expected,
                                 std::string_view expected_type);
std::string describeSizeMismatch(const Place& place, std::size_t received_bytes, std::size_t expected_bytes,
                                 std::string_view expected_type);
/// `expected` is a C++ type with what is known of it, the received value in words.
std::string describeContentMismatch(const Place& place, const std::string& received,
                                    std::string_view expected_type);
/// `place` is nullptr for the values of a message.
std::string describeArityMismatch(const Place* place, std::size_t received, std::size_t expected);

/// Throw StreamTypeMismatch or StreamArityMismatch with these words; never return.
[[noreturn]] void throwTypeMismatch(const Place& place, const std::string& what);
[[noreturn]] void throwArityMismatch(const Place* place, const ReceiveOptions& options, std::size_t received,
                                     std::size_t expected);

}  // namespace jitaas_detail
}  // namespace jitrig
