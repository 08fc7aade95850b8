#include "cli/script_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <system_error>

#include "cli/exit_status.h"
#include "cli/load_conversation.h"
#include "fakecompiler/script_from_recording.h"
#include "fakecompiler/script_yaml.h"

namespace jitrig {
namespace {

constexpr std::uintmax_t kMaxScriptBytes = std::uintmax_t{16} << 20U;

[[noreturn]] void unreadable(const std::string& path, const std::string& what) {
  throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: {}", path, what));
}

std::ifstream openFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) unreadable(path, "is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) unreadable(path, std::generic_category().message(errno));
  return file;
}

/// pcap begins with one of four magic numbers, in either byte order; pcapng with a section header block.
bool isCapture(std::ifstream& file) {
  std::uint32_t magic = 0;
  file.read(reinterpret_cast<char*>(&magic), sizeof magic);
  file.clear();
  file.seekg(0);
  constexpr std::array<std::uint32_t, 5> kMagicNumbers{0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1,
                                                       0x0a0d0d0a};
  return std::ranges::find(kMagicNumbers, magic) != kMagicNumbers.end();
}

std::string readText(std::ifstream& file, const std::string& path) {
  std::string text;
  char block[4096];
  while (file.read(block, sizeof block), file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxScriptBytes)
      unreadable(path, fmt::format("a script may have {} bytes", kMaxScriptBytes));
  }
  return text;
}

}  // namespace

Script loadScript(const std::string& path, const Dialect& dialect) {
  std::ifstream file = openFile(path);
  const bool capture = isCapture(file);
  auto script = capture ? scriptFromRecording(loadConversation("fakecompiler", path, *dialect.table), dialect)
                        : parseScript(readText(file, path), path, dialect);
  if (script) return std::move(*script);
  if (capture) unreadable(path, script.error());
  throw CommandError(ExitStatus::unreadableInput, script.error());
}

}  // namespace jitrig
