#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "capture/recorded_compilation.h"
#include "fakevm/default_frontend.h"

namespace jitrig {

/// How closely the recorded client is followed.
struct RecordedFrontendOptions {
  /// Do as the recorded client did: interrupt where it interrupted, close where it closed. Otherwise such
  /// queries are answered like those that were not recorded.
  bool follow_recorded_ends = false;
};

/// Plays the client of a recording: compilation k sends the k-th recorded request (with this client's own
/// identity, and the number of the last critical one before it as compilations were counted) and answers from
/// the k-th recorded compilation in order; a query out of order, or beyond the recording, is answered by any
/// recorded reply of its type, and else by the default. Recorded data points are sent as recorded, whatever
/// the catalogue says of their types. After the last recorded compilation the first comes again. Thread-safe.
class RecordedFrontend : public Frontend {
 public:
  RecordedFrontend(std::shared_ptr<const Dialect> dialect, std::vector<RecordedCompilation> compilations,
                   RecordedFrontendOptions options);
  RecordedFrontend(const RecordedFrontend&) = delete;  // it points into itself
  RecordedFrontend& operator=(const RecordedFrontend&) = delete;

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override;

 private:
  class Compilation;

  std::uint32_t sinceCritical(std::uint64_t number) const;

  std::shared_ptr<const Dialect> dialect_;
  std::vector<RecordedCompilation> compilations_;
  RecordedFrontendOptions options_;
  DefaultFrontend otherwise_;
  std::map<std::uint16_t, const std::vector<Value>*> replies_by_type_;  ///< into compilations_
  std::vector<bool> critical_;                                          ///< by compilation
};

}  // namespace jitrig
