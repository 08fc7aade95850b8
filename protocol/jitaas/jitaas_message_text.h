#pragma once

#include <string>
#include <string_view>

#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/jitaas_message_types.h"
#include "protocol/jitaas/protobuf_error.h"
#include "protocol/wire/text_error.h"

namespace jitrig {

/// A whole message on one line, as the raw generation's (protocol/catalogue/message_text.h); without tags:
///
///   VM_isClassArray(uint64(140))
///   compilationRequest[version 0.1, config 0x100b](string("..."), ...)
///   compilationInterrupted()
///   #4711(int32(1))
void appendText(std::string& out, const JitaasMessage& message, const JitaasMessageTypes& types);

/// A whole message as one JSON object on one line, its keys in this order; data as in tagged_value_json.h:
///
///   {"type":"VM_isClassArray","number":202,"version":0,"data":[{"tag":7,"uint64":140}]}
///
/// A number that the release does not have is of the type "#4711".
void appendJson(std::string& out, const JitaasMessage& message, const JitaasMessageTypes& types);

/// The JSON form back. Keys may come in any order, each once. Of `type` and `number` one is enough; where
/// both are given they must agree. `type` may be "#67". `version` is 0 and `data` empty if absent.
/// `connection`, `time_ns` and `direction` (jitrig show) are passed over; any other key is an error. The
/// message may not become larger than limits.max_message_size_bytes.
TextResult<JitaasMessage> parseJitaasMessageJson(std::string_view json, const JitaasMessageTypes& types,
                                                 const ProtobufLimits& limits = {});

}  // namespace jitrig
