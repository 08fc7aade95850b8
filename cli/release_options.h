#pragma once

#include <memory>
#include <string>

#include "protocol/catalogue/message_table.h"

namespace CLI {
class App;
}

namespace jitrig {

/// --release and --build: whose message numbers and names are meant.
struct ReleaseOptions {
  std::string release = "head";
  std::string build = "openjdk";
};

/// --protocol and --ignore-tags: which generation is meant, where there is a choice. With --release and
/// --build beside it.
struct ProtocolOptions {
  std::string protocol = "jitserver";
  bool ignore_tags = false;
  bool is_release_given = false;
  bool is_build_given = false;
};

/// `options` must live as long as `verb`.
void addReleaseOptions(CLI::App& verb, ReleaseOptions& options);

/// The same.
void addProtocolOptions(CLI::App& verb, ProtocolOptions& options);

/// Whether the older generation is meant. Throws CommandError (wrongUsage) for a protocol that is none, and
/// for options that do not go with it.
bool isOlderGeneration(const ProtocolOptions& options);

/// Throws CommandError (wrongUsage) that names the nearest of the known releases, or the known builds.
std::shared_ptr<const MessageTable> loadTable(const ReleaseOptions& options);

}  // namespace jitrig
