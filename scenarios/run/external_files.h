#pragma once

#include <map>
#include <string>

#include "protocol/stream/tls/pem_folder_test_support.h"

namespace jitrig {

/// The certificates of a run as files, for external programs. They are gone with this object.
class ExternalFiles {
 public:
  ExternalFiles();

  /// Adds "cert", "key" and "roots" to what a program is told.
  void addTo(std::map<std::string, std::string>& values) const;

 private:
  TestPemFolder folder_;
  std::string certificate_;
  std::string key_;
  std::string roots_;
};

}  // namespace jitrig
