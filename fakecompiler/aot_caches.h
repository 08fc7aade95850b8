#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fakecompiler/aot_cache.h"
#include "fakecompiler/aot_cache_folder.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// A server's AOT caches, and how they are kept.
struct AOTCacheOptions {
  bool enabled = false;                                ///< as a real server has it by default
  std::uint64_t max_bytes = std::uint64_t{300} << 20;  ///< of all caches together (-XX:JITServerAOTmx=)
  /// null: caches live as long as the server.
  std::shared_ptr<AOTCacheFolder> folder = nullptr;
  /// A cache is saved when so many methods are new …
  std::uint64_t min_new_methods = 200;
  /// … and so much time has passed since it was saved or loaded.
  std::int64_t min_save_interval_ms = 10'000;
};

/// What a save or a load came to.
struct AOTCacheFileReport {
  /// absent: there was no file.
  enum class Kind : std::uint8_t { saved, loaded, absent, failed };
  Kind kind = Kind::saved;
  std::string cache;
  std::uint64_t methods = 0;
  std::string detail;  ///< of a failure: what is wrong, with the file's name
};

/// "saved", "loaded", …
std::string_view toString(AOTCacheFileReport::Kind kind);
/// "AOT cache 'default': loaded 240 methods".
std::string toText(const AOTCacheFileReport& report);

/// The named AOT caches of a server, which all its clients share. Thread-safe.
class AOTCaches {
 public:
  /// Waits for disks, and so has to run in a task that may.
  using Job = std::function<void()>;
  /// Gets what is to be done soon; `urgent`: before anything else, since clients wait for it.
  using Schedule = std::function<void(Job, bool urgent)>;
  using Listener = std::function<void(const AOTCacheFileReport&)>;

  /// `schedule` and `listener` are used with a folder only.
  AOTCaches(Runtime& runtime, AOTCacheOptions options, Schedule schedule = {}, Listener listener = {});
  ~AOTCaches();

  /// What a client can expect of a cache.
  enum class State : std::uint8_t {
    none,     ///< the server has no caches
    loading,  ///< it is being read: not yet
    full,     ///< no cache takes any more, nor is there room for another name
    usable,
  };
  /// Of the cache with that name, which comes about with the first who asks.
  State open(const std::string& name);

  /// nullopt: the method is not there, or the cache is not.
  std::optional<AOTDelivery> find(const std::string& name, const AOTMethodIdentity& method,
                                  const std::set<std::uint64_t>& known) const;
  /// nullopt: there is no room for it.
  std::optional<AOTDelivery> store(const std::string& name, const AOTMethodIdentity& method,
                                   const std::string& signature, const std::string& code,
                                   const std::set<std::uint64_t>& known);
  /// Empty if there is no such cache, and while it is being read.
  std::vector<std::string> signatures(const std::string& name);

  std::size_t methods() const;
  std::uint64_t sizeBytes() const;

 private:
  struct Named {
    std::shared_ptr<AOTCache> cache;  ///< null while it is being read
    std::optional<std::string> file;  ///< nullopt: it is not kept
    std::size_t saved_methods = 0;
    Instant last_saved;
    bool saving = false;
  };

  Named* findOrMake(const std::string& name, Job& load);
  void schedule(Job job, bool urgent) const;
  bool isFull() const { return size_bytes_ >= options_.max_bytes; }
  void load(const std::string& name, const std::string& file);
  bool wantsSaving(const Named& named) const;
  void save(const std::string& name);

  Runtime& runtime_;
  const AOTCacheOptions options_;
  Schedule schedule_;
  Listener listener_;
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::map<std::string, Named> caches_;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace jitrig
