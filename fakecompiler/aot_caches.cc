#include "fakecompiler/aot_caches.h"

#include <chrono>
#include <fmt/format.h>
#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {

std::string_view toString(AOTCacheFileReport::Kind kind) {
  switch (kind) {
    case AOTCacheFileReport::Kind::saved: return "saved";
    case AOTCacheFileReport::Kind::loaded: return "loaded";
    case AOTCacheFileReport::Kind::absent: return "absent";
    case AOTCacheFileReport::Kind::failed: return "failed";
  }
  return "unknown";
}

std::string toText(const AOTCacheFileReport& report) {
  switch (report.kind) {
    case AOTCacheFileReport::Kind::absent:
      return fmt::format("AOT cache '{}': there is no file of it", report.cache);
    case AOTCacheFileReport::Kind::failed:
      return fmt::format("AOT cache '{}': its file cannot be used: {}", report.cache, report.detail);
    case AOTCacheFileReport::Kind::saved:
    case AOTCacheFileReport::Kind::loaded: break;
  }
  return fmt::format("AOT cache '{}': {} {} methods", report.cache, toString(report.kind), report.methods);
}

AOTCaches::AOTCaches(Runtime& runtime, AOTCacheOptions options, Schedule schedule, Listener listener)
    : runtime_(runtime),
      options_(std::move(options)),
      schedule_(std::move(schedule)),
      listener_(std::move(listener)),
      mutex_(runtime.makeMutex("AOT caches")) {}

AOTCaches::~AOTCaches() = default;

AOTCaches::State AOTCaches::open(const std::string& name) {
  if (!options_.enabled) return State::none;
  Job load;
  State state = State::loading;
  {
    const Lock lock(*mutex_);
    const Named* named = findOrMake(name, load);
    const bool has_room = named != nullptr && !isFull();
    if (named == nullptr || named->cache) state = has_room ? State::usable : State::full;
  }
  schedule(std::move(load), true);
  return state;
}

/// Not with the lock: somebody may begin to work at once.
void AOTCaches::schedule(Job job, bool urgent) const {
  if (job) schedule_(std::move(job), urgent);
}

/// With the lock. A name costs room, too, since clients invent them; null: there is none for another one.
AOTCaches::Named* AOTCaches::findOrMake(const std::string& name, Job& load) {
  const auto found = caches_.find(name);
  if (found != caches_.end()) return &found->second;
  const std::uint64_t cost_bytes = name.size() + sizeof(Named);
  if (isFull() || cost_bytes > options_.max_bytes - size_bytes_) return nullptr;
  Named& named = caches_[name];
  size_bytes_ += cost_bytes;
  named.last_saved = runtime_.now();
  if (options_.folder) named.file = aotCacheFileName(name);
  if (!named.file) {
    named.cache = std::make_shared<AOTCache>();
    return &named;
  }
  load = [this, name, file = *named.file] { this->load(name, file); };
  return &named;
}

std::optional<AOTDelivery> AOTCaches::find(const std::string& name, const AOTMethodIdentity& method,
                                           const std::set<std::uint64_t>& known) const {
  const Lock lock(*mutex_);
  const auto named = caches_.find(name);
  if (named == caches_.end() || !named->second.cache) return std::nullopt;
  return named->second.cache->find(method, known);
}

std::optional<AOTDelivery> AOTCaches::store(const std::string& name, const AOTMethodIdentity& method,
                                            const std::string& signature, const std::string& code,
                                            const std::set<std::uint64_t>& known) {
  Job save;
  AOTDelivery delivery;
  {
    const Lock lock(*mutex_);
    const auto found = caches_.find(name);
    if (found == caches_.end() || !found->second.cache || isFull()) return std::nullopt;
    Named& named = found->second;
    const std::uint64_t before = named.cache->sizeBytes();
    delivery = named.cache->store(method, signature, code, known);
    size_bytes_ += named.cache->sizeBytes() - before;
    if (wantsSaving(named)) {
      named.saving = true;
      save = [this, name] { this->save(name); };
    }
  }
  schedule(std::move(save), false);
  return delivery;
}

std::vector<std::string> AOTCaches::signatures(const std::string& name) {
  if (!options_.enabled) return {};
  Job load;
  std::vector<std::string> signatures;
  {
    const Lock lock(*mutex_);
    // Who asks for the map of a cache that is kept in a file has it read.
    if (!options_.folder && !caches_.contains(name)) return {};
    const Named* named = findOrMake(name, load);
    if (named == nullptr) return {};
    if (named->cache) signatures = named->cache->signatures();
    if (!named->cache) JITRIG_REACHED("AOT caches: the map is asked for while the cache is loaded");
  }
  schedule(std::move(load), true);
  return signatures;
}

std::size_t AOTCaches::methods() const {
  const Lock lock(*mutex_);
  std::size_t all = 0;
  for (const auto& [name, named] : caches_) all += named.cache ? named.cache->methods() : 0;
  return all;
}

std::uint64_t AOTCaches::sizeBytes() const {
  const Lock lock(*mutex_);
  return size_bytes_;
}

/// A file that cannot be used counts as none: the next save puts a good one in its place.
void AOTCaches::load(const std::string& name, const std::string& file) {
  AOTCacheFileReport report{
      .kind = AOTCacheFileReport::Kind::absent, .cache = name, .methods = 0, .detail = ""};
  auto cache = std::make_shared<AOTCache>();
  runtime_.offload([&] {
    const auto bytes = options_.folder->read(file);
    if (!bytes) {
      report.kind = AOTCacheFileReport::Kind::failed;
      report.detail = bytes.error();
    } else if (*bytes) {
      auto read = decodeAOTCacheFile(**bytes);
      report.kind = read ? AOTCacheFileReport::Kind::loaded : AOTCacheFileReport::Kind::failed;
      if (read) *cache = std::move(*read);
      if (!read) report.detail = fmt::format("{}: {}", file, read.error());
    }
  });
  report.methods = cache->methods();
  {
    const Lock lock(*mutex_);
    Named& named = caches_[name];
    size_bytes_ += cache->sizeBytes();
    named.saved_methods = cache->methods();
    named.last_saved = runtime_.now();
    named.cache = std::move(cache);
  }
  listener_(report);
}

bool AOTCaches::wantsSaving(const Named& named) const {
  return named.file && !named.saving &&
         named.cache->methods() >= named.saved_methods + options_.min_new_methods &&
         runtime_.now() >= named.last_saved + std::chrono::milliseconds(options_.min_save_interval_ms);
}

void AOTCaches::save(const std::string& name) {
  AOTCacheFileReport report{
      .kind = AOTCacheFileReport::Kind::saved, .cache = name, .methods = 0, .detail = ""};
  std::string bytes;
  std::string file;
  {
    const Lock lock(*mutex_);
    const Named& named = caches_[name];
    file = *named.file;
    bytes = encodeAOTCacheFile(*named.cache);
    report.methods = named.cache->methods();
  }
  runtime_.offload([&] {
    if (const auto written = options_.folder->write(file, bytes); !written) {
      report.kind = AOTCacheFileReport::Kind::failed;
      report.detail = written.error();
    }
  });
  {
    const Lock lock(*mutex_);
    Named& named = caches_[name];
    named.saving = false;
    named.last_saved = runtime_.now();
    if (report.kind == AOTCacheFileReport::Kind::saved) named.saved_methods = report.methods;
  }
  listener_(report);
}

}  // namespace jitrig
