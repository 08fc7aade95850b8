#pragma once

#include <span>

#include "protocol/catalogue/release_text.h"

namespace jitrig {

/// The files of data/, oldest release first, compiled in (tools/embed_data.py writes the definition).
std::span<const NamedText> builtInData();

}  // namespace jitrig
