#include "scenarios/system/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace jitrig {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "jitrig.XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view text) const {
  const std::string path = (path_ / name).string();
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.flush();
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  return path;
}

}  // namespace jitrig
