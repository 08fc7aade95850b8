#include "cli/option_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/exit_status.h"

namespace jitrig {

std::string readOptionFile(const std::string& option, const std::string& path) {
  const auto refuse = [&](const std::string& reason) {
    throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: {}: {}", option, path, reason));
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    refuse("not a regular file");
  const std::uintmax_t size_bytes = std::filesystem::file_size(path, error);
  if (error) refuse(error.message());
  if (size_bytes > kMaxOptionFileBytes)
    refuse(fmt::format("{} bytes, expected at most {}", size_bytes, kMaxOptionFileBytes));
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace jitrig
