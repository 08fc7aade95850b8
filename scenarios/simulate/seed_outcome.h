#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// What became of one seed, as a job tells it to the campaign.
struct SeedOutcome {
  std::uint64_t seed = 0;
  /// The checkers that found something, each once; "crashed", "hung", "digests". Empty: passed.
  std::vector<std::string> failed;
  std::string report;  ///< of a failure, for people, in lines
  std::uint64_t messages = 0;
  std::uint64_t steps = 0;
  std::uint64_t runs = 0;  ///< 2 with digests compared
  std::int64_t virtual_time_ns = 0;
  std::uint64_t logical_digest = 0;
  std::uint64_t schedule_digest = 0;
  /// Rare situations (JITRIG_REACHED) that its process had not reached before this seed.
  std::vector<std::string> newly_reached;

  bool passed() const { return failed.empty(); }

  friend bool operator==(const SeedOutcome&, const SeedOutcome&) = default;
};

/// As one line of JSON, with digests in hexadecimal, and back. Bytes of the report that are no UTF-8 become
/// U+FFFD.
std::string toJsonLine(const SeedOutcome& outcome);
std::expected<SeedOutcome, std::string> parseSeedOutcome(std::string_view line);

}  // namespace jitrig
