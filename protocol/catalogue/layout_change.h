#pragma once

#include <string>
#include <vector>

#include "protocol/catalogue/release.h"

namespace jitrig {

/// What became of the fields of a struct between two releases, in words: "_a (bool at 136, size 1) was
/// added",
/// "_b became uintptr_t of size 8, was int32_t of size 4", "_c was removed", "12 fields moved". Empty if the
/// fields are the same. Fields are known by their names.
std::vector<std::string> compareLayouts(const StructLayout& before, const StructLayout& after);

}  // namespace jitrig
