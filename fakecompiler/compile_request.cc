#include "fakecompiler/compile_request.h"

#include <fmt/format.h>
#include <utility>

#include "fakecompiler/data_point_values.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig {
namespace {

bool hasRomClass(const DataPoint& class_info) {
  if (class_info.type() != DataType::TUPLE || class_info.elements().empty()) return false;
  return !(*class_info.elements().begin()).payload().empty();
}

}  // namespace

CompileRequestReader::CompileRequestReader(const Dialect& dialect) : dialect_(dialect), layout_(dialect) {}

CompileRequest CompileRequestReader::readChecked(MessageView request, const std::string& stream,
                                                 RequestDataPoints expected) const {
  if (expected == RequestDataPoints::ofRelease) requireDataPointsOfRelease(request, stream);
  const DataPointRange points = request.dataPoints();
  if (points.empty() || (*points.begin()).type() != DataType::UINT64) {
    throw StreamTypeMismatch(
        fmt::format("{}: compilationRequest: data point 0: expected the client UID (uint64)", stream));
  }
  return read(request);
}

void CompileRequestReader::requireDataPointsOfRelease(MessageView request, const std::string& stream) const {
  const MessageType* type = dialect_.table->find(dialect_.compilation_request);
  if (!type->request) return;
  const auto misfit = checkDataPoints(request, *type->request);
  if (!misfit) return;
  const std::string what = fmt::format("{}: compilationRequest: {}", stream, toString(*misfit));
  if (misfit->path.empty()) throw StreamArityMismatch(what);
  throw StreamTypeMismatch(what);
}

CompileRequest CompileRequestReader::read(MessageView request) const {
  CompileRequest found;
  std::size_t index = 0;
  for (const DataPoint point : request.dataPoints()) {
    if (index == 0) found.numbers.client_uid = numberIn<std::uint64_t>(point);
    if (index == layout_.method_address) found.method_address = numberIn<std::uint64_t>(point);
    if (index == layout_.class_address) found.class_address = numberIn<std::uint64_t>(point);
    if (index == layout_.class_info) found.has_class_info = hasRomClass(point);
    if (index == layout_.details_type)
      found.jit_dump = numberIn<std::uint32_t>(point) == std::to_underlying(MethodDetailsType::dumpMethod);
    if (layout_.isOrdered()) readOrder(point, index, found);
    ++index;
  }
  if (found.jit_dump) found.updates = {};
  found.numbers.critical = !found.updates.empty();
  found.numbers.unloads = !found.updates.unloaded_classes.empty();
  return found;
}

/// Without an order nobody could say when the updates are to be applied: they are left alone then.
void CompileRequestReader::readOrder(DataPoint point, std::size_t index, CompileRequest& found) const {
  if (index == layout_.sequence_number) found.numbers.sequence_number = numberIn<std::uint32_t>(point);
  if (index == layout_.critical_number) found.numbers.critical_number = numberIn<std::uint32_t>(point);
  if (index == layout_.unloaded_classes) found.updates.unloaded_classes = numbersIn(point);
  if (index == layout_.modified_classes) found.updates.modified_classes = numbersIn(point);
  if (index == layout_.class_hierarchy_removals) found.updates.class_hierarchy_removals = bytesIn(point);
  if (index == layout_.class_hierarchy_changes) found.updates.class_hierarchy_changes = bytesIn(point);
}

}  // namespace jitrig
