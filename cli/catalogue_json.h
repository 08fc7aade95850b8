#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/types_in_use.h"

// The parts that the JSON objects of `jitrig catalogue` have in common. Keys always stand in the same order;
// what is not known, and what there is not, is null.

namespace jitrig {

/// "release":"head","build":"openjdk"
void appendTableMembers(std::string& out, const MessageTable& table);

/// "number":67,"name":"VM_isClassArray","direction":"query","has_reply":true,"request":["object(8)"],
/// "reply":["bool"],"request_cpp":["TR_OpaqueClassBlock *"],"reply_cpp":["bool"],"bodyless":false,
/// "opens_connection":false,"server_sends":true,"unused":false
void appendMessageTypeMembers(std::string& out, const MessageType& type);

/// ["object(8)","bool"], or null.
void appendWireTypes(std::string& out, const std::optional<std::vector<WireType>>& types);

/// [{"type":"OBJECT","type_code":6,"payload_size_bytes":8,"padding_size_bytes":0,"element_size_bytes":0,
/// "alignment_bytes":8}], or null.
void appendDescriptors(std::string& out, const std::optional<std::vector<WireType>>& types);

/// "fields_build":"openjdk","fields":[{"offset_bytes":0,"size_bytes":8,"name":"_start","cpp_type":"uintptr_t"}]
void appendFieldMembers(std::string& out, const StructLayout& layout);

/// "aliases":[{"name":"...","cpp_type":"..."}],"structs":[{"name":"...","size_bytes":16,<fields>}], sizes in
/// that build.
void appendTypesInUse(std::string& out, const TypesInUse& use, Build build);

/// ["a","b"]
void appendStrings(std::string& out, const std::vector<std::string>& strings);

/// 16, or null.
std::string numberOrNull(std::optional<std::uint32_t> number);

}  // namespace jitrig
