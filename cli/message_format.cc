#include "cli/message_format.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/exit_status.h"

namespace jitrig {

void addFormatOptions(CLI::App& verb, FormatOptions& options) {
  verb.add_option(
          "--format", options.format,
          "jitserver (OpenJ9 0.20.0 and later) or jitaas, the older generation: protobuf in frames. Its "
          "releases are 0.16.0 to 0.19.0, of which 0.18.0 counts if there is no --release")
      ->type_name("jitserver|jitaas")
      ->capture_default_str();
  addReleaseOptions(verb, options.release);
  verb.parse_complete_callback([&verb, &options] {
    options.is_release_given = verb.count("--release") != 0;
    options.is_build_given = verb.count("--build") != 0;
  });
}

bool isJitaas(const FormatOptions& options) {
  if (options.format == "jitserver") return false;
  if (options.format != "jitaas") {
    throw CommandError(
        ExitStatus::wrongUsage,
        fmt::format("--format: unknown format '{}'; expected jitserver or jitaas", options.format));
  }
  if (options.is_build_given) {
    throw CommandError(ExitStatus::wrongUsage,
                       "--build: with --format jitaas all builds number alike; leave it out");
  }
  return true;
}

std::optional<std::string> jitaasRelease(const FormatOptions& options) {
  if (!options.is_release_given) return std::nullopt;
  return options.release.release;
}

}  // namespace jitrig
