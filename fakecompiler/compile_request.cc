#include "fakecompiler/compile_request.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace jitrig {
namespace {

using Kind = WireType::Kind;

bool isPointer(const WireType& type) {
  return type.kind == Kind::object && type.object_size == sizeof(std::uint64_t);
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

template <class T>
T number(const DataPoint& point) {
  T value{};
  if (point.payload().size() == sizeof value) std::memcpy(&value, point.payload().data(), sizeof value);
  return value;
}

std::vector<std::uint64_t> addresses(const DataPoint& point) {
  std::vector<std::uint64_t> values;
  if (point.type() != DataType::SIMPLE_VECTOR) return values;
  values.resize(point.payload().size() / sizeof(std::uint64_t));
  if (!values.empty()) std::memcpy(values.data(), point.payload().data(), values.size() * sizeof values[0]);
  return values;
}

std::string bytes(const DataPoint& point) {
  if (point.type() != DataType::STRING) return {};
  return {reinterpret_cast<const char*>(point.payload().data()), point.payload().size()};
}

bool hasRomClass(const DataPoint& class_info) {
  if (class_info.type() != DataType::TUPLE || class_info.elements().empty()) return false;
  return !(*class_info.elements().begin()).payload().empty();
}

}  // namespace

bool RequestUpdates::clearsEverything() const {
  return std::ranges::find(unloaded_classes, kEverything) != unloaded_classes.end();
}

/// Until 0.20.0 there was one number only, and another order: nothing is read of it.
CompileRequestReader::CompileRequestReader(const Dialect& dialect) {
  const MessageType* type = dialect.table->find(dialect.compilation_request);
  if (type == nullptr || !type->request) return;
  const std::vector<WireType>& types = *type->request;
  if (types.size() > 2 && types[1].kind == Kind::uint32 && types[2].kind == Kind::uint32)
    sequence_number_ = 1;
  addresses_ = find(types, 2, isPointer);
  class_info_ = find(types, 1, [](const WireType& each) { return each.kind == Kind::tuple; });
  if (!sequence_number_ || !class_info_) return;
  unloaded_classes_ = find(types, 2, isPointerVector);
  // Behind the class information: options, recompilation information, removals, changes.
  const std::size_t strings = *class_info_ + 1;
  const auto isString = [](const WireType& each) { return each.kind == Kind::string; };
  if (strings + 4 <= types.size() && std::ranges::all_of(std::span(types).subspan(strings, 4), isString))
    class_hierarchy_ = strings + 2;
}

CompileRequest CompileRequestReader::read(MessageView request) const {
  CompileRequest found;
  const auto is = [](std::optional<std::size_t> place, std::size_t index, std::size_t behind = 0) {
    return place && *place + behind == index;
  };
  std::size_t index = 0;
  for (const DataPoint point : request.dataPoints()) {
    if (index == 0) found.numbers.client_uid = number<std::uint64_t>(point);
    if (is(sequence_number_, index)) found.numbers.sequence_number = number<std::uint32_t>(point);
    if (is(sequence_number_, index, 1)) found.numbers.critical_number = number<std::uint32_t>(point);
    if (is(addresses_, index)) found.method_address = number<std::uint64_t>(point);
    if (is(addresses_, index, 1)) found.class_address = number<std::uint64_t>(point);
    if (is(unloaded_classes_, index)) found.updates.unloaded_classes = addresses(point);
    if (is(unloaded_classes_, index, 1)) found.updates.modified_classes = addresses(point);
    if (is(class_info_, index)) found.has_class_info = hasRomClass(point);
    if (is(class_hierarchy_, index)) found.updates.class_hierarchy_removals = bytes(point);
    if (is(class_hierarchy_, index, 1)) found.updates.class_hierarchy_changes = bytes(point);
    ++index;
  }
  found.numbers.critical = !found.updates.empty();
  found.numbers.unloads = !found.updates.unloaded_classes.empty();
  return found;
}

}  // namespace jitrig
