#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "scenarios/run/run_scenario.h"

namespace jitrig {

/// Where what is seen of a run is written; empty: nowhere.
struct RunFiles {
  std::string trace{};       ///< Chrome's and Perfetto's JSON
  std::string trace_text{};  ///< the same as lines
  std::string capture{};     ///< pcap
};

/// Runs the scenario once more, and writes them. The error names the file. In the simulation it is the same
/// run.
std::expected<void, std::string> writeRunFiles(const Scenario& scenario, RunChoice choice,
                                               const RunFiles& files);

/// The whole file at once. The error names it.
std::expected<void, std::string> writeFile(const std::string& path, std::string_view text);

}  // namespace jitrig
