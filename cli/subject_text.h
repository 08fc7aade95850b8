#pragma once

#include <string>

#include "protocol/catalogue/message_table.h"

// What `jitrig catalogue show` prints for people.

namespace jitrig {

std::string subjectText(const MessageTable& table, const MessageType& type);
std::string subjectText(const MessageTable& table, const StructLayout& layout);
std::string subjectText(const MessageTable& table, const TypeAlias& alias);

}  // namespace jitrig
