#pragma once

#include <string>
#include <string_view>

#include "protocol/catalogue/message_table.h"
#include "protocol/wire/message.h"
#include "protocol/wire/text_error.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// A whole message as one JSON object on one line, its keys in this order; data points as in value_json.h:
///
///   {"type":"VM_isClassArray","number":67,"version":0,"config":0,"data":[{"object":"0a0b0c0d0e0f0000"}]}
///
/// `version` and `config` are the words of the header. A number that the release and build do not have is of
/// the type "#305". Bytes that are no UTF-8 travel as hexadecimal, so the line is always valid JSON.
void appendJson(std::string& out, const Message& message, const MessageTable& table);
std::string toJson(const Message& message, const MessageTable& table);

/// The same without its braces: for lines that say more about a message than it does itself.
void appendJsonMembers(std::string& out, const Message& message, const MessageTable& table);

/// The JSON form back to a canonical message.
///
/// Keys may come in any order, each once. Of `type` and `number` one is enough; where both are given they
/// must agree. `type` may be "#67", whether the release has a name for 67 or not. `version` and `config` are
/// 0 if absent; `data` may be absent, and must be empty, where the type has no body. `connection`, `time_ns`
/// and `direction` (jitrig show) are passed over; any other key is an error. The message may not become
/// larger than limits.max_message_size_bytes.
TextResult<Message> parseMessageJson(std::string_view json, const MessageTable& table,
                                     const WireLimits& limits = {});

}  // namespace jitrig
