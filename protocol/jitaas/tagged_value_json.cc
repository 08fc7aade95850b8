#include "protocol/jitaas/tagged_value_json.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "protocol/wire/json_reader.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_rules.h"

namespace jitrig {
namespace {

enum class Tags : bool { absent, present };

/// What is no container is written and read by the raw generation's form.
constexpr std::array<std::string_view, 7> kPlainKeys{"int32", "int64",  "uint32", "uint64",
                                                     "bool",  "string", "object"};

void appendValues(std::string& out, std::span<const TaggedValue> values, Tags tags);

/// Writes a value's member, key included.
struct MemberWriter {
  std::string& out;

  void operator()(const TaggedValue::Vector& vector) const {
    out += "\"vector\":";
    appendValues(out, vector.elements, Tags::absent);
  }
  void operator()(const TaggedValue::Tuple& tuple) const {
    out += "\"tuple\":";
    appendValues(out, tuple.elements, Tags::present);
  }
  void operator()(const auto& data) const {
    const std::string object = toJson(Value(std::remove_cvref_t<decltype(data)>(data)));
    out += std::string_view(object).substr(1, object.size() - 2);  // without its braces
  }
};

void appendValues(std::string& out, std::span<const TaggedValue> values, Tags tags) {
  out += '[';
  for (const TaggedValue& value : values) {
    out += &value == values.data() ? "{" : ",{";
    if (tags == Tags::present) out += fmt::format("\"tag\":{},", value.tag);
    std::visit(MemberWriter{out}, value.data);
    out += '}';
  }
  out += ']';
}

/// Reads values; the JsonReader holds the first error.
class TaggedValueReader {
 public:
  TaggedValueReader(JsonReader& json, const ProtobufLimits& limits) : json_(json), limits_(limits) {}

  bool readArray(std::vector<TaggedValue>& values, Tags tags) {
    if (!json_.enterArray()) return false;
    while (json_.nextElement()) {
      if (!readValue(values, tags)) return false;
    }
    return !json_.failed();
  }

 private:
  bool readValue(std::vector<TaggedValue>& values, Tags tags) {
    const std::size_t start = json_.offset();
    if (++values_ > limits_.max_values) {
      return json_.fail(start, fmt::format("more than {} values (max_values)", limits_.max_values));
    }
    std::optional<std::uint64_t> tag;
    std::optional<TaggedValue::Data> data;
    std::string_view key;
    if (!json_.enterObject()) return false;
    while (json_.nextKey(key)) {
      if (key == "tag") {
        if (!readTag(tag, tags)) return false;
      } else if (data) {
        return json_.fail(json_.keyOffset(), "a further key; a value has one, and the key tag");
      } else if (!readData(std::string(key), data)) {
        return false;
      }
    }
    if (json_.failed()) return false;
    if (!data) return json_.fail(start, "a value without content; expected " + expectedKeys());
    values.push_back({tag.value_or(0), std::move(*data)});
    return true;
  }

  bool readTag(std::optional<std::uint64_t>& tag, Tags tags) {
    if (tags == Tags::absent) return json_.fail(json_.keyOffset(), "the elements of a vector have no tag");
    if (tag) return json_.fail(json_.keyOffset(), "this key is given twice");
    const std::size_t offset = json_.offset();
    std::string_view number;
    if (!json_.readNumber(number)) return false;
    BrokenRule broken = parseInteger(number, tag.emplace());
    return broken.empty() || json_.fail(offset, std::move(broken));
  }

  bool readData(const std::string& key, std::optional<TaggedValue::Data>& data) {
    if (key == "vector") return readContainer<TaggedValue::Vector>(data, Tags::absent);
    if (key == "tuple") return readContainer<TaggedValue::Tuple>(data, Tags::present);
    if (std::ranges::find(kPlainKeys, key) == kPlainKeys.end()) {
      return json_.fail(json_.keyOffset(), "no type of a value; expected " + expectedKeys());
    }
    std::vector<Value> read;
    if (!readValueMember(json_, key, read)) return false;
    data = std::visit(
        [](const auto& plain) -> std::optional<TaggedValue::Data> {
          using T = std::remove_cvref_t<decltype(plain)>;
          if constexpr (std::is_constructible_v<TaggedValue::Data, std::in_place_type_t<T>, T>) {
            return TaggedValue::Data(std::in_place_type<T>, plain);
          } else {
            return std::nullopt;  // is not one of kPlainKeys
          }
        },
        read.front().data());
    return true;
  }

  template <class Container>
  bool readContainer(std::optional<TaggedValue::Data>& data, Tags tags) {
    if (depth_ >= limits_.max_nesting) {
      return json_.fail(json_.offset(), fmt::format("vectors and tuples nest deeper than {} (max_nesting)",
                                                    limits_.max_nesting));
    }
    ++depth_;
    Container container;
    if (!readArray(container.elements, tags)) return false;
    --depth_;
    data = std::move(container);
    return true;
  }

  static std::string expectedKeys() {
    return fmt::format("{}, vector or tuple", fmt::join(kPlainKeys, ", "));
  }

  JsonReader& json_;
  const ProtobufLimits& limits_;
  std::size_t values_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

void appendJson(std::string& out, std::span<const TaggedValue> values) {
  appendValues(out, values, Tags::present);
}

bool readTaggedValues(JsonReader& json, std::vector<TaggedValue>& values, const ProtobufLimits& limits) {
  values.clear();
  return TaggedValueReader(json, limits).readArray(values, Tags::present);
}

}  // namespace jitrig
