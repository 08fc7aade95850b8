#include "fakevm/class_changes.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace jitrig {
namespace {

using Kind = WireType::Kind;

bool isPointerVector(const WireType& type) {
  return type.kind == Kind::vector && type.elements[0].kind == Kind::object &&
         type.elements[0].object_size == sizeof(std::uint64_t);
}

bool isString(const WireType& type) {
  return type.kind == Kind::string;
}

void setAddresses(Value& value, const std::vector<std::uint64_t>& addresses) {
  if (addresses.empty()) return;
  Value::SimpleVector vector{.element_size = sizeof addresses[0], .bytes = {}};
  vector.bytes.resize(addresses.size() * sizeof addresses[0]);
  std::memcpy(vector.bytes.data(), addresses.data(), vector.bytes.size());
  value = std::move(vector);
}

/// Where the class information stands: options, recompilation information, removals and changes follow.
std::optional<std::size_t> classInfo(const std::vector<WireType>& types) {
  const auto found = std::ranges::find(types, Kind::tuple, &WireType::kind);
  if (found == types.end()) return std::nullopt;
  return static_cast<std::size_t>(found - types.begin());
}

}  // namespace

void setClassChanges(const Dialect& dialect, std::span<Value> request, const ClassChanges& changes) {
  const MessageType* type = dialect.table->find(dialect.compilation_request);
  if (changes.empty() || type == nullptr || !type->request || request.size() < type->request->size()) return;
  const std::vector<WireType>& types = *type->request;
  const auto lists = std::ranges::search_n(types, 2, true, {}, isPointerVector);
  if (!lists.empty()) {
    const auto unloaded = static_cast<std::size_t>(lists.begin() - types.begin());
    setAddresses(request[unloaded], changes.unloaded_classes);
    setAddresses(request[unloaded + 1], changes.modified_classes);
  }
  const auto class_info = classInfo(types);
  if (!class_info || *class_info + 5 > types.size()) return;
  const std::size_t removals = *class_info + 3;
  if (!std::ranges::all_of(std::span(types).subspan(*class_info + 1, 4), isString)) return;
  request[removals] = Value::String{changes.class_hierarchy_removals};
  request[removals + 1] = Value::String{changes.class_hierarchy_changes};
}

}  // namespace jitrig
