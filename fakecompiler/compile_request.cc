#include "fakecompiler/compile_request.h"

#include <cstring>
#include <string>
#include <vector>

namespace jitrig {
namespace {

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

CompileRequestReader::CompileRequestReader(const Dialect& dialect) : layout_(dialect) {}

CompileRequest CompileRequestReader::read(MessageView request) const {
  CompileRequest found;
  std::size_t index = 0;
  for (const DataPoint point : request.dataPoints()) {
    if (index == 0) found.numbers.client_uid = number<std::uint64_t>(point);
    if (index == layout_.method_address) found.method_address = number<std::uint64_t>(point);
    if (index == layout_.class_address) found.class_address = number<std::uint64_t>(point);
    if (index == layout_.class_info) found.has_class_info = hasRomClass(point);
    if (layout_.isOrdered()) readOrder(point, index, found);
    ++index;
  }
  found.numbers.critical = !found.updates.empty();
  found.numbers.unloads = !found.updates.unloaded_classes.empty();
  return found;
}

/// Without an order nobody could say when the updates are to be applied: they are left alone then.
void CompileRequestReader::readOrder(DataPoint point, std::size_t index, CompileRequest& found) const {
  if (index == layout_.sequence_number) found.numbers.sequence_number = number<std::uint32_t>(point);
  if (index == layout_.critical_number) found.numbers.critical_number = number<std::uint32_t>(point);
  if (index == layout_.unloaded_classes) found.updates.unloaded_classes = addresses(point);
  if (index == layout_.modified_classes) found.updates.modified_classes = addresses(point);
  if (index == layout_.class_hierarchy_removals) found.updates.class_hierarchy_removals = bytes(point);
  if (index == layout_.class_hierarchy_changes) found.updates.class_hierarchy_changes = bytes(point);
}

}  // namespace jitrig
