#include "protocol/wire/golden_messages.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

namespace jitrig::testing {
namespace {

using Json = nlohmann::json;

template <class T>
void appendBytes(Bytes& out, T value) {
  const auto* first = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), first, first + sizeof value);
}

/// Text between the brackets of "tuple<…>", split at its outermost commas.
std::vector<std::string_view> typeArguments(std::string_view type) {
  const std::size_t open = type.find('<');
  std::string_view inside = type.substr(open + 1, type.size() - open - 2);
  std::vector<std::string_view> arguments;
  std::size_t depth = 0;
  std::size_t start = 0;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] == '<') ++depth;
    if (inside[at] == '>') --depth;
    if (inside[at] == ',' && depth == 0) {
      arguments.push_back(inside.substr(start, at - start));
      start = at + 1;
    }
  }
  arguments.push_back(inside.substr(start));
  return arguments;
}

Bytes textBytes(const Json& value) {
  if (value.is_object()) return fromHex(value.at("hex").get<std::string>());
  const auto text = value.get<std::string>();
  return bytesOf(std::as_bytes(std::span(text)));
}

/// What lies in memory for a value of a trivially copyable type.
Bytes memoryOf(std::string_view type, const Json& value) {
  Bytes out;
  if (type == "void") return {std::byte{0}};
  if (type == "int32") appendBytes(out, value.get<std::int32_t>());
  if (type == "uint32" || type == "enum32") appendBytes(out, value.get<std::uint32_t>());
  if (type == "int64" || type == "longlong") appendBytes(out, value.get<std::int64_t>());
  if (type == "uint64" || type == "ulonglong" || type == "pointer" || type == "enum64") {
    appendBytes(out, value.get<std::uint64_t>());
  }
  if (type == "bool") appendBytes(out, static_cast<std::uint8_t>(value.get<bool>() ? 1 : 0));
  if (type == "uint8" || type == "enum8") appendBytes(out, value.get<std::uint8_t>());
  if (type == "int8" || type == "char") appendBytes(out, value.get<std::int8_t>());
  if (type == "uint16" || type == "enum16") appendBytes(out, value.get<std::uint16_t>());
  if (type == "int16") appendBytes(out, value.get<std::int16_t>());
  if (type == "float") appendBytes(out, value.get<float>());
  if (type == "double") appendBytes(out, value.get<double>());
  if (type.starts_with("object<")) return fromHex(value.at("hex").get<std::string>());
  if (out.empty()) throw std::runtime_error("goldens: unknown type " + std::string(type));
  return out;
}

std::size_t objectSize(std::string_view type) {
  return std::stoul(std::string(typeArguments(type).front()));
}

bool isSimpleElement(std::string_view type) {
  if (type == "string" || type.starts_with("vector<") || type.starts_with("tuple<")) return false;
  return !type.starts_with("object<") || objectSize(type) <= 255;
}

Value makeValue(std::string_view type, const Json& value);

Value makeVector(std::string_view element_type, const Json& elements) {
  if (elements.empty()) return Value::EmptyVector{};
  if (!isSimpleElement(element_type)) {
    Value::Vector vector;
    for (const Json& element : elements) vector.elements.push_back(makeValue(element_type, element));
    return vector;
  }
  Value::SimpleVector vector;
  for (const Json& element : elements) {
    const Bytes memory = memoryOf(element_type, element);
    vector.element_size = static_cast<std::uint8_t>(memory.size());
    vector.bytes.insert(vector.bytes.end(), memory.begin(), memory.end());
  }
  return vector;
}

Value makeTuple(std::string_view type, const Json& values) {
  Value::Tuple tuple;
  std::size_t index = 0;
  for (const std::string_view element_type : typeArguments(type)) {
    tuple.elements.push_back(makeValue(element_type, values.at(index++)));
  }
  return tuple;
}

Value makeValue(std::string_view type, const Json& value) {
  if (type == "int32") return value.get<std::int32_t>();
  if (type == "int64") return value.get<std::int64_t>();
  if (type == "uint32") return value.get<std::uint32_t>();
  if (type == "uint64") return value.get<std::uint64_t>();
  if (type == "bool") return value.get<bool>();
  if (type == "string") {
    const Bytes bytes = textBytes(value);
    return Value::String{std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
  }
  if (type.starts_with("vector<")) return makeVector(typeArguments(type).front(), value);
  if (type.starts_with("tuple<")) return makeTuple(type, value);
  return Value::Object{memoryOf(type, value)};
}

Golden readGolden(const Json& json) {
  Golden golden;
  golden.name = json.at("name").get<std::string>();
  golden.type = json.at("message_type_number").get<std::uint16_t>();
  golden.version = json.at("version").get<std::uint32_t>();
  golden.config = json.at("config").get<std::uint32_t>();
  golden.num_args = json.at("num_args").get<std::uint16_t>();
  golden.bytes = fromHex(json.at("bytes").get<std::string>());
  for (const Json& range : json.at("pad_ranges")) {
    golden.pad_ranges.emplace_back(range.at(0).get<std::size_t>(), range.at(1).get<std::size_t>());
  }
  for (const Json& d : json.at("descriptors")) {
    const auto number = [&](const char* key) { return d.at(key).get<std::uint32_t>(); };
    golden.descriptors.push_back({number("off"), number("depth"), d.at("type").get<std::string>(),
                                  number("pad"), number("data_offset"), number("elem"), number("size"),
                                  number("payload_off"), number("payload_len")});
  }
  for (const Json& arg : json.at("args")) {
    golden.args.push_back(makeValue(arg.at("type").get<std::string>(), arg.at("value")));
  }
  return golden;
}

std::vector<Golden> readGoldens() {
  const std::string path = JITRIG_SOURCE_DIR "/testdata/goldens.jsonl";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<Golden> all;
  std::string line;
  while (std::getline(file, line)) all.push_back(readGolden(Json::parse(line)));
  return all;
}

}  // namespace

Bytes Golden::cleared(Bytes copy) const {
  for (const auto& [offset, length] : pad_ranges) std::memset(copy.data() + offset, 0, length);
  if (isBodyless()) std::memset(copy.data() + 14, 0, 2);
  return copy;
}

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> kAll = readGoldens();
  return kAll;
}

const Golden& golden(const std::string& name) {
  const auto found = std::ranges::find(goldens(), name, &Golden::name);
  if (found == goldens().end()) throw std::runtime_error("no golden is called " + name);
  return *found;
}

}  // namespace jitrig::testing
