#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jitrig {

/// What happened to a VM's classes since its last request told of it. A request that tells of something is
/// critical: later ones have to wait for it (semantics.md, sections 3 and 4).
struct ClassChanges {
  /// Among the unloaded ones: classes were redefined with extensions, and nothing is true any more.
  static constexpr std::uint64_t kEverything = ~std::uint64_t{0};

  std::vector<std::uint64_t> unloaded_classes = {};
  std::vector<std::uint64_t> modified_classes = {};  ///< whose final fields were written to
  std::string class_hierarchy_removals = {};
  std::string class_hierarchy_changes = {};

  bool empty() const {
    return unloaded_classes.empty() && modified_classes.empty() && class_hierarchy_removals.empty() &&
           class_hierarchy_changes.empty();
  }
  bool clearsEverything() const;  ///< whether kEverything is among the unloaded classes
};

/// How much there is of it.
struct ClassChangeCounts {
  std::size_t unloaded_classes = 0;
  std::size_t modified_classes = 0;
  std::size_t class_hierarchy_bytes = 0;

  bool empty() const { return *this == ClassChangeCounts{}; }
  friend bool operator==(const ClassChangeCounts&, const ClassChangeCounts&) = default;
};

/// Of all four lists.
ClassChangeCounts countsOf(const ClassChanges& changes);

}  // namespace jitrig
