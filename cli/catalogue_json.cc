#include "cli/catalogue_json.h"

#include <fmt/format.h>
#include <iterator>

#include "protocol/catalogue/descriptor_shape.h"
#include "protocol/wire/value_json.h"

namespace jitrig {
namespace {

/// [one, two]: `append` writes one.
template <class Range, class Append>
void appendArray(std::string& out, const Range& range, const Append& append) {
  out += '[';
  bool first = true;
  for (const auto& one : range) {
    if (!first) out += ',';
    first = false;
    append(one);
  }
  out += ']';
}

void appendDescriptor(std::string& out, const WireType& type) {
  const DescriptorShape shape = descriptorShape(type);
  fmt::format_to(std::back_inserter(out),
                 R"({{"type":"{}","type_code":{},"payload_size_bytes":{},"padding_size_bytes":{},)"
                 R"("element_size_bytes":{},"alignment_bytes":{}}})",
                 toString(shape.type), static_cast<unsigned>(shape.type),
                 numberOrNull(shape.payload_size_bytes), numberOrNull(shape.paddingBytes()),
                 shape.element_size_bytes, shape.alignment_bytes);
}

void appendField(std::string& out, const StructField& field) {
  fmt::format_to(std::back_inserter(out), R"({{"offset_bytes":{},"size_bytes":{},"name":)", field.offset,
                 field.size);
  appendJsonString(out, field.name);
  out += R"(,"cpp_type":)";
  appendJsonString(out, field.type);
  out += '}';
}

}  // namespace

void appendTableMembers(std::string& out, const MessageTable& table) {
  out += R"("release":)";
  appendJsonString(out, table.release().name);
  fmt::format_to(std::back_inserter(out), R"(,"build":"{}")", toString(table.build()));
}

void appendMessageTypeMembers(std::string& out, const MessageType& type) {
  fmt::format_to(std::back_inserter(out), R"("number":{},"name":)", type.number);
  appendJsonString(out, type.name);
  fmt::format_to(std::back_inserter(out), R"(,"direction":"{}","has_reply":{},"request":)",
                 toString(type.direction), type.has_reply);
  appendWireTypes(out, type.request);
  out += R"(,"reply":)";
  appendWireTypes(out, type.reply);
  out += R"(,"request_cpp":)";
  type.request ? appendStrings(out, type.request_cpp) : void(out += "null");
  out += R"(,"reply_cpp":)";
  type.reply ? appendStrings(out, type.reply_cpp) : void(out += "null");
  fmt::format_to(std::back_inserter(out),
                 R"(,"bodyless":{},"opens_connection":{},"server_sends":{},"unused":{})", isBodyless(type),
                 opensConnection(type), type.server_sends, type.unused);
}

void appendWireTypes(std::string& out, const std::optional<std::vector<WireType>>& types) {
  if (!types) {
    out += "null";
    return;
  }
  appendArray(out, *types, [&](const WireType& type) { appendJsonString(out, toString(type)); });
}

void appendDescriptors(std::string& out, const std::optional<std::vector<WireType>>& types) {
  if (!types) {
    out += "null";
    return;
  }
  appendArray(out, *types, [&](const WireType& type) { appendDescriptor(out, type); });
}

void appendFieldMembers(std::string& out, const StructLayout& layout) {
  fmt::format_to(std::back_inserter(out), R"("fields_build":"{}","fields":)", toString(Build::openjdk));
  appendArray(out, layout.fields, [&](const StructField& field) { appendField(out, field); });
}

void appendTypesInUse(std::string& out, const TypesInUse& use, Build build) {
  out += R"("aliases":)";
  appendArray(out, use.aliases, [&](const TypeAlias* alias) {
    out += R"({"name":)";
    appendJsonString(out, alias->name);
    out += R"(,"cpp_type":)";
    appendJsonString(out, alias->cpp_type);
    out += '}';
  });
  out += R"(,"structs":)";
  appendArray(out, use.structs, [&](const StructLayout* layout) {
    out += R"({"name":)";
    appendJsonString(out, layout->name);
    fmt::format_to(std::back_inserter(out), R"(,"size_bytes":{},)", numberOrNull(layout->sizeIn(build)));
    appendFieldMembers(out, *layout);
    out += '}';
  });
}

void appendStrings(std::string& out, const std::vector<std::string>& strings) {
  appendArray(out, strings, [&](const std::string& string) { appendJsonString(out, string); });
}

std::string numberOrNull(std::optional<std::uint32_t> number) {
  return number ? fmt::to_string(*number) : "null";
}

}  // namespace jitrig
