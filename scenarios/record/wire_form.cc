#include "scenarios/record/wire_form.h"

#include <cstdint>
#include <cstring>

namespace jitrig {
namespace {

constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kCountOffset = 14;
constexpr std::size_t kDescriptorSize = 8;
constexpr std::size_t kMostNesting = 64;

enum : std::uint8_t {
  kInt32 = 0,
  kInt64 = 1,
  kUInt32 = 2,
  kUInt64 = 3,
  kBool = 4,
  kObject = 6,
  kEnum = 7,
  kVector = 8,
  kSimpleVector = 9,
  kEmptyVector = 10,
  kTuple = 11,
};

/// The payload of the types that have but one size; 0 for others.
std::size_t fixedSize(std::uint8_t type) {
  switch (type) {
    case kInt32:
    case kUInt32: return 4;
    case kInt64:
    case kUInt64: return 8;
    case kBool: return 1;
    default: return 0;
  }
}

struct Point {
  std::size_t offset = 0;  ///< of its descriptor
  std::uint8_t type = 0;
  std::uint8_t padding = 0;
  std::uint8_t filler = 0;
  std::uint8_t element_size = 0;
  std::size_t size = 0;

  std::size_t body() const { return offset + kDescriptorSize; }
  std::size_t end() const { return body() + size; }
  std::size_t payload() const { return size - padding - filler; }
  bool isContainer() const { return type == kVector || type == kTuple; }
  bool isAligned8() const {
    return type == kInt64 || type == kUInt64 || (type == kObject && payload() > 4) ||
           (type == kSimpleVector && element_size > 4);
  }
};

class FormWalk {
 public:
  explicit FormWalk(std::span<const std::byte> message) : message_(message) {}

  std::optional<FormProblem> run() {
    std::uint16_t count = 0;
    std::memcpy(&count, message_.data() + kCountOffset, sizeof count);
    std::size_t at = kHeaderSize;
    for (std::uint32_t i = 0; i < count && !problem_; ++i) {
      if (at == message_.size()) return FormProblem{kCountOffset, "more data points counted than there are"};
      at = pass(at, message_.size(), 0);
    }
    if (!problem_ && at != message_.size()) problem_ = {at, "bytes behind the last data point counted"};
    return problem_;
  }

 private:
  bool fail(std::size_t offset, std::string_view what) {
    problem_ = FormProblem{offset, what};
    return false;
  }

  /// Returns where the next data point begins.
  std::size_t pass(std::size_t at, std::size_t end, std::size_t depth) {
    Point point{.offset = at};
    if (!read(point, end) || !checkDescriptor(point) || !checkFiller(point)) return end;
    if (point.type == kVector) passVector(point, depth);
    if (point.type == kTuple) passNested(point.body(), point.end(), depth);
    return point.end();
  }

  bool read(Point& point, std::size_t end) {
    if (end - point.offset < kDescriptorSize) return fail(point.offset, "no room for a descriptor");
    const auto byte = [&](std::size_t index) {
      return std::to_integer<std::uint8_t>(message_[point.offset + index]);
    };
    point.type = byte(0);
    point.padding = byte(1);
    point.filler = byte(2);
    point.element_size = byte(3);
    std::uint32_t size = 0;
    std::memcpy(&size, message_.data() + point.offset + 4, sizeof size);
    point.size = size;
    if (size > end - point.body()) return fail(point.offset + 4, "a data point that goes beyond its owner");
    return true;
  }

  bool checkDescriptor(const Point& point) {
    const std::size_t at = point.offset;
    if (point.type > kTuple || point.type == kEnum) return fail(at, "an unknown data type");
    if (point.padding > 3 || (point.filler != 0 && point.filler != 4)) {
      return fail(at + 1, "a padding above 3, or a data offset other than 0 and 4");
    }
    if (point.size % 4 != 0) return fail(at + 4, "a size that is no multiple of 4");
    if (point.size < std::size_t{point.padding} + point.filler) return fail(at + 4, "less than its padding");
    if (point.type != kSimpleVector && point.element_size != 0) return fail(at + 3, "an element size");
    if (point.isContainer() && (point.padding != 0 || point.filler != 0)) {
      return fail(at + 1, "a container with padding");
    }
    if (point.type == kEmptyVector && point.size != 0) return fail(at + 4, "an EMPTY_VECTOR with data");
    const std::size_t fixed = fixedSize(point.type);
    if (fixed != 0 && point.payload() != fixed)
      return fail(at + 4, "a payload of another size than its type's");
    if (point.type == kSimpleVector) return checkElements(point);
    return true;
  }

  bool checkElements(const Point& point) {
    if (point.payload() == 0) return fail(point.offset, "an empty vector that is no EMPTY_VECTOR");
    if (point.element_size == 0 || point.payload() % point.element_size != 0) {
      return fail(point.offset + 3, "elements that do not fill their vector");
    }
    return true;
  }

  /// What aligns the payload, and what fills it up, is there where it has to be, and zero.
  bool checkFiller(const Point& point) {
    if (point.isContainer()) return true;
    const std::size_t due = point.isAligned8() ? point.body() % 8 : 0;
    if (point.filler != due)
      return fail(point.offset + 2, "a payload that is not aligned as its type has to be");
    if (point.padding != (4 - point.payload() % 4) % 4)
      return fail(point.offset + 1, "more padding than needed");
    return checkZeros(point.body(), point.filler) && checkZeros(point.end() - point.padding, point.padding);
  }

  bool checkZeros(std::size_t at, std::size_t count) {
    for (std::size_t i = at; i < at + count; ++i) {
      if (message_[i] != std::byte{0}) return fail(i, "filler or padding that is not zero");
    }
    return true;
  }

  void passVector(const Point& vector, std::size_t depth) {
    Point count_point{.offset = vector.body()};
    if (!read(count_point, vector.end()) || !checkDescriptor(count_point)) return;
    if (count_point.type != kUInt32) {
      fail(count_point.offset, "a VECTOR that does not begin with its count");
      return;
    }
    std::uint32_t count = 0;
    std::memcpy(&count, message_.data() + count_point.body(), sizeof count);
    const std::size_t passed = passNested(count_point.end(), vector.end(), depth);
    if (!problem_ && passed != count && depth < kMostNesting) {
      fail(count_point.body(), "a VECTOR with another number of elements than it counts");
    }
  }

  /// Returns how many there were.
  std::size_t passNested(std::size_t at, std::size_t end, std::size_t depth) {
    if (depth >= kMostNesting) return 0;
    std::size_t passed = 0;
    while (at != end && !problem_) {
      at = pass(at, end, depth + 1);
      ++passed;
    }
    return passed;
  }

  std::span<const std::byte> message_;
  std::optional<FormProblem> problem_;
};

}  // namespace

std::optional<FormProblem> findFormProblem(std::span<const std::byte> message) {
  if (message.size() < kHeaderSize) return FormProblem{0, "less than a header"};
  return FormWalk(message).run();
}

}  // namespace jitrig
