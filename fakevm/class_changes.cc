#include "fakevm/class_changes.h"

#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/stream/compilation_request_layout.h"

namespace jitrig {
namespace {

void setAddresses(Value& value, const std::vector<std::uint64_t>& addresses) {
  if (addresses.empty()) return;
  Value::SimpleVector vector{.element_size = sizeof addresses[0], .bytes = {}};
  vector.bytes.resize(addresses.size() * sizeof addresses[0]);
  std::memcpy(vector.bytes.data(), addresses.data(), vector.bytes.size());
  value = std::move(vector);
}

}  // namespace

void setClassChanges(const Dialect& dialect, std::span<Value> request, const ClassChanges& changes) {
  if (changes.empty()) return;
  const CompilationRequestLayout layout(dialect);
  const auto at = [&](std::optional<std::size_t> place) {
    return place && *place < request.size() ? &request[*place] : nullptr;
  };
  if (Value* value = at(layout.unloaded_classes)) setAddresses(*value, changes.unloaded_classes);
  if (Value* value = at(layout.modified_classes)) setAddresses(*value, changes.modified_classes);
  if (Value* value = at(layout.class_hierarchy_removals))
    *value = Value::String{changes.class_hierarchy_removals};
  if (Value* value = at(layout.class_hierarchy_changes))
    *value = Value::String{changes.class_hierarchy_changes};
}

bool tellsOfClassChanges(const Dialect& dialect, std::span<const Value> request) {
  const CompilationRequestLayout layout(dialect);
  const auto tells = [&](std::optional<std::size_t> place) {
    if (!place || *place >= request.size()) return false;
    if (const auto* string = request[*place].get<Value::String>()) return !string->bytes.empty();
    return request[*place].get<Value::SimpleVector>() != nullptr;
  };
  return tells(layout.unloaded_classes) || tells(layout.modified_classes) ||
         tells(layout.class_hierarchy_removals) || tells(layout.class_hierarchy_changes);
}

}  // namespace jitrig
