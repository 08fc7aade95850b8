#pragma once

#include <cstdint>
#include <optional>

#include "fakevm/remote_compilation.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Which compilations a client that lives as the real one tries again (semantics.md, section 5).
class RetryRules {
 public:
  explicit RetryRules(const Dialect& dialect);

  /// Whether the method gets another attempt, if it has one left: not where it was compiled, nor where the
  /// server said that it cannot be.
  bool triesAgain(const CompilationReport& report) const;

  /// The server compares versions, and did not like this one.
  bool refusesVersion(const CompilationReport& report) const;

 private:
  bool isPassing(std::uint32_t status) const;

  std::uint32_t version_incompatible_;
  std::uint32_t message_type_mismatch_;
  // Statuses that a later request may not meet; nullopt where the release does not have them.
  std::optional<std::uint32_t> lost_message_;
  std::optional<std::uint32_t> stream_failure_;
  std::optional<std::uint32_t> interrupted_;
  std::optional<std::uint32_t> low_memory_;
};

}  // namespace jitrig
