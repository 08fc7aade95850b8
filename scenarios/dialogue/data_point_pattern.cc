#include "scenarios/dialogue/data_point_pattern.h"

#include <fmt/format.h>

#include "protocol/wire/value_text.h"

namespace jitrig::dialogue {

bool DataPointPattern::meet(const Value& found) const {
  if (const auto* value = std::get_if<Value>(&what_)) return *value == found;
  const auto* placeholder = std::get_if<std::shared_ptr<PlaceholderState>>(&what_);
  if (placeholder == nullptr) return true;
  PlaceholderState& state = **placeholder;
  if (state.value) return *state.value == found;
  if (!state.fits(found)) return false;
  state.value = found;
  return true;
}

std::expected<Value, std::string> DataPointPattern::toSend() const {
  if (const auto* value = std::get_if<Value>(&what_)) return *value;
  if (const auto* placeholder = std::get_if<std::shared_ptr<PlaceholderState>>(&what_)) {
    const PlaceholderState& state = **placeholder;
    if (state.value) return *state.value;
    return std::unexpected(fmt::format("<{}> has met no data point yet", state.name));
  }
  return std::unexpected("anything can be expected, but not sent: say which value");
}

std::string DataPointPattern::text() const {
  if (const auto* value = std::get_if<Value>(&what_)) return toText(*value);
  if (const auto* placeholder = std::get_if<std::shared_ptr<PlaceholderState>>(&what_)) {
    const PlaceholderState& state = **placeholder;
    return state.value ? fmt::format("<{}> = {}", state.name, toText(*state.value))
                       : fmt::format("<{}>", state.name);
  }
  return isRest() ? "…" : "anything";
}

}  // namespace jitrig::dialogue
