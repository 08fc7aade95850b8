#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

#include "protocol/wire/data_descriptor.h"

namespace jitrig {

class DataPointRange;

/// One data point of a message that Message::parse has validated: a view, valid as long as that message.
class DataPoint {
 public:
  /// `message` is the whole message, `offset` that of the descriptor in it.
  DataPoint(const std::byte* message, std::size_t offset) : message_(message), offset_(offset) {
    std::memcpy(&descriptor_, message + offset, sizeof descriptor_);
  }

  const DataDescriptor& descriptor() const { return descriptor_; }
  DataType type() const { return descriptor_.type; }
  std::size_t offset() const { return offset_; }

  std::size_t payloadOffset() const { return offset_ + sizeof(DataDescriptor) + descriptor_.data_offset; }
  std::span<const std::byte> payload() const {
    return {message_ + payloadOffset(), descriptor_.payloadSize()};
  }
  std::size_t nextOffset() const { return offset_ + sizeof(DataDescriptor) + descriptor_.size; }

  /// VECTOR only: how many elements it has.
  std::uint32_t vectorCount() const {
    std::uint32_t count = 0;
    std::memcpy(&count, countPoint().payload().data(), sizeof count);
    return count;
  }

  /// The nested data points of a TUPLE, or the elements of a VECTOR (without its count).
  inline DataPointRange elements() const;

 private:
  DataPoint countPoint() const { return {message_, offset_ + sizeof(DataDescriptor)}; }

  const std::byte* message_;
  std::size_t offset_;
  DataDescriptor descriptor_;
};

/// Neighbouring data points, walked in order.
class DataPointRange {
 public:
  /// A forward iterator; what it gives are views made on the way.
  class Iterator {
   public:
    using value_type = DataPoint;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const std::byte* message, std::size_t offset) : message_(message), offset_(offset) {}

    DataPoint operator*() const { return {message_, offset_}; }
    Iterator& operator++() {
      offset_ = DataPoint(message_, offset_).nextOffset();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.offset_ == b.offset_; }

   private:
    const std::byte* message_ = nullptr;
    std::size_t offset_ = 0;
  };

  DataPointRange(const std::byte* message, std::size_t begin, std::size_t end)
      : message_(message), begin_(begin), end_(end) {}

  Iterator begin() const { return {message_, begin_}; }
  Iterator end() const { return {message_, end_}; }
  bool empty() const { return begin_ == end_; }

 private:
  const std::byte* message_;
  std::size_t begin_;
  std::size_t end_;
};

inline DataPointRange DataPoint::elements() const {
  const std::size_t begin =
      type() == DataType::VECTOR ? countPoint().nextOffset() : offset_ + sizeof(DataDescriptor);
  return {message_, begin, nextOffset()};
}

static_assert(std::forward_iterator<DataPointRange::Iterator>);

}  // namespace jitrig
