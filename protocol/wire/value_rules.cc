#include "protocol/wire/value_rules.h"

#include <charconv>
#include <fmt/format.h>

#include "protocol/wire/data_descriptor.h"
#include "protocol/wire/quoted_text.h"

namespace jitrig {

BrokenRule parseIntegerBetween(std::string_view number, std::int64_t min, std::uint64_t max,
                               std::uint64_t& bits) {
  constexpr std::size_t kMaxShown = 40;
  const auto broken = [&](std::string_view words) {
    const std::string shown = number.size() <= kMaxShown ? std::string(number) : inQuotes(number, kMaxShown);
    return fmt::format("{} {} between {} and {}", shown, words, min, max);
  };
  const bool negative = number.starts_with('-');
  const std::string_view digits = number.substr(negative ? 1 : 0);
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (digits.empty() || end != digits.data() + digits.size()) return broken("is not an integer");
  if (digits.size() > 1 && digits.front() == '0') return broken("has leading zeros; expected an integer");
  const std::uint64_t lowest = std::uint64_t{0} - static_cast<std::uint64_t>(min);  // its magnitude
  if (error != std::errc{} || magnitude > (negative ? lowest : max)) return broken("is not");
  bits = negative ? std::uint64_t{0} - magnitude : magnitude;
  return {};
}

BrokenRule ValueBudget::enterContainer() {
  if (depth_ >= limits_.max_nesting) {
    return fmt::format("vectors and tuples nest deeper than {} (max_nesting)", limits_.max_nesting);
  }
  ++depth_;
  return {};
}

BrokenRule ValueBudget::spend(std::size_t payload_bytes) {
  spent_bytes_ += sizeof(DataDescriptor) + payload_bytes;
  if (spent_bytes_ <= limits_.max_message_size_bytes) return {};
  return fmt::format("more than the {} bytes that a message may have (max_message_size_bytes)",
                     limits_.max_message_size_bytes);
}

BrokenRule ValueBudget::checkTopLevel(std::size_t count) {
  constexpr std::size_t kMaxDataPoints = std::numeric_limits<std::uint16_t>::max();
  if (count <= kMaxDataPoints) return {};
  return fmt::format("more than the {} data points that a message can have", kMaxDataPoints);
}

BrokenRule ValueBudget::checkVectorLength(std::size_t count) const {
  if (count <= limits_.max_vector_length) return {};
  return fmt::format("more than {} elements (max_vector_length)", limits_.max_vector_length);
}

BrokenRule ValueBudget::checkSimpleVector(std::size_t element_size, std::size_t bytes) const {
  if (element_size == 0) return "an element size of 0; expected 1 to 255";
  if (bytes % element_size != 0) {
    return fmt::format("{} bytes are no multiple of the element size {}", bytes, element_size);
  }
  return checkVectorLength(bytes / element_size);
}

}  // namespace jitrig
