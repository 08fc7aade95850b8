#include "protocol/wire/value_text.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/wire/field_path.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/quoted_text.h"
#include "protocol/wire/utf8.h"
#include "protocol/wire/value_rules.h"

namespace jitrig {
namespace {

void appendText(std::string& out, const Value& value);

void appendTexts(std::string& out, std::span<const Value> values) {
  for (const Value& value : values) {
    if (&value != values.data()) out += ", ";
    appendText(out, value);
  }
}

struct TextWriter {
  std::string& out;

  void operator()(std::int32_t data) const { call("int32(", std::to_string(data)); }
  void operator()(std::int64_t data) const { call("int64(", std::to_string(data)); }
  void operator()(std::uint32_t data) const { call("uint32(", std::to_string(data)); }
  void operator()(std::uint64_t data) const { call("uint64(", std::to_string(data)); }
  void operator()(bool data) const { call("bool(", data ? "true" : "false"); }
  void operator()(const Value::String& string) const {
    out += "string(";
    appendQuoted(out, string.bytes);
    out += ')';
  }
  void operator()(const Value::Object& object) const { hex("object(", object.bytes); }
  void operator()(const Value::SimpleVector& vector) const {
    out += "simple_vector(";
    hex(std::to_string(vector.element_size) + ": ", vector.bytes);
  }
  void operator()(Value::EmptyVector) const { out += "empty_vector"; }
  void operator()(const Value::Vector& vector) const { container("vector(", vector.elements); }
  void operator()(const Value::Tuple& tuple) const { container("tuple(", tuple.elements); }

 private:
  void call(std::string_view name, std::string_view argument) const { (out += name).append(argument) += ')'; }
  void hex(std::string_view name, std::span<const std::byte> bytes) const {
    out += name;
    appendHex(out, bytes);
    out += ')';
  }
  void container(std::string_view name, std::span<const Value> elements) const {
    out += name;
    appendTexts(out, elements);
    out += ')';
  }
};

void appendText(std::string& out, const Value& value) {
  std::visit(TextWriter{out}, value.data());
}

bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Recursive descent, bounded by the nesting that a message may have. The first error stays, and ends it.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  bool readTopLevel(std::vector<Value>& values) {
    skipBlanks();
    while (position_ != text_.size()) {
      path_.enterIndex(values.size());
      if (!readValue(values)) return false;
      path_.leave();
      if (!obey(position_, ValueBudget::checkTopLevel(values.size()))) return false;
      skipBlanks();
      if (position_ == text_.size()) return true;
      if (!take(',', "',' or the end")) return false;
      skipBlanks();
      if (position_ == text_.size()) return fail(position_, "the text ends here; expected a value");
    }
    return true;
  }

  bool readOne(std::vector<Value>& values) {
    if (!readValue(values)) return false;
    skipBlanks();
    return position_ == text_.size() || fail(position_, found() + "; expected the end");
  }

  const TextError& error() const { return error_; }

 private:
  bool fail(std::size_t offset, std::string message) {
    error_ = {offset, path_.toString(), std::move(message)};
    return false;
  }

  bool obey(std::size_t offset, BrokenRule broken) {
    return broken.empty() || fail(offset, std::move(broken));
  }

  void skipBlanks() {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", position_);
    position_ = next == std::string_view::npos ? text_.size() : next;
  }

  char current() const { return position_ < text_.size() ? text_[position_] : '\0'; }

  std::string found() const {
    return position_ == text_.size() ? "the text ends here" : "found " + inQuotes(text_.substr(position_, 1));
  }

  bool take(char character, const char* expected) {
    skipBlanks();
    if (position_ == text_.size() || current() != character) {
      return fail(position_, found() + "; expected " + expected);
    }
    ++position_;
    return true;
  }
  bool open() { return take('(', "'('"); }
  bool close() { return take(')', "')'"); }

  bool add(std::vector<Value>& values, Value value, std::size_t offset, std::size_t payload_bytes) {
    if (!obey(offset, budget_.spend(payload_bytes))) return false;
    values.push_back(std::move(value));
    return true;
  }

  bool readValue(std::vector<Value>& values) {
    skipBlanks();
    const std::size_t start = position_;
    while (isLetter(current())) ++position_;
    const std::string_view name = text_.substr(start, position_ - start);
    if (name.empty()) return fail(start, found() + "; expected the type of a data point");
    path_.enterKey(name);
    if (!readNamed(name, start, values)) return false;
    path_.leave();
    return true;
  }

  bool readNamed(std::string_view name, std::size_t start, std::vector<Value>& values) {
    if (name == "int32") return readInteger<std::int32_t>(values);
    if (name == "int64") return readInteger<std::int64_t>(values);
    if (name == "uint32") return readInteger<std::uint32_t>(values);
    if (name == "uint64") return readInteger<std::uint64_t>(values);
    if (name == "bool") return readBool(values);
    if (name == "string") return readString(values);
    if (name == "object") return readObject(values);
    if (name == "simple_vector") return readSimpleVector(values);
    if (name == "empty_vector") return add(values, Value::EmptyVector{}, start, 0);
    if (name == "vector") return readContainer<Value::Vector>(values);
    if (name == "tuple") return readContainer<Value::Tuple>(values);
    return fail(
        start,
        "no type of a data point; expected int32, int64, uint32, uint64, bool, string, object, vector, "
        "simple_vector, empty_vector or tuple");
  }

  /// What stands between here and the next bracket, comma, colon or blank.
  std::string_view word() {
    skipBlanks();
    const std::string_view rest = text_.substr(position_);
    const std::string_view word = rest.substr(0, rest.find_first_of("(),: \t\r\n"));
    position_ += word.size();
    return word;
  }

  template <class T>
  bool readNumber(T& value) {
    skipBlanks();
    const std::size_t start = position_;
    const std::string_view number = word();
    if (number.empty()) return fail(start, found() + "; expected " + describeInteger<T>());
    return obey(start, parseInteger<T>(number, value));
  }

  template <class T>
  bool readInteger(std::vector<Value>& values) {
    const std::size_t start = position_;
    T value = 0;
    return open() && readNumber(value) && close() && add(values, value, start, sizeof value);
  }

  bool readBool(std::vector<Value>& values) {
    if (!open()) return false;
    skipBlanks();
    const std::size_t start = position_;
    const std::string_view text = word();
    if (text != "true" && text != "false") return fail(start, inQuotes(text) + "; expected true or false");
    return close() && add(values, text == "true", start, 1);
  }

  bool readString(std::vector<Value>& values) {
    const std::size_t start = position_;
    Value::String string;
    if (!open() || !readQuoted(string.bytes) || !close()) return false;
    const std::size_t size = string.bytes.size();
    return add(values, std::move(string), start, size);
  }

  /// As appendQuoted writes it.
  bool readQuoted(std::string& bytes) {
    if (!take('"', "a string in quotes")) return false;
    const std::size_t start = position_ - 1;
    while (current() != '"') {
      if (position_ == text_.size()) return fail(start, "this string does not end");
      if (current() == '\\') {
        if (!readEscape(bytes)) return false;
        continue;
      }
      const std::size_t length = printableUtf8Length(text_.substr(position_));
      if (length == 0) {
        return fail(position_, "a control character, or not valid UTF-8; expected it as \\xNN");
      }
      bytes += text_.substr(position_, length);
      position_ += length;
    }
    ++position_;
    return true;
  }

  bool readEscape(std::string& bytes) {
    const std::string_view escape = text_.substr(position_, 4);
    if (escape.starts_with("\\\"") || escape.starts_with("\\\\")) {
      bytes += escape[1];
      position_ += 2;
      return true;
    }
    const auto byte = parseHex(escape.starts_with("\\x") ? escape.substr(2) : "");
    if (!byte || byte->empty()) return fail(position_, "an unknown escape; expected \\\", \\\\ or \\xNN");
    bytes += static_cast<char>(byte->front());
    position_ += 4;
    return true;
  }

  bool readHex(std::vector<std::byte>& bytes) {
    skipBlanks();
    const std::size_t start = position_;
    auto parsed = parseHex(word());
    if (!parsed) return fail(start + parsed.error().offset, parsed.error().message);
    bytes = std::move(*parsed);
    return true;
  }

  bool readObject(std::vector<Value>& values) {
    const std::size_t start = position_;
    Value::Object object;
    if (!open() || !readHex(object.bytes) || !close()) return false;
    const std::size_t size = object.bytes.size();
    return add(values, std::move(object), start, size);
  }

  bool readSimpleVector(std::vector<Value>& values) {
    const std::size_t start = position_;
    Value::SimpleVector vector;
    if (!open() || !readNumber(vector.element_size) || !take(':', "':'") || !readHex(vector.bytes) ||
        !close()) {
      return false;
    }
    if (!obey(start, budget_.checkSimpleVector(vector.element_size, vector.bytes.size()))) return false;
    const std::size_t size = vector.bytes.size();
    return add(values, std::move(vector), start, size);
  }

  template <class Container>
  bool readContainer(std::vector<Value>& values) {
    const std::size_t start = position_;
    Container container;
    if (!open() || !obey(start, budget_.enterContainer()) || !readElements(container.elements)) return false;
    budget_.leaveContainer();
    return add(values, std::move(container), start, 0);
  }

  /// "int32(1), bool(true))", or ")" alone.
  bool readElements(std::vector<Value>& elements) {
    skipBlanks();
    if (current() == ')') {
      ++position_;
      return true;
    }
    while (true) {
      path_.enterIndex(elements.size());
      if (!readValue(elements)) return false;
      path_.leave();
      if (!obey(position_, budget_.checkVectorLength(elements.size()))) return false;
      skipBlanks();
      if (current() == ')') break;
      if (!take(',', "',' or ')'")) return false;
    }
    ++position_;
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  FieldPath path_;
  ValueBudget budget_;
  TextError error_;
};

}  // namespace

std::string toText(const Value& value) {
  std::string out;
  appendText(out, value);
  return out;
}

std::string toText(std::span<const Value> values) {
  std::string out;
  appendTexts(out, values);
  return out;
}

TextResult<Value> parseValue(std::string_view text) {
  TextReader reader(text);
  std::vector<Value> values;
  if (!reader.readOne(values)) return std::unexpected(reader.error());
  return std::move(values.front());
}

TextResult<std::vector<Value>> parseValues(std::string_view text) {
  TextReader reader(text);
  std::vector<Value> values;
  if (!reader.readTopLevel(values)) return std::unexpected(reader.error());
  return values;
}

}  // namespace jitrig
