#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "protocol/wire/data_point.h"

// Data points as the values that a server looks at. What is of another form than expected is zero or empty:
// which form a request has is checked elsewhere.
namespace jitrig {

/// A number, or an object of its size.
template <class T>
T numberIn(const DataPoint& point) {
  T value{};
  if (point.payload().size() == sizeof value) std::memcpy(&value, point.payload().data(), sizeof value);
  return value;
}

/// A vector of addresses, or of other numbers of 8 bytes.
std::vector<std::uint64_t> numbersIn(const DataPoint& point);

/// A string's bytes.
std::string bytesIn(const DataPoint& point);

}  // namespace jitrig
