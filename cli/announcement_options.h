#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/release_options.h"
#include "protocol/catalogue/version_word.h"
#include "protocol/stream/dialect.h"

namespace CLI {
class App;
}

namespace jitrig {

/// What a persona announces besides its release: --jdk, --no-compressed-refs and --arch, or all of it as the
/// word that travels, --config.
struct AnnouncementOptions {
  std::optional<unsigned> jdk = std::nullopt;  ///< nullopt: 17 for the openjdk build, 11 for the j9 build
  bool no_compressed_refs = false;
  std::optional<std::string> arch =
      std::nullopt;  ///< nullopt: x86; without effect up to 0.60.0, which does not announce it
  std::optional<std::string> config = std::nullopt;
};

/// `options` must live as long as `verb`.
void addAnnouncementOptions(CLI::App& verb, AnnouncementOptions& options);

/// Throws CommandError (wrongUsage) for words and numbers that mean nothing, and for --config beside the
/// others.
FullVersion announcedVersion(const AnnouncementOptions& options, const Release& release, Build build);

/// The whole of what a persona speaks. Throws as loadTable, isOlderGeneration and announcedVersion do.
std::shared_ptr<const Dialect> loadDialect(const ReleaseOptions& release_options,
                                           const AnnouncementOptions& announcement_options,
                                           const ProtocolOptions& protocol_options = {});

}  // namespace jitrig
