#include "cli/subject_text.h"

#include <fmt/format.h>
#include <iterator>

#include "cli/catalogue_subject.h"
#include "cli/exit_status.h"
#include "cli/text_table.h"
#include "protocol/catalogue/descriptor_shape.h"
#include "protocol/catalogue/history.h"
#include "protocol/catalogue/layout_change.h"
#include "protocol/catalogue/signature_change.h"

namespace jitrig {
namespace {

using enum TextTable::Align;

Build otherBuild(Build build) {
  return build == Build::openjdk ? Build::j9 : Build::openjdk;
}

std::string directionText(const MessageType& type) {
  switch (type.direction) {
    case MessageType::Direction::query: return "query: the server asks, the client replies";
    case MessageType::Direction::clientToServer: return "client: it sends this, no reply of this type";
    case MessageType::Direction::serverToClient: return "server: it sends this, no reply";
  }
  std::unreachable();
}

/// "message type VM_isClassArray, number 67 in release head, openjdk build; 67 in the j9 build"
void appendHead(std::string& out, const MessageTable& table, const MessageType& type) {
  const Build other = otherBuild(table.build());
  const auto other_table = Catalogue::builtIn().table(table.release().name, other);
  if (!other_table) throw CommandError(ExitStatus::foundSomething, other_table.error());
  const auto other_number = (*other_table)->numberOf(type.name);
  fmt::format_to(std::back_inserter(out), "message type {}, number {} in release {}, {} build; ", type.name,
                 type.number, table.release().name, toString(table.build()));
  if (other_number)
    fmt::format_to(std::back_inserter(out), "{} in the {} build\n", *other_number, toString(other));
  else
    fmt::format_to(std::back_inserter(out), "the {} build does not have it\n", toString(other));
  out += directionText(type) + "\n";
  if (isBodyless(type)) out += "body-less: 16 bytes, and its number of data points means nothing\n";
  if (opensConnection(type)) out += "opens a connection: may be its first message\n";
  if (!type.server_sends) out += "unsent: the client has a handler, this server never sends it\n";
  if (type.unused) out += "unused: on neither side\n";
}

void appendDataPoints(std::string& out, std::string_view title,
                      const std::optional<std::vector<WireType>>& types,
                      const std::vector<std::string>& cpp_types) {
  if (!types) {
    fmt::format_to(std::back_inserter(out), "\n{}: not known\n", title);
    return;
  }
  fmt::format_to(std::back_inserter(out), "\n{}: {} data point{}\n", title, types->size(),
                 types->size() == 1 ? "" : "s");
  TextTable rows({right, left, left});
  for (std::size_t i = 0; i < types->size(); ++i) {
    rows.addRow({fmt::to_string(i), cpp_types.at(i), describeDescriptor((*types)[i])});
    if (!(*types)[i].elements.empty()) rows.addRow({"", "", "  " + toString((*types)[i])});
  }
  rows.append(out, 2, 0);
}

/// "struct VMInfo, 824 bytes, 808 in the j9 build" and its fields
void appendLayout(std::string& out, const StructLayout& layout) {
  fmt::format_to(std::back_inserter(out), "struct {}, {} bytes", layout.name, layout.size);
  if (!layout.size_j9)
    out += ", not in the j9 build";
  else if (*layout.size_j9 != layout.size)
    fmt::format_to(std::back_inserter(out), ", {} in the j9 build (fields are those of the openjdk build)",
                   *layout.size_j9);
  out += '\n';
  TextTable rows({right, right, left, left});
  rows.addRow({"offset", "size", "name", "C++ type"});
  for (const StructField& field : layout.fields) {
    rows.addRow({fmt::to_string(field.offset), fmt::to_string(field.size), field.name, field.type});
  }
  rows.append(out, 2, 0);
}

void appendTypesInUse(std::string& out, const TypesInUse& use) {
  for (const TypeAlias* alias : use.aliases) {
    fmt::format_to(std::back_inserter(out), "\nalias {} =\n  {}\n", alias->name, alias->cpp_type);
  }
  for (const StructLayout* layout : use.structs) {
    out += '\n';
    appendLayout(out, *layout);
  }
}

void appendUsers(std::string& out, const std::vector<std::string>& users) {
  fmt::format_to(std::back_inserter(out), "\nused by {} message type{}\n", users.size(),
                 users.size() == 1 ? "" : "s");
  for (const std::string& user : users) out += "  " + user + "\n";
}

/// One row per span; what changed against the span before stands right of it, one thing per row.
class HistoryRows {
 public:
  template <class T>
  void add(const ReleaseSpan<T>& span, std::string value, const std::vector<std::string>& changes) {
    rows_.addRow({toString(span), std::move(value), changes.empty() ? "" : changes.front()});
    for (std::size_t i = 1; i < changes.size(); ++i) rows_.addRow({"", "", changes[i]});
  }

  void append(std::string& out) const { rows_.append(out, 2, 0); }

 private:
  TextTable rows_{{left, left, left}};
};

void appendHistory(std::string& out, const std::vector<ReleaseSpan<MessageType>>& spans, Build build) {
  fmt::format_to(std::back_inserter(out), "\nhistory, {} build\n", toString(build));
  HistoryRows rows;
  const MessageType* before = nullptr;
  for (const auto& span : spans) {
    std::vector<std::string> changes;
    if (before != nullptr) {
      for (const SignatureChange& change : compareSignatures(*before, span.what)) {
        changes.push_back(toString(change));
      }
    }
    rows.add(span, fmt::format("number {}", span.what.number), changes);
    before = &span.what;
  }
  rows.append(out);
}

void appendHistory(std::string& out, const std::vector<ReleaseSpan<StructLayout>>& spans) {
  out += "\nhistory\n";
  HistoryRows rows;
  const StructLayout* before = nullptr;
  for (const auto& span : spans) {
    std::string size = fmt::format("{} bytes", span.what.size);
    if (span.what.size_j9 && *span.what.size_j9 != span.what.size) {
      size += fmt::format(" (j9 {})", *span.what.size_j9);
    }
    rows.add(span, std::move(size),
             before == nullptr ? std::vector<std::string>{} : compareLayouts(*before, span.what));
    before = &span.what;
  }
  rows.append(out);
}

/// ", release head, openjdk build"
std::string placeText(const MessageTable& table) {
  return fmt::format("release {}, {} build\n", table.release().name, toString(table.build()));
}

}  // namespace

std::string subjectText(const MessageTable& table, const MessageType& type) {
  std::string out;
  appendHead(out, table, type);
  appendDataPoints(out, "request", type.request, type.request_cpp);
  if (type.has_reply) appendDataPoints(out, "reply", type.reply, type.reply_cpp);
  appendTypesInUse(out, typesInUse(table.release(), type));
  appendHistory(out, orFoundSomething(messageHistory(Catalogue::builtIn(), type.name, table.build())),
                table.build());
  return out;
}

std::string subjectText(const MessageTable& table, const StructLayout& layout) {
  std::string out = placeText(table);
  appendLayout(out, layout);
  appendTypesInUse(out, typesInUse(table.release(), layout));
  appendUsers(out, usersOf(table, layout));
  appendHistory(out, orFoundSomething(structHistory(Catalogue::builtIn(), layout.name)));
  return out;
}

std::string subjectText(const MessageTable& table, const TypeAlias& alias) {
  std::string out = placeText(table);
  fmt::format_to(std::back_inserter(out), "alias {} =\n  {}\n", alias.name, alias.cpp_type);
  appendTypesInUse(out, typesInUse(table.release(), alias));
  appendUsers(out, usersOf(table, alias));
  return out;
}

}  // namespace jitrig
