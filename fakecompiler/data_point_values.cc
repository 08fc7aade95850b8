#include "fakecompiler/data_point_values.h"

namespace jitrig {

std::vector<std::uint64_t> numbersIn(const DataPoint& point) {
  std::vector<std::uint64_t> values;
  if (point.type() != DataType::SIMPLE_VECTOR) return values;
  values.resize(point.payload().size() / sizeof(std::uint64_t));
  if (!values.empty()) std::memcpy(values.data(), point.payload().data(), values.size() * sizeof values[0]);
  return values;
}

std::string bytesIn(const DataPoint& point) {
  if (point.type() != DataType::STRING) return {};
  return {reinterpret_cast<const char*>(point.payload().data()), point.payload().size()};
}

}  // namespace jitrig
