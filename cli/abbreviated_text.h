#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "protocol/wire/value.h"

namespace jitrig {

/// How much of long data is shown before "… 1234 bytes" or "… 98 more".
struct AbbreviationLimits {
  std::size_t max_bytes = 32;         ///< of one string, object or simple vector
  std::size_t max_elements = 8;       ///< of one vector or tuple
  std::size_t max_data_points = 40;   ///< of a message: a compilation request has 26
  std::size_t max_text_bytes = 4000;  ///< nothing begins behind them, so that nested data stays short, too
};

/// The text form of data points (value_text.h) for the eye:
///
///   string("java/lang/"… 3000 bytes), object(0a0b… 720 bytes), simple_vector(8: 0102… 800 bytes),
///   vector(uint32(1), uint32(2), … 98 more)
void appendAbbreviatedText(std::string& out, std::span<const Value> values,
                           const AbbreviationLimits& limits = {});

}  // namespace jitrig
