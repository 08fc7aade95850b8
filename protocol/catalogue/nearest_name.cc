#include "protocol/catalogue/nearest_name.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <numeric>
#include <optional>
#include <tuple>

namespace jitrig {

namespace {

/// Longer names are nobody's misspelling; the distance costs the product of both lengths.
constexpr std::size_t kMaxComparedLength = 100;

/// More wrong letters than one in three are another word.
constexpr std::size_t kLettersPerError = 3;

/// Of ASCII, whatever the locale.
std::string lowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Major, minor, patch.
using Version = std::array<std::int64_t, 3>;

/// "0.61", "0.61.2", "61" (0.61.0), each with "v" or "openj9-" before and "-m2" or the like behind.
std::optional<Version> parseVersion(std::string_view text) {
  constexpr std::string_view kProject = "openj9-";
  if (text.starts_with(kProject)) text.remove_prefix(kProject.size());
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find('-'));
  Version version{};
  std::size_t parts = 0;
  while (parts < version.size() && !text.empty()) {
    std::uint32_t part = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc{}) return std::nullopt;
    version[parts++] = part;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (text.empty()) break;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  if (parts == 0 || !text.empty()) return std::nullopt;
  if (parts == 1) return Version{0, version[0], 0};
  return version;
}

/// How far apart, the leading number first.
Version distance(const Version& a, const Version& b) {
  Version difference{};
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = std::max(a[i], b[i]) - std::min(a[i], b[i]);
  return difference;
}

std::optional<std::string> nearestVersion(const Version& given, std::span<const std::string> releases) {
  const std::string* below = nullptr;  // the newest that is not newer
  const std::string* above = nullptr;  // the oldest that is newer
  Version below_version{};
  Version above_version{};
  for (const std::string& release : releases) {
    const auto version = parseVersion(release);
    if (!version) continue;
    if (*version <= given && (below == nullptr || *version > below_version)) {
      below = &release;
      below_version = *version;
    } else if (*version > given && (above == nullptr || *version < above_version)) {
      above = &release;
      above_version = *version;
    }
  }
  if (below == nullptr && above == nullptr) return std::nullopt;
  if (below == nullptr) return *above;
  if (above == nullptr) return *below;
  return distance(given, below_version) < distance(given, above_version) ? *below : *above;
}

}  // namespace

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

std::vector<std::string> nearestNames(std::string_view given, std::span<const std::string> names,
                                      std::size_t count) {
  const std::string wanted = lowerCase(given.substr(0, kMaxComparedLength));
  if (wanted.empty()) return {};
  struct Candidate {
    bool is_misspelling;
    std::size_t difference;
    std::size_t index;
  };
  std::vector<Candidate> candidates;
  for (std::size_t index = 0; index < names.size(); ++index) {
    const std::string known = lowerCase(names[index]);
    const std::size_t longer = std::max(known.size(), wanted.size());
    const std::size_t shorter = std::min(known.size(), wanted.size());
    if (known.contains(wanted) || wanted.contains(known)) {
      candidates.push_back({false, longer - shorter, index});
    } else if (longer - shorter <= longer / kLettersPerError) {
      const std::size_t difference = editDistance(wanted, known);
      if (difference <= longer / kLettersPerError) candidates.push_back({true, difference, index});
    }
  }
  std::ranges::sort(candidates, {}, [](const Candidate& candidate) {
    return std::tuple(candidate.is_misspelling, candidate.difference, candidate.index);
  });
  std::vector<std::string> nearest;
  for (const Candidate& candidate : candidates) {
    if (nearest.size() == count) break;
    nearest.push_back(names[candidate.index]);
  }
  return nearest;
}

std::string nearestRelease(std::string_view given, std::span<const std::string> releases) {
  const std::string wanted = lowerCase(given.substr(0, kMaxComparedLength));
  if (const auto version = parseVersion(wanted)) {
    if (auto nearest = nearestVersion(*version, releases)) return std::move(*nearest);
  }
  return *std::ranges::min_element(releases, {}, [&](const std::string& release) {
    // Of two at the same distance the one that begins alike is nearer.
    const auto [differs, rest] = std::ranges::mismatch(wanted, release);
    return std::tuple(editDistance(wanted, release), wanted.end() - differs);
  });
}

}  // namespace jitrig
