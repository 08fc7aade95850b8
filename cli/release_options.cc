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

void addProtocolOptions(CLI::App& verb, ProtocolOptions& options) {
  verb.add_option(
          "--protocol", options.protocol,
          "jitserver (OpenJ9 0.20.0 and later) or jitaas, the older generation: protobuf over sockets. "
          "Its --release is 0.16.0 to 0.19.0; 0.18.0 if not given")
      ->type_name("jitserver|jitaas")
      ->capture_default_str();
  verb.add_flag("--ignore-tags", options.ignore_tags,
                "with --protocol jitaas: for a peer that is not ours and numbers its C++ types otherwise");
  verb.parse_complete_callback([&verb, &options] {
    options.is_release_given = verb.count("--release") != 0;
    options.is_build_given = verb.count("--build") != 0;
  });
}

bool isOlderGeneration(const ProtocolOptions& options) {
  const auto refuse = [](const std::string& message) { throw CommandError(ExitStatus::wrongUsage, message); };
  if (options.protocol == "jitserver") {
    if (options.ignore_tags)
      refuse("--ignore-tags: only with --protocol jitaas; JITServer's messages have none");
    return false;
  }
  if (options.protocol != "jitaas") {
    refuse(fmt::format("--protocol: unknown protocol '{}'; expected jitserver or jitaas", options.protocol));
  }
  if (options.is_build_given) refuse("--build: with --protocol jitaas all builds number alike; leave it out");
  return true;
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
