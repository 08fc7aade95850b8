#pragma once

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

}  // namespace jitrig
