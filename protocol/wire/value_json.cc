#include "protocol/wire/value_json.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "protocol/wire/hex.h"
#include "protocol/wire/json_reader.h"
#include "protocol/wire/utf8.h"
#include "protocol/wire/value_rules.h"

namespace jitrig {
namespace {

constexpr const char* kAllowedKeys =
    "int32, int64, uint32, uint64, bool, string, object, vector, simple_vector, empty_vector or tuple";

void appendInteger(std::string& out, auto integer) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), integer);
  out.append(digits.data(), end);
}

void appendHexString(std::string& out, std::span<const std::byte> bytes) {
  out += '"';
  appendHex(out, bytes);
  out += '"';
}

/// Writes the member of a data point's object, key included.
struct JsonWriter {
  std::string& out;

  void operator()(std::int32_t data) const { integer("\"int32\":", data); }
  void operator()(std::int64_t data) const { integer("\"int64\":", data); }
  void operator()(std::uint32_t data) const { integer("\"uint32\":", data); }
  void operator()(std::uint64_t data) const { integer("\"uint64\":", data); }
  void operator()(bool data) const { out += data ? "\"bool\":true" : "\"bool\":false"; }
  void operator()(const Value::String& string) const {
    out += "\"string\":";
    if (isPrintableUtf8(string.bytes)) return appendJsonString(out, string.bytes);
    out += "{\"hex\":";
    appendHexString(out, std::as_bytes(std::span(string.bytes)));
    out += '}';
  }
  void operator()(const Value::Object& object) const {
    out += "\"object\":";
    appendHexString(out, object.bytes);
  }
  void operator()(const Value::SimpleVector& vector) const {
    out += "\"simple_vector\":{\"element_size\":";
    appendInteger(out, std::uint32_t{vector.element_size});
    out += ",\"hex\":";
    appendHexString(out, vector.bytes);
    out += '}';
  }
  void operator()(Value::EmptyVector) const { out += "\"empty_vector\":true"; }
  void operator()(const Value::Vector& vector) const {
    out += "\"vector\":";
    appendJson(out, vector.elements);
  }
  void operator()(const Value::Tuple& tuple) const {
    out += "\"tuple\":";
    appendJson(out, tuple.elements);
  }

 private:
  void integer(const char* key, auto data) const {
    out += key;
    appendInteger(out, data);
  }
};

/// Reads data points; the JsonReader holds the first error.
class ValueJsonReader {
 public:
  explicit ValueJsonReader(JsonReader& json) : json_(json) {}

  bool readTopLevel(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    return readArray(values) && obey(start, ValueBudget::checkTopLevel(values.size()));
  }

  bool readMember(std::string_view key, std::vector<Value>& values) {
    if (key == "int32") return readInteger<std::int32_t>(values);
    if (key == "int64") return readInteger<std::int64_t>(values);
    if (key == "uint32") return readInteger<std::uint32_t>(values);
    if (key == "uint64") return readInteger<std::uint64_t>(values);
    if (key == "bool") return readBool(values);
    if (key == "string") return readString(values);
    if (key == "object") return readObject(values);
    if (key == "simple_vector") return readSimpleVector(values);
    if (key == "empty_vector") return readEmptyVector(values);
    if (key == "vector") return readContainer<Value::Vector>(values);
    if (key == "tuple") return readContainer<Value::Tuple>(values);
    return json_.fail(json_.keyOffset(), std::string("no type of a data point; expected ") + kAllowedKeys);
  }

 private:
  bool obey(std::size_t offset, BrokenRule broken) {
    return broken.empty() || json_.fail(offset, std::move(broken));
  }

  bool readArray(std::vector<Value>& values) {
    if (!json_.enterArray()) return false;
    while (json_.nextElement()) {
      if (!readDataPoint(values)) return false;
      if (!obey(json_.offset(), budget_.checkVectorLength(values.size()))) return false;
    }
    return !json_.failed();
  }

  bool readDataPoint(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    std::string_view key;
    if (!json_.enterObject()) return false;
    if (!json_.nextKey(key)) {
      return json_.fail(start, std::string("an empty object; expected one key: ") + kAllowedKeys);
    }
    if (!readMember(key, values)) return false;
    if (json_.nextKey(key)) {
      return json_.fail(json_.keyOffset(), "a second key; a data point has exactly one");
    }
    return !json_.failed();
  }

  bool add(std::vector<Value>& values, Value value, std::size_t offset, std::size_t payload_bytes) {
    if (!obey(offset, budget_.spend(payload_bytes))) return false;
    values.push_back(std::move(value));
    return true;
  }

  template <class T>
  bool readNumber(T& value) {
    const std::size_t start = json_.offset();
    if (json_.peek() != JsonReader::Kind::number)
      return json_.fail(start, "expected " + describeInteger<T>());
    std::string_view number;
    return json_.readNumber(number) && obey(start, parseInteger<T>(number, value));
  }

  template <class T>
  bool readInteger(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    T value = 0;
    return readNumber(value) && add(values, value, start, sizeof value);
  }

  bool readBool(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    bool value = false;
    return json_.readBool(value) && add(values, value, start, 1);
  }

  bool readHex(std::vector<std::byte>& bytes) {
    const std::size_t start = json_.offset();
    std::string hex;
    if (!json_.readString(hex)) return false;
    auto parsed = parseHex(hex);
    if (!parsed) return json_.fail(start + 1 + parsed.error().offset, parsed.error().message);
    bytes = std::move(*parsed);
    return true;
  }

  bool readString(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    Value::String string;
    if (json_.peek() == JsonReader::Kind::string) {
      if (!json_.readString(string.bytes)) return false;
    } else if (!readHexString(string)) {
      return false;
    }
    const std::size_t size = string.bytes.size();
    return add(values, std::move(string), start, size);
  }

  /// {"hex":"00ff"}
  bool readHexString(Value::String& string) {
    const std::size_t start = json_.offset();
    constexpr const char* kExpected = "expected a string, or an object with the one key hex";
    if (json_.peek() != JsonReader::Kind::object) return json_.fail(start, kExpected);
    std::string_view key;
    if (!json_.enterObject()) return false;
    if (!json_.nextKey(key)) return json_.fail(start, kExpected);
    if (key != "hex") return json_.fail(json_.keyOffset(), kExpected);
    std::vector<std::byte> bytes;
    if (!readHex(bytes)) return false;
    if (json_.nextKey(key)) return json_.fail(json_.keyOffset(), kExpected);
    string.bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return !json_.failed();
  }

  bool readObject(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    Value::Object object;
    if (!readHex(object.bytes)) return false;
    const std::size_t size = object.bytes.size();
    return add(values, std::move(object), start, size);
  }

  /// {"element_size":8,"hex":"…"}
  bool readSimpleVector(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    std::optional<std::uint8_t> element_size;
    std::optional<std::vector<std::byte>> bytes;
    std::string_view key;
    if (!json_.enterObject()) return false;
    while (json_.nextKey(key)) {
      if (key == "element_size" && !element_size) {
        if (!readNumber(element_size.emplace())) return false;
      } else if (key == "hex" && !bytes) {
        if (!readHex(bytes.emplace())) return false;
      } else {
        return json_.fail(json_.keyOffset(), "expected the keys element_size and hex, once each");
      }
    }
    if (json_.failed()) return false;
    if (!element_size || !bytes) return json_.fail(start, "expected the keys element_size and hex");
    if (!obey(start, budget_.checkSimpleVector(*element_size, bytes->size()))) return false;
    const std::size_t size = bytes->size();
    return add(values, Value::SimpleVector{*element_size, std::move(*bytes)}, start, size);
  }

  bool readEmptyVector(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    bool value = false;
    if (!json_.readBool(value)) return false;
    if (!value) return json_.fail(start, "expected true");
    return add(values, Value::EmptyVector{}, start, 0);
  }

  template <class Container>
  bool readContainer(std::vector<Value>& values) {
    const std::size_t start = json_.offset();
    if (!obey(start, budget_.enterContainer())) return false;
    Container container;
    if (!readArray(container.elements)) return false;
    budget_.leaveContainer();
    return add(values, std::move(container), start, 0);
  }

  JsonReader& json_;
  ValueBudget budget_;
};

}  // namespace

void appendJson(std::string& out, const Value& value) {
  out += '{';
  std::visit(JsonWriter{out}, value.data());
  out += '}';
}

void appendJson(std::string& out, std::span<const Value> values) {
  out += '[';
  for (const Value& value : values) {
    if (&value != values.data()) out += ',';
    appendJson(out, value);
  }
  out += ']';
}

std::string toJson(const Value& value) {
  std::string out;
  appendJson(out, value);
  return out;
}

void appendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += '"';
  std::size_t position = 0;
  while (position < text.size()) {
    const std::string_view rest = text.substr(position);
    const auto first = static_cast<unsigned char>(rest[0]);
    std::size_t length = 1;
    if (first == '"' || first == '\\') {
      out += '\\';
      out += rest[0];
    } else if (first < 0x20 || first == 0x7f) {
      out += "\\u00";
      out += kHexDigits[first >> 4U];
      out += kHexDigits[first & 15U];
    } else if (first < 0x80) {
      while (length < rest.size() && rest[length] >= 0x20 && rest[length] < 0x7f && rest[length] != '"' &&
             rest[length] != '\\') {
        ++length;
      }
      out += rest.substr(0, length);
    } else if (const std::size_t valid = utf8Length(rest); valid != 0) {
      length = valid;
      out += rest.substr(0, length);
    } else {
      out += "\\ufffd";
    }
    position += length;
  }
  out += '"';
}

bool readValuesJson(JsonReader& json, std::vector<Value>& values) {
  values.clear();
  return ValueJsonReader(json).readTopLevel(values);
}

bool readValueMember(JsonReader& json, std::string_view key, std::vector<Value>& values) {
  return ValueJsonReader(json).readMember(key, values);
}

TextResult<std::vector<Value>> parseValuesJson(std::string_view json, const std::string& path) {
  JsonReader reader(json, path);
  std::vector<Value> values;
  if (!readValuesJson(reader, values) || !reader.expectEnd()) return std::unexpected(reader.error());
  return values;
}

}  // namespace jitrig
