#pragma once

#include <string>
#include <vector>

#include "cli/exit_status.h"
#include "cli/release_options.h"

namespace jitrig {

/// The options of all verbs below `jitrig catalogue`; each uses its own.
struct CatalogueOptions {
  ReleaseOptions release;
  std::vector<std::string> patterns;  ///< list
  bool cpp = false;                   ///< list: C++ types instead of wire types
  bool full = false;                  ///< list: lines are not cut to the terminal
  std::string subject;                ///< show
  bool example = false;               ///< show
  bool json = false;
};

// Each prints to the standard output, and throws CommandError for wrong usage.

ExitStatus printReleases(const CatalogueOptions& options);
ExitStatus printMessageTypes(const CatalogueOptions& options);
ExitStatus printSubject(const CatalogueOptions& options);

}  // namespace jitrig
