#include "fakecompiler/script_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <system_error>

#include "capture/capture_file.h"
#include "fakecompiler/script_from_recording.h"
#include "fakecompiler/script_yaml.h"

namespace jitrig {
namespace {

constexpr std::uintmax_t kMaxScriptBytes = std::uintmax_t{16} << 20U;

std::expected<std::ifstream, std::string> openFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::unexpected(path + ": is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("{}: {}", path, std::generic_category().message(errno)));
  return file;
}

/// pcap begins with one of four magic numbers, in either byte order; pcapng with a section header block.
bool isCapture(std::ifstream& file) {
  std::uint32_t magic = 0;
  file.read(reinterpret_cast<char*>(&magic), sizeof magic);
  constexpr std::array<std::uint32_t, 5> kMagicNumbers{0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1,
                                                       0x0a0d0d0a};
  return std::ranges::find(kMagicNumbers, magic) != kMagicNumbers.end();
}

std::expected<Script, std::string> readCapture(const std::string& path, const Dialect& dialect,
                                               const std::function<void(const Conversation&)>& explain) {
  const auto file = readCaptureFile(path);
  if (!file) return std::unexpected(file.error());
  const Conversation conversation = conversationFromCapture(*file, dialect);
  if (explain) explain(conversation);
  if (conversation.messages.empty()) return std::unexpected(path + ": holds no JITServer messages");
  auto script = scriptFromRecording(conversation, dialect);
  if (!script) return std::unexpected(fmt::format("{}: {}", path, script.error()));
  return script;
}

}  // namespace

std::expected<std::string, std::string> readTextFile(const std::string& path, std::uintmax_t max_bytes) {
  auto file = openFile(path);
  if (!file) return std::unexpected(file.error());
  std::string text;
  char block[4096];
  while (file->read(block, sizeof block), file->gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file->gcount()));
    if (text.size() > max_bytes)
      return std::unexpected(fmt::format("{}: more than {} bytes", path, max_bytes));
  }
  return text;
}

std::expected<Script, std::string> readScriptFile(const std::string& path, const Dialect& dialect,
                                                  const std::function<void(const Conversation&)>& explain) {
  auto file = openFile(path);
  if (!file) return std::unexpected(file.error());
  if (isCapture(*file)) return readCapture(path, dialect, explain);
  const auto text = readTextFile(path, kMaxScriptBytes);
  if (!text) return std::unexpected(text.error());
  return parseScript(*text, path, dialect);
}

}  // namespace jitrig
