#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/stream/dialect.h"

namespace jitrig {

/// What is to be compiled (IlGeneratorMethodDetailsType of the real code: a bit each, of which the personas
/// need two).
enum class MethodDetailsType : std::uint32_t {
  ordinaryMethod = 1,
  dumpMethod = 2,  ///< a method over which a compilation crashed, as a JitDump
};

/// Where in the compilationRequests of a release the data points stand that the personas care for (indices,
/// from 0): they have moved in the course of time. What the release does not have, or what cannot be told
/// from its types, is empty. The client's UID is the first data point of all of them.
struct CompilationRequestLayout {
  std::optional<std::size_t> sequence_number;
  std::optional<std::size_t> critical_number;
  std::optional<std::size_t> method_address;
  std::optional<std::size_t> class_address;
  std::optional<std::size_t> details_type;  ///< a MethodDetailsType
  std::optional<std::size_t> unloaded_classes;
  std::optional<std::size_t> modified_classes;
  std::optional<std::size_t> class_info;
  std::optional<std::size_t> class_hierarchy_removals;
  std::optional<std::size_t> class_hierarchy_changes;

  explicit CompilationRequestLayout(const Dialect& dialect);

  /// Whether requests are numbered in an order that a server can keep to. Until 0.20.0 there was one number
  /// only, and another order.
  bool isOrdered() const { return sequence_number && critical_number; }
};

}  // namespace jitrig
