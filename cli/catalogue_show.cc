// jitrig catalogue show: which of the three kinds of things is asked for, and examples of messages.
#include <fmt/format.h>
#include <iterator>

#include "cli/catalogue_subject.h"
#include "cli/catalogue_verb.h"
#include "cli/standard_error.h"
#include "cli/standard_output.h"
#include "cli/subject_json.h"
#include "cli/subject_text.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/hex.h"

namespace jitrig {
namespace {

/// Hexadecimal digits; nullopt if the types are not known.
std::optional<std::string> exampleOf(const MessageTable& table, const MessageType& type,
                                     const std::optional<std::vector<WireType>>& data_points) {
  if (!data_points) return std::nullopt;
  Message message(type.number);
  // The only type that carries the version. JDK 11 is what the j9 build is for.
  if (type.name == "compilationRequest") {
    const FullVersion version = table.release().defaultVersion(table.build() == Build::j9 ? 11 : 17);
    message.setVersion(version.version, version.config);
  }
  addValues(message, defaultValues(*data_points));
  std::string hex;
  appendHex(hex, message.serialize());
  return hex;
}

ExitStatus printExample(const CatalogueOptions& options, const MessageTable& table,
                        const CatalogueSubject& subject) {
  const auto* const* type = std::get_if<const MessageType*>(&subject);
  if (type == nullptr) {
    throw CommandError(
        ExitStatus::wrongUsage,
        fmt::format("--example: '{}' is no message type, and does not travel by itself", options.subject));
  }
  const auto request = exampleOf(table, **type, (*type)->request);
  const auto reply = exampleOf(table, **type, (*type)->reply);
  StandardOutput output;
  if (options.json) {
    output.text() += exampleJson(table, **type, request, reply);
  } else {
    if (request) output.text() += *request + "\n";
    if (reply) output.text() += *reply + "\n";
  }
  output.flush();
  const bool complete = request && (reply || !(*type)->has_reply);
  if (complete) return ExitStatus::fine;
  printError(fmt::format("jitrig catalogue show: the data points of the {} of {} are not known",
                         request ? "reply"
                         : reply ? "request"
                                 : "request and reply",
                         (*type)->name));
  return ExitStatus::foundSomething;
}

}  // namespace

ExitStatus printSubject(const CatalogueOptions& options) {
  const auto table = loadTable(options.release);
  const auto subject = findSubject(*table, options.subject);
  if (!subject) throw CommandError(ExitStatus::wrongUsage, subject.error());
  if (options.example) return printExample(options, *table, *subject);
  StandardOutput output;
  output.text() += std::visit(
      [&](const auto* found) {
        return options.json ? subjectJson(*table, *found) : subjectText(*table, *found);
      },
      *subject);
  output.flush();
  return ExitStatus::fine;
}

}  // namespace jitrig
