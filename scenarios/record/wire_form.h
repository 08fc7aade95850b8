#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace jitrig {

/// Where a message is not as a real peer would write it.
struct FormProblem {
  std::size_t offset = 0;  ///< in the message
  std::string_view what;   ///< a literal
};

/// Looks at a whole message: each data point's descriptor, alignment, filler and padding, and that containers
/// and the message are filled by as many data points as they say (spec: wire.md). It knows all this by itself
/// and shares nothing with protocol/wire: a defect that its writer and its reader have in common is one.
/// What is nested deeper than any real message is not looked at.
std::optional<FormProblem> findFormProblem(std::span<const std::byte> message);

}  // namespace jitrig
