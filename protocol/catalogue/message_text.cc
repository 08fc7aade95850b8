#include "protocol/catalogue/message_text.h"

#include <fmt/format.h>
#include <iterator>

#include "protocol/wire/value.h"
#include "protocol/wire/value_text.h"

namespace jitrig {
namespace {

void appendVersion(std::string& out, std::uint32_t version) {
  const std::uint32_t major = version >> 24U;
  const std::uint32_t minor = version >> 8U & 0xffffU;
  if (versionWord(major, minor) == version) {
    fmt::format_to(std::back_inserter(out), "version {}.{}", major, minor);
  } else {
    fmt::format_to(std::back_inserter(out), "version 0x{:08x}", version);
  }
}

}  // namespace

std::string messageTypeName(std::uint16_t number, const MessageTable& table) {
  const MessageType* type = table.find(number);
  return type != nullptr ? type->name : fmt::format("#{}", number);
}

void appendVersionAndConfig(std::string& out, std::uint32_t version, std::uint32_t config) {
  if (version == 0 && config == 0) return;
  out += '[';
  if (version != 0) appendVersion(out, version);
  if (version != 0 && config != 0) out += ", ";
  if (config != 0) fmt::format_to(std::back_inserter(out), "config 0x{:x}", config);
  out += ']';
}

void appendTextHead(std::string& out, const Message& message, const MessageTable& table) {
  const Message::MetaData meta_data = message.metaData();
  out += messageTypeName(meta_data.type, table);
  appendVersionAndConfig(out, meta_data.version, meta_data.config);
}

void appendText(std::string& out, const Message& message, const MessageTable& table) {
  appendTextHead(out, message, table);
  out += '(';
  out += toText(toValues(message));
  out += ')';
}

std::string toText(const Message& message, const MessageTable& table) {
  std::string out;
  appendText(out, message, table);
  return out;
}

}  // namespace jitrig
