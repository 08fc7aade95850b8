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

/// `options` must live as long as `verb`.
void addReleaseOptions(CLI::App& verb, ReleaseOptions& options);

/// Throws CommandError (wrongUsage) that names the nearest of the known releases, or the known builds.
std::shared_ptr<const MessageTable> loadTable(const ReleaseOptions& options);

}  // namespace jitrig
