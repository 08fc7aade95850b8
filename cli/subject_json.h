#pragma once

#include <optional>
#include <string>

#include "protocol/catalogue/message_table.h"

// What `jitrig catalogue show --json` prints: one object on one line. Its keys are in the verb's --help.

namespace jitrig {

std::string subjectJson(const MessageTable& table, const MessageType& type);
std::string subjectJson(const MessageTable& table, const StructLayout& layout);
std::string subjectJson(const MessageTable& table, const TypeAlias& alias);

/// nullopt becomes null.
std::string exampleJson(const MessageTable& table, const MessageType& type,
                        const std::optional<std::string>& request_hex,
                        const std::optional<std::string>& reply_hex);

}  // namespace jitrig
