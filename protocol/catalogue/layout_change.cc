#include "protocol/catalogue/layout_change.h"

#include <algorithm>
#include <fmt/core.h>

namespace jitrig {

namespace {

const StructField* find(const StructLayout& layout, const std::string& name) {
  const auto found = std::ranges::find(layout.fields, name, &StructField::name);
  return found == layout.fields.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> compareLayouts(const StructLayout& before, const StructLayout& after) {
  std::vector<std::string> changes;
  std::size_t moved = 0;
  for (const StructField& field : before.fields) {
    if (find(after, field.name) == nullptr) changes.push_back(fmt::format("{} was removed", field.name));
  }
  for (const StructField& field : after.fields) {
    const StructField* old = find(before, field.name);
    if (old == nullptr) {
      changes.push_back(
          fmt::format("{} ({} at {}, size {}) was added", field.name, field.type, field.offset, field.size));
      continue;
    }
    if (old->size != field.size || old->type != field.type) {
      changes.push_back(fmt::format("{} became {} of size {}, was {} of size {}", field.name, field.type,
                                    field.size, old->type, old->size));
    }
    if (old->offset != field.offset) ++moved;
  }
  if (moved > 0) changes.push_back(fmt::format("{} {} moved", moved, moved == 1 ? "field" : "fields"));
  return changes;
}

}  // namespace jitrig
