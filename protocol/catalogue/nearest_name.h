#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// Levenshtein distance. Costs the product of both lengths.
std::size_t editDistance(std::string_view a, std::string_view b);

/// What somebody who wrote `given` may have meant, best first: names that hold it (or that it holds),
/// whatever the case, then misspelled ones. At most `count` names, and none that has little in common with
/// `given`.
std::vector<std::string> nearestNames(std::string_view given, std::span<const std::string> names,
                                      std::size_t count = 3);

/// The release that somebody may have meant who wrote `given`. A version ("0.61", "v0.61.2", "61",
/// "openj9-0.60.0-m2") is nearest to the one with the same leading numbers, then to the one whose first
/// differing number is nearest, then to the newer; any other text to the name with the fewest different
/// letters. `releases` is oldest first and not empty; names that are no versions ("head") come last.
std::string nearestRelease(std::string_view given, std::span<const std::string> releases);

}  // namespace jitrig
