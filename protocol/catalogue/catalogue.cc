#include "protocol/catalogue/catalogue.h"

#include <algorithm>
#include <fmt/core.h>
#include <numeric>
#include <stdexcept>

#include "protocol/catalogue/built_in_data.h"
#include "protocol/catalogue/release_loader.h"

namespace jitrig {

namespace {

/// Longer names are nobody's misspelling; the distance costs the product of both lengths.
constexpr std::size_t kMaxComparedLength = 40;

/// Levenshtein distance.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// How far a name is from what was given; of two at the same distance the one that begins alike is nearer.
struct Difference {
  std::size_t edit_distance = 0;
  std::size_t length_behind_common_prefix = 0;

  auto operator<=>(const Difference&) const = default;
};

Difference differenceOf(std::string_view given, std::string_view name) {
  const auto [differs, rest] = std::ranges::mismatch(given, name);
  return {editDistance(given, name), static_cast<std::size_t>(given.end() - differs)};
}

}  // namespace

const Catalogue& Catalogue::builtIn() {
  static const Catalogue catalogue({builtInData().begin(), builtInData().end()});
  return catalogue;
}

std::vector<std::string> Catalogue::releases() const {
  std::vector<std::string> names;
  for (const NamedText& text : texts_) names.emplace_back(text.name);
  return names;
}

std::expected<void, std::string> Catalogue::requireKnown(std::string_view name) const {
  if (std::ranges::find(texts_, name, &NamedText::name) != texts_.end()) return {};
  const std::string_view compared = name.substr(0, kMaxComparedLength);
  std::string known;
  std::string_view nearest;
  Difference nearest_difference{};
  for (const NamedText& text : texts_) {
    known += known.empty() ? "" : ", ";
    known += text.name;
    const Difference difference = differenceOf(compared, text.name);
    if (nearest.empty() || difference < nearest_difference) {
      nearest = text.name;
      nearest_difference = difference;
    }
  }
  return std::unexpected(
      fmt::format("unknown release '{}'; the nearest is {}; known are {}", name, nearest, known));
}

std::expected<std::shared_ptr<const Release>, std::string> Catalogue::release(std::string_view name) const {
  if (auto known = requireKnown(name); !known) return std::unexpected(std::move(known.error()));
  return loadRelease(texts_, name);
}

std::expected<std::shared_ptr<const MessageTable>, std::string> Catalogue::table(
    std::string_view release_name, Build build) const {
  if (auto known = requireKnown(release_name); !known) return std::unexpected(std::move(known.error()));
  return loadMessageTable(texts_, release_name, build);
}

std::shared_ptr<const MessageTable> Catalogue::defaultTable() const {
  auto loaded = table(kDefaultRelease);
  if (!loaded) throw std::logic_error(loaded.error());
  return std::move(*loaded);
}

}  // namespace jitrig
