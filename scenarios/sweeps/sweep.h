#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/sweeps/swept_conversation.h"

namespace jitrig {

/// What a point's run came to: nothing is wrong, or what is, in sentences.
struct SweepVerdict {
  std::vector<std::string> problems{};
  std::uint64_t messages = 0;  ///< that came to a persona
};

/// One run of a sweep.
struct SweepPoint {
  /// Where it lies on each axis, in the order of the axes: {"message", "12"}, {"place", "inside_header"}.
  std::vector<std::pair<std::string, std::string>> coordinates;
  std::function<SweepVerdict()> run;
};

/// What all sweeps are told.
struct SweepOptions {
  std::uint64_t seed = 1;
  bool tls = false;
};

/// A dimension of a sweep: "place".
struct SweepAxis {
  std::string_view name;
  std::string_view sentence;  ///< what its values are
};

/// One thing done at every place.
struct Sweep {
  std::string_view name;      ///< "break"
  std::string_view sentence;  ///< what is done where, and what must hold
  std::span<const SweepAxis> axes;
  /// All its points; the conversation must outlive them.
  std::vector<SweepPoint> (*points)(const SweptConversation& conversation, const SweepOptions& options);
};

/// All of them.
std::span<const Sweep> sweeps();
/// nullptr if there is none of that name.
const Sweep* findSweep(std::string_view name);

/// Which points are run.
struct SweepChoice {
  std::map<std::string, std::string> only{};  ///< axis -> value
  std::uint64_t one_in = 1;                   ///< each n-th of those, from the first: a deterministic sample
};

/// A point at which something was wrong.
struct SweepFailure {
  SweepPoint point;
  std::vector<std::string> problems;
};

/// What a sweep found.
struct SweepReport {
  std::uint64_t runs = 0;
  std::uint64_t messages = 0;
  std::vector<SweepFailure> failures;
};

/// Runs them one after the other; `on_point` is told after each how many of how many have run.
/// The error: an axis or value that does not exist, with those that do.
std::expected<SweepReport, std::string> runSweep(
    const Sweep& sweep, const SweptConversation& conversation, const SweepOptions& options,
    const SweepChoice& choice, const std::function<void(std::uint64_t, std::uint64_t)>& on_point = {});

/// "--message 12 --place inside_header --action reset --direction server".
std::string toText(const SweepPoint& point);

}  // namespace jitrig
