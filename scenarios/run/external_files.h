#pragma once

#include <map>
#include <string>

#include "scenarios/system/temporary_folder.h"

namespace jitrig {

/// The certificates of a run as files, for external programs. They are gone with this object.
class ExternalFiles {
 public:
  ExternalFiles();

  /// Adds "cert", "key" and "roots" to what a program is told.
  void addTo(std::map<std::string, std::string>& values) const;

 private:
  TemporaryFolder folder_;
  std::string certificate_;
  std::string key_;
  std::string roots_;
};

}  // namespace jitrig
