#include "cli/abbreviated_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <variant>

#include "protocol/wire/hex.h"
#include "protocol/wire/quoted_text.h"
#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

class AbbreviatedText {
 public:
  AbbreviatedText(std::string& out, const AbbreviationLimits& limits)
      : out_(out), limits_(limits), end_(out.size() + limits.max_text_bytes) {}

  void appendAll(std::span<const Value> values, std::size_t max_shown) {
    std::size_t shown = 0;
    for (const Value& value : values) {
      if (shown == max_shown || out_.size() >= end_) break;
      if (shown++ != 0) out_ += ", ";
      std::visit(*this, value.data());
    }
    if (shown < values.size()) {
      fmt::format_to(std::back_inserter(out_), "{}… {} more", shown == 0 ? "" : ", ", values.size() - shown);
    }
  }

  // The kinds of data point.
  void operator()(const Value::String& string) {
    out_ += "string(";
    appendQuoted(out_, std::string_view(string.bytes).substr(0, shownBytes(string.bytes)));
    close(string.bytes.size() > limits_.max_bytes, string.bytes.size());
  }
  void operator()(const Value::Object& object) {
    out_ += "object(";
    appendBytes(object.bytes);
  }
  void operator()(const Value::SimpleVector& vector) {
    fmt::format_to(std::back_inserter(out_), "simple_vector({}: ", +vector.element_size);
    appendBytes(vector.bytes);
  }
  void operator()(const Value::Vector& vector) { appendContainer("vector(", vector.elements); }
  void operator()(const Value::Tuple& tuple) { appendContainer("tuple(", tuple.elements); }
  /// The others are short.
  void operator()(const auto& data) { out_ += toText(Value(data)); }

 private:
  /// Not in the middle of a UTF-8 character: its further bytes begin with the bits 10.
  std::size_t shownBytes(std::string_view bytes) const {
    if (bytes.size() <= limits_.max_bytes) return bytes.size();
    std::size_t shown = limits_.max_bytes;
    constexpr std::size_t kLongestCharacter = 4;
    for (std::size_t i = 1; i < kLongestCharacter && shown > 0; ++i) {
      if ((static_cast<unsigned char>(bytes[shown]) & 0xc0U) != 0x80U) break;
      --shown;
    }
    return shown;
  }

  void appendBytes(std::span<const std::byte> bytes) {
    appendHex(out_, bytes.first(std::min(bytes.size(), limits_.max_bytes)));
    close(bytes.size() > limits_.max_bytes, bytes.size());
  }

  void appendContainer(const char* begin, std::span<const Value> elements) {
    out_ += begin;
    appendAll(elements, limits_.max_elements);
    out_ += ')';
  }

  void close(bool is_cut, std::size_t size_bytes) {
    if (is_cut) fmt::format_to(std::back_inserter(out_), "… {} bytes", size_bytes);
    out_ += ')';
  }

  std::string& out_;
  const AbbreviationLimits& limits_;
  std::size_t end_;
};

}  // namespace

void appendAbbreviatedText(std::string& out, std::span<const Value> values,
                           const AbbreviationLimits& limits) {
  AbbreviatedText(out, limits).appendAll(values, limits.max_data_points);
}

}  // namespace jitrig
