#include "protocol/jitaas/jitaas_goldens.h"

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "protocol/jitaas/type_tag.h"
#include "protocol/wire/hex.h"

namespace jitrig::testing {
namespace {

using nlohmann::json;

TaggedValue::Data dataOf(const std::string& type, const json& value);

std::string textOf(const json& value) {
  if (value.is_string()) return value;
  const auto bytes = parseHex(value.at("hex").get<std::string>()).value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
Value::Object objectOf(T value) {
  Value::Object object{std::vector<std::byte>(sizeof value)};
  std::memcpy(object.bytes.data(), &value, sizeof value);
  return object;
}

/// "pointer" of "vector<pointer>"; "uint32,bool" of "tuple<uint32,bool>".
std::string inBrackets(const std::string& type) {
  const std::size_t open = type.find('<');
  return type.substr(open + 1, type.rfind('>') - open - 1);
}

/// At the commas that stand in no brackets.
std::vector<std::string> membersOf(const std::string& types) {
  std::vector<std::string> members{""};
  int depth = 0;
  for (const char c : types) {
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (c == ',' && depth == 0) {
      members.emplace_back();
    } else {
      members.back() += c;
    }
  }
  return members;
}

/// Of a tuple's member: the goldens give the tags of top-level values only.
std::uint64_t tagOf(const std::string& type) {
  if (type == "uint32") return kTypeTag<std::uint32_t>;
  if (type == "uint64") return kTypeTag<std::uint64_t>;
  if (type == "bool") return kTypeTag<bool>;
  if (type == "string") return kTypeTag<std::string>;
  if (type == "pointer") return kTypeTag<void*>;
  if (type == "vector<pointer>") return kTypeTag<std::vector<void*>>;
  throw std::invalid_argument("a member of an unexpected type: " + type);
}

/// In a vector nothing has a tag, and nothing is an integer.
Value::Object elementOf(const std::string& type, const json& value) {
  if (type == "pointer") return objectOf(value.get<std::uint64_t>());
  if (type == "uint32") return objectOf(value.get<std::uint32_t>());
  if (type == "uint8") return objectOf(value.get<std::uint8_t>());
  if (type != "string") throw std::invalid_argument("an element of an unexpected type: " + type);
  const std::string text = textOf(value);
  const auto bytes = std::as_bytes(std::span(text));
  return {{bytes.begin(), bytes.end()}};
}

TaggedValue::Data tupleOf(const std::string& type, const json& value) {
  TaggedValue::Tuple tuple;
  for (const std::string& member : membersOf(inBrackets(type))) {
    const json& content = value.at(tuple.elements.size());
    tuple.elements.push_back({tagOf(member), dataOf(member, content)});
  }
  return tuple;
}

TaggedValue::Data vectorOf(const std::string& type, const json& value) {
  TaggedValue::Vector vector;
  for (const json& element : value) vector.elements.push_back({0, elementOf(inBrackets(type), element)});
  return vector;
}

TaggedValue::Data dataOf(const std::string& type, const json& value) {
  if (type == "int32") return value.get<std::int32_t>();
  if (type == "int64") return value.get<std::int64_t>();
  if (type == "uint32") return value.get<std::uint32_t>();
  if (type == "uint64" || type == "pointer" || type == "enum") return value.get<std::uint64_t>();
  if (type == "bool") return value.get<bool>();
  if (type == "void") return false;
  if (type == "string") return Value::String{textOf(value)};
  if (type == "uint16") return objectOf(value.get<std::uint16_t>());
  if (type == "int8") return objectOf(value.get<std::int8_t>());
  if (type == "float") return objectOf(value.get<float>());
  if (type.starts_with("object<")) return Value::Object{parseHex(value.at("hex").get<std::string>()).value()};
  if (type.starts_with("vector<")) return vectorOf(type, value);
  if (type.starts_with("tuple<")) return tupleOf(type, value);
  throw std::invalid_argument("an unexpected type: " + type);
}

std::vector<JitaasGolden> readGoldens() {
  std::ifstream file(JITRIG_SOURCE_DIR "/testdata/goldens_protobuf.jsonl");
  std::vector<JitaasGolden> goldens;
  for (std::string line; std::getline(file, line);) {
    const json golden = json::parse(line);
    std::vector<TaggedValue> values;
    for (const json& argument : golden.at("args")) {
      values.push_back({argument.at("tag"), dataOf(argument.at("type"), argument.at("value"))});
    }
    goldens.push_back({golden.at("name"), golden.at("message_type"), golden.at("message_type_number"),
                       golden.at("version"), std::move(values),
                       parseHex(golden.at("bytes").get<std::string>()).value()});
  }
  if (goldens.empty()) throw std::runtime_error("no testdata/goldens_protobuf.jsonl");
  return goldens;
}

}  // namespace

const std::vector<JitaasGolden>& jitaasGoldens() {
  static const std::vector<JitaasGolden> kGoldens = readGoldens();
  return kGoldens;
}

const JitaasGolden& jitaasGolden(const std::string& name) {
  for (const JitaasGolden& golden : jitaasGoldens()) {
    if (golden.name == name) return golden;
  }
  throw std::invalid_argument("no golden " + name);
}

}  // namespace jitrig::testing
