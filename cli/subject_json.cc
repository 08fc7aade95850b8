#include "cli/subject_json.h"

#include <fmt/format.h>
#include <iterator>

#include "cli/catalogue_json.h"
#include "cli/catalogue_subject.h"
#include "cli/exit_status.h"
#include "protocol/catalogue/history.h"
#include "protocol/wire/value_json.h"

namespace jitrig {
namespace {

/// "first_release":"0.20.0","last_release":"0.29.1"
template <class T>
void appendSpanMembers(std::string& out, const ReleaseSpan<T>& span) {
  out += R"("first_release":)";
  appendJsonString(out, span.first_release);
  out += R"(,"last_release":)";
  appendJsonString(out, span.last_release);
}

void appendHistory(std::string& out, const std::vector<ReleaseSpan<MessageType>>& spans) {
  out += R"("history":[)";
  for (const auto& span : spans) {
    out += &span == spans.data() ? "{" : ",{";
    appendSpanMembers(out, span);
    fmt::format_to(std::back_inserter(out), R"(,"number":{},"direction":"{}","has_reply":{},"request":)",
                   span.what.number, toString(span.what.direction), span.what.has_reply);
    appendWireTypes(out, span.what.request);
    out += R"(,"reply":)";
    appendWireTypes(out, span.what.reply);
    out += '}';
  }
  out += ']';
}

void appendHistory(std::string& out, const std::vector<ReleaseSpan<StructLayout>>& spans, Build build) {
  out += R"("history":[)";
  for (const auto& span : spans) {
    out += &span == spans.data() ? "{" : ",{";
    appendSpanMembers(out, span);
    fmt::format_to(std::back_inserter(out), R"(,"size_bytes":{},)", numberOrNull(span.what.sizeIn(build)));
    appendFieldMembers(out, span.what);
    out += '}';
  }
  out += ']';
}

/// The number of that name in a build; null if it has none.
std::string numberIn(const MessageTable& table, Build build, const std::string& name) {
  const auto other = Catalogue::builtIn().table(table.release().name, build);
  if (!other) throw CommandError(ExitStatus::foundSomething, other.error());
  return numberOrNull((*other)->numberOf(name));
}

}  // namespace

std::string subjectJson(const MessageTable& table, const MessageType& type) {
  std::string out = R"({"kind":"message_type",)";
  appendTableMembers(out, table);
  out += ',';
  appendMessageTypeMembers(out, type);
  fmt::format_to(std::back_inserter(out), R"(,"numbers":{{"openjdk":{},"j9":{}}},"request_descriptors":)",
                 numberIn(table, Build::openjdk, type.name), numberIn(table, Build::j9, type.name));
  appendDescriptors(out, type.request);
  out += R"(,"reply_descriptors":)";
  appendDescriptors(out, type.reply);
  out += ',';
  appendTypesInUse(out, typesInUse(table.release(), type), table.build());
  out += ',';
  appendHistory(out, orFoundSomething(messageHistory(Catalogue::builtIn(), type.name, table.build())));
  return out + "}\n";
}

std::string subjectJson(const MessageTable& table, const StructLayout& layout) {
  std::string out = R"({"kind":"struct",)";
  appendTableMembers(out, table);
  out += R"(,"name":)";
  appendJsonString(out, layout.name);
  fmt::format_to(std::back_inserter(out), R"(,"size_bytes":{},)", numberOrNull(layout.sizeIn(table.build())));
  appendFieldMembers(out, layout);
  out += ',';
  appendTypesInUse(out, typesInUse(table.release(), layout), table.build());
  out += R"(,"used_by":)";
  appendStrings(out, usersOf(table, layout));
  out += ',';
  appendHistory(out, orFoundSomething(structHistory(Catalogue::builtIn(), layout.name)), table.build());
  return out + "}\n";
}

std::string subjectJson(const MessageTable& table, const TypeAlias& alias) {
  std::string out = R"({"kind":"alias",)";
  appendTableMembers(out, table);
  out += R"(,"name":)";
  appendJsonString(out, alias.name);
  out += R"(,"cpp_type":)";
  appendJsonString(out, alias.cpp_type);
  out += ',';
  appendTypesInUse(out, typesInUse(table.release(), alias), table.build());
  out += R"(,"used_by":)";
  appendStrings(out, usersOf(table, alias));
  return out + "}\n";
}

std::string exampleJson(const MessageTable& table, const MessageType& type,
                        const std::optional<std::string>& request_hex,
                        const std::optional<std::string>& reply_hex) {
  const auto quoted = [](const std::optional<std::string>& hex) {
    return hex ? fmt::format(R"("{}")", *hex) : std::string("null");
  };
  std::string out = "{";
  appendTableMembers(out, table);
  fmt::format_to(std::back_inserter(out), R"(,"number":{},"name":)", type.number);
  appendJsonString(out, type.name);
  fmt::format_to(std::back_inserter(out), R"(,"request_hex":{},"reply_hex":{}}})", quoted(request_hex),
                 quoted(reply_hex));
  return out + "\n";
}

}  // namespace jitrig
