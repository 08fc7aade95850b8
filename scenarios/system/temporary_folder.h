#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace jitrig {

/// A new folder below the system's temporary one, for this user alone; removed with everything in it. Throws
/// std::system_error.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  /// Returns the file's path.
  std::string write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace jitrig
