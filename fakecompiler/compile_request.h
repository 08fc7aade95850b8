#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// Where a request stands among those of its client (semantics.md, section 3).
struct RequestNumbers {
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;
  std::uint32_t critical_number = 0;  ///< of the last critical request before it, which it has to wait for
  bool critical = false;              ///< it tells of changes, so that later ones have to wait for it
  bool unloads = false;               ///< of classes, too: nobody may rely on them meanwhile
};

/// What happened at the client since its last critical request. Empty in a request that is not critical.
struct RequestUpdates {
  /// Among the unloaded classes: classes were redefined with extensions, and nothing is true any more.
  static constexpr std::uint64_t kEverything = ~std::uint64_t{0};

  std::vector<std::uint64_t> unloaded_classes;
  std::vector<std::uint64_t> modified_classes;  ///< whose final fields were written to
  std::string class_hierarchy_removals;
  std::string class_hierarchy_changes;

  bool empty() const {
    return unloaded_classes.empty() && modified_classes.empty() && class_hierarchy_removals.empty() &&
           class_hierarchy_changes.empty();
  }
  bool clearsEverything() const;
};

/// What a server without a compiler makes use of in a compilationRequest.
struct CompileRequest {
  RequestNumbers numbers;
  RequestUpdates updates;
  std::uint64_t method_address = 0;
  std::uint64_t class_address = 0;
  bool has_class_info = false;  ///< the ROM class came with it
};

/// Finds it in the requests of a release: data points have moved in the course of time.
class CompileRequestReader {
 public:
  explicit CompileRequestReader(const Dialect& dialect);

  /// What the release or this message does not have is zero or empty.
  CompileRequest read(MessageView request) const;

 private:
  std::optional<std::size_t> sequence_number_;   ///< index of its data point; the next is the critical number
  std::optional<std::size_t> addresses_;         ///< of the method; the class is next
  std::optional<std::size_t> unloaded_classes_;  ///< the modified ones are next
  std::optional<std::size_t> class_info_;
  std::optional<std::size_t> class_hierarchy_;  ///< of the removals; the changes are next
};

}  // namespace jitrig
