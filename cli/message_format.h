#pragma once

#include <optional>
#include <string>

#include "cli/release_options.h"

namespace CLI {
class App;
}

namespace jitrig {

/// --format, --release and --build: how a message's bytes are meant.
struct FormatOptions {
  std::string format = "jitserver";
  ReleaseOptions release;
  bool is_release_given = false;
  bool is_build_given = false;
};

/// `options` must live as long as `verb`.
void addFormatOptions(CLI::App& verb, FormatOptions& options);

/// Whether the older generation is meant. Throws CommandError (wrongUsage) for a format that is none, and for
/// options that do not go with it.
bool isJitaas(const FormatOptions& options);

/// The older generation's release, if one was asked for.
std::optional<std::string> jitaasRelease(const FormatOptions& options);

}  // namespace jitrig
