#include "protocol/catalogue/catalogue.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "protocol/catalogue/built_in_data.h"
#include "protocol/catalogue/nearest_name.h"
#include "protocol/catalogue/release_loader.h"

namespace jitrig {

namespace {

/// The result of the first successful load, kept. Two tasks may load at the same time: the first to finish is
/// kept, and both get it. Nobody waits, so any task may call, on threads and in the simulation.
template <class T, class Load>
std::expected<std::shared_ptr<const T>, std::string> loadOnce(
    std::atomic<const std::shared_ptr<const T>*>& kept, const Load& load) {
  if (const auto* found = kept.load(std::memory_order_acquire)) return *found;
  std::expected<std::shared_ptr<const T>, std::string> loaded = load();
  if (!loaded) return loaded;
  auto candidate = std::make_unique<const std::shared_ptr<const T>>(*std::move(loaded));
  const std::shared_ptr<const T>* first = nullptr;
  if (kept.compare_exchange_strong(first, candidate.get(), std::memory_order_acq_rel)) {
    return *candidate.release();
  }
  return *first;
}

}  // namespace

Catalogue::Kept::~Kept() {
  delete release.load();
  for (auto& table : tables) delete table.load();
}

const Catalogue& Catalogue::builtIn() {
  static const Catalogue catalogue({builtInData().begin(), builtInData().end()});
  return catalogue;
}

std::vector<std::string> Catalogue::releases() const {
  std::vector<std::string> names;
  for (const NamedText& text : texts_) names.emplace_back(text.name);
  return names;
}

std::expected<std::size_t, std::string> Catalogue::indexOf(std::string_view name) const {
  const auto found = std::ranges::find(texts_, name, &NamedText::name);
  if (found != texts_.end()) return static_cast<std::size_t>(found - texts_.begin());
  const std::vector<std::string> known = releases();
  if (known.empty()) return std::unexpected(fmt::format("unknown release '{}'; none is known", name));
  return std::unexpected(fmt::format("unknown release '{}'; the nearest is {}; known are {}", name,
                                     nearestRelease(name, known), fmt::join(known, ", ")));
}

std::expected<std::shared_ptr<const Release>, std::string> Catalogue::release(std::string_view name) const {
  const auto index = indexOf(name);
  if (!index) return std::unexpected(index.error());
  return loadOnce(kept_[*index].release, [&] { return loadRelease(texts_, name); });
}

std::expected<std::shared_ptr<const MessageTable>, std::string> Catalogue::table(
    std::string_view release_name, Build build) const {
  const auto index = indexOf(release_name);
  if (!index) return std::unexpected(index.error());
  auto& kept = kept_[*index].tables.at(static_cast<std::size_t>(build));
  return loadOnce(kept, [&] { return loadMessageTable(texts_, release_name, build); });
}

std::shared_ptr<const MessageTable> Catalogue::defaultTable() const {
  auto loaded = table(kDefaultRelease);
  if (!loaded) throw std::logic_error(loaded.error());
  return std::move(*loaded);
}

}  // namespace jitrig
