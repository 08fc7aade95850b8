#include "cli/release_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/exit_status.h"
#include "protocol/catalogue/catalogue.h"

namespace jitrig {

void addReleaseOptions(CLI::App& verb, ReleaseOptions& options) {
  const auto& releases = Catalogue::builtIn().releases();
  verb.add_option("--release", options.release,
                  fmt::format("OpenJ9 release whose message numbers count: {} to {}, or head",
                              releases.front(), releases.at(releases.size() - 2)))
      ->type_name("R")
      ->capture_default_str();
  verb.add_option("--build", options.build,
                  "openjdk (JDK 17 and later) or j9 (JDK 8 and 11): they number differently")
      ->type_name("openjdk|j9")
      ->capture_default_str();
}

std::shared_ptr<const MessageTable> loadTable(const ReleaseOptions& options) {
  const auto build = parseBuild(options.build);
  if (!build) {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--build: unknown build '{}'; expected openjdk or j9", options.build));
  }
  auto table = Catalogue::builtIn().table(options.release, *build);
  if (!table) throw CommandError(ExitStatus::wrongUsage, "--release: " + table.error());
  return std::move(*table);
}

}  // namespace jitrig
