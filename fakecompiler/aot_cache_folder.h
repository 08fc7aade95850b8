#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fakecompiler/aot_cache.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// Where a server keeps its AOT caches: files by name, which other servers may use as well. Called from any
/// task; may wait as long as a disk does.
class AOTCacheFolder {
 public:
  virtual ~AOTCacheFolder() = default;

  /// nullopt: there is none. The error says what is wrong, with the file's name.
  virtual std::expected<std::optional<std::string>, std::string> read(const std::string& file) = 0;
  /// All of it or nothing: who reads meanwhile gets what was there before. The error as above.
  virtual std::expected<void, std::string> write(const std::string& file, const std::string& bytes) = 0;
};

/// A folder of the machine. A file is written under another name, and renamed.
std::unique_ptr<AOTCacheFolder> openAOTCacheFolder(const std::string& path);

/// One in memory, for simulated servers: it outlives them.
class AOTCacheFolderInMemory final : public AOTCacheFolder {
 public:
  explicit AOTCacheFolderInMemory(Runtime& runtime) : mutex_(runtime.makeMutex("AOT cache folder")) {}

  std::expected<std::optional<std::string>, std::string> read(const std::string& file) override;
  std::expected<void, std::string> write(const std::string& file, const std::string& bytes) override;

  /// Puts something there, whatever it is.
  void put(const std::string& file, std::string bytes);

 private:
  std::unique_ptr<Mutex> mutex_;
  std::map<std::string, std::string> files_;  ///< by name
};

/// The file that a cache of that name is kept in; nullopt: names come from clients, and this one is none for
/// a file.
std::optional<std::string> aotCacheFileName(const std::string& cache_name);

/// A cache as a file: a head that names format, version and size, then records and methods, then a checksum
/// of all. The format is jitrig's own.
std::string encodeAOTCacheFile(const AOTCache& cache);
/// At most so many bytes are read.
inline constexpr std::uint64_t kMaxAOTCacheFileBytes = std::uint64_t{1} << 30;
/// The error says what is wrong: another format or version, cut off, changed.
std::expected<AOTCache, std::string> decodeAOTCacheFile(const std::string& bytes);

}  // namespace jitrig
