#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"
#include "scenarios/dialogue/data_point_pattern.h"

namespace jitrig::dialogue {

/// What a message is expected to be.
struct ExpectedMessage {
  std::uint16_t type = 0;
  std::optional<FullVersion> announced;  ///< nullopt: any
  std::span<const DataPointPattern> data_points;
};

/// Nothing if `found` is as expected; then the Placeholders have taken its values. Otherwise the difference,
/// a line per data point in the catalogue's text form, those that are equal and far from it left out:
///
///     VM_isInstanceOf(
///       0   object(0a0b0c0d0e0f0000)
///   -   1   bool(true)
///   +   1   bool(false)       <- the first that differs
///     )
std::optional<std::string> differenceOf(const ExpectedMessage& expected, const Message& found,
                                        const Dialect& dialect);

/// "VM_isClassArray(object(0a0b0c0d0e0f0000), <flag>, …)".
std::string toText(const ExpectedMessage& expected, const Dialect& dialect);

}  // namespace jitrig::dialogue
