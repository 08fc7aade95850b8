#include "protocol/stream/compilation_request_layout.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/stream/class_changes.h"

namespace jitrig {
namespace {

using Kind = WireType::Kind;

bool isPointer(const WireType& type) {
  return type.kind == Kind::object && type.object_size == sizeof(std::uint64_t);
}

bool isEnumeration(const WireType& type) {
  return type.kind == Kind::object && type.object_size == sizeof(std::uint32_t);
}

bool isPointerVector(const WireType& type) {
  return type.kind == Kind::vector && isPointer(type.elements[0]);
}

/// The first place from which on `count` types in a row satisfy it.
template <class Predicate>
std::optional<std::size_t> find(const std::vector<WireType>& types, int count, Predicate predicate) {
  const auto found = std::ranges::search_n(types, count, true, {}, predicate);
  if (found.empty()) return std::nullopt;
  return static_cast<std::size_t>(found.begin() - types.begin());
}

std::optional<std::size_t> next(std::optional<std::size_t> place) {
  return place ? std::optional(*place + 1) : std::nullopt;
}

}  // namespace

ClassChangeCounts countsOf(const ClassChanges& changes) {
  return {.unloaded_classes = changes.unloaded_classes.size(),
          .modified_classes = changes.modified_classes.size(),
          .class_hierarchy_bytes =
              changes.class_hierarchy_removals.size() + changes.class_hierarchy_changes.size()};
}

bool ClassChanges::clearsEverything() const {
  return std::ranges::find(unloaded_classes, kEverything) != unloaded_classes.end();
}

CompilationRequestLayout::CompilationRequestLayout(const Dialect& dialect) {
  const MessageType* type = dialect.table->find(dialect.compilation_request);
  if (type == nullptr || !type->request) return;
  const std::vector<WireType>& types = *type->request;
  if (types.size() > 2 && types[1].kind == Kind::uint32 && types[2].kind == Kind::uint32) sequence_number = 1;
  critical_number = next(sequence_number);
  method_address = find(types, 2, isPointer);
  class_address = next(method_address);
  unloaded_classes = find(types, 2, isPointerVector);
  modified_classes = next(unloaded_classes);
  const bool has_details =
      unloaded_classes && *unloaded_classes > 0 && isEnumeration(types[*unloaded_classes - 1]);
  if (has_details) details_type = *unloaded_classes - 1;
  class_info = find(types, 1, [](const WireType& each) { return each.kind == Kind::tuple; });
  if (!class_info) return;
  // Behind the class information: options, recompilation information, removals, changes.
  const std::size_t strings = *class_info + 1;
  const auto isString = [](const WireType& each) { return each.kind == Kind::string; };
  if (strings + 4 <= types.size() && std::ranges::all_of(std::span(types).subspan(strings, 4), isString))
    class_hierarchy_removals = strings + 2;
  class_hierarchy_changes = next(class_hierarchy_removals);
}

}  // namespace jitrig
