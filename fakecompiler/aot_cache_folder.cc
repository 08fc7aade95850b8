#include "fakecompiler/aot_cache_folder.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "fakecompiler/script_file.h"

namespace jitrig {
namespace {

class FolderOfTheMachine final : public AOTCacheFolder {
 public:
  explicit FolderOfTheMachine(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::expected<std::optional<std::string>, std::string> read(const std::string& file) override {
    const std::filesystem::path path = folder_ / file;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    auto bytes = readTextFile(path.string(), kMaxAOTCacheFileBytes);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    return std::optional(std::move(*bytes));
  }

  std::expected<void, std::string> write(const std::string& file, const std::string& bytes) override {
    const std::filesystem::path path = folder_ / file;
    const std::filesystem::path unfinished = folder_ / (file + ".new");
    const auto failed = [&](std::string_view what) {
      return std::unexpected(fmt::format("{}: {}", unfinished.string(), what));
    };
    {
      std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
      if (!out) return failed("cannot be opened for writing");
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      out.flush();
      if (!out) return failed("cannot be written");
    }
    std::error_code error;
    std::filesystem::rename(unfinished, path, error);
    if (error) return failed(fmt::format("cannot be renamed: {}", error.message()));
    return {};
  }

 private:
  std::filesystem::path folder_;
};

constexpr std::string_view kMagic = "jitrig AOT cache";
constexpr std::uint32_t kVersion = 1;

void addNumber(std::string& bytes, std::uint64_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void addAll(std::string& bytes, const std::vector<std::string>& strings) {
  addNumber(bytes, strings.size());
  for (const std::string& each : strings) {
    addNumber(bytes, each.size());
    bytes += each;
  }
}

/// FNV-1a: against accidents, not against intent.
std::uint64_t checksumOf(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char each : bytes) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  return hash;
}

/// Takes numbers and strings off the front; false: there is not so much.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool number(std::uint64_t& number) {
    std::string_view bytes;
    if (!take(sizeof number, bytes)) return false;
    std::char_traits<char>::copy(reinterpret_cast<char*>(&number), bytes.data(), sizeof number);
    return true;
  }
  bool take(std::uint64_t size, std::string_view& taken) {
    if (size > rest_.size()) return false;
    taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool strings(std::vector<std::string>& strings) {
    std::uint64_t count = 0;
    if (!number(count)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t size = 0;
      std::string_view bytes;
      if (!number(size) || !take(size, bytes)) return false;
      strings.emplace_back(bytes);
    }
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace

std::unique_ptr<AOTCacheFolder> openAOTCacheFolder(const std::string& path) {
  return std::make_unique<FolderOfTheMachine>(path);
}

std::expected<std::optional<std::string>, std::string> AOTCacheFolderInMemory::read(const std::string& file) {
  const Lock lock(*mutex_);
  const auto found = files_.find(file);
  if (found == files_.end()) return std::nullopt;
  return std::optional(found->second);
}

std::expected<void, std::string> AOTCacheFolderInMemory::write(const std::string& file,
                                                               const std::string& bytes) {
  put(file, bytes);
  return {};
}

void AOTCacheFolderInMemory::put(const std::string& file, std::string bytes) {
  const Lock lock(*mutex_);
  files_[file] = std::move(bytes);
}

std::optional<std::string> aotCacheFileName(const std::string& cache_name) {
  constexpr std::size_t kMaxLength = 64;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (cache_name.empty() || cache_name.size() > kMaxLength ||
      cache_name.find_first_not_of(kAllowed) != std::string::npos) {
    return std::nullopt;
  }
  return cache_name + ".jitrig_aot_cache";
}

std::string encodeAOTCacheFile(const AOTCache& cache) {
  std::string body;
  addAll(body, cache.encodedRecords());
  addAll(body, cache.encodedMethods());
  std::string file(kMagic);
  addNumber(file, kVersion);
  addNumber(file, body.size());
  file += body;
  addNumber(file, checksumOf(file));
  return file;
}

std::expected<AOTCache, std::string> decodeAOTCacheFile(const std::string& bytes) {
  Reader reader(bytes);
  std::string_view magic;
  std::uint64_t version = 0;
  std::uint64_t size = 0;
  std::uint64_t checksum = 0;
  if (!reader.take(kMagic.size(), magic) || magic != kMagic)
    return std::unexpected("is no AOT cache of jitrig's");
  if (!reader.number(version)) return std::unexpected("is cut off in its head");
  if (version != kVersion)
    return std::unexpected(fmt::format("is of version {}, expected {}", version, kVersion));
  std::string_view body;
  if (!reader.number(size) || !reader.take(size, body) || !reader.number(checksum)) {
    return std::unexpected(
        fmt::format("is cut off: it has {} bytes, and says that they are more", bytes.size()));
  }
  if (!reader.rest().empty())
    return std::unexpected(fmt::format("has {} bytes too many", reader.rest().size()));
  if (checksum != checksumOf(std::string_view(bytes).substr(0, bytes.size() - sizeof checksum)))
    return std::unexpected("has another checksum than its bytes: it was changed");
  Reader parts(body);
  std::vector<std::string> records;
  std::vector<std::string> methods;
  if (!parts.strings(records) || !parts.strings(methods) || !parts.rest().empty())
    return std::unexpected("does not hold what it should");
  return AOTCache::make(records, methods);
}

}  // namespace jitrig
