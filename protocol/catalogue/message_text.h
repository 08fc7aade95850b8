#pragma once

#include <cstdint>
#include <string>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/version_word.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// "VM_isClassArray"; "#305" where the release and build have no such number.
std::string messageTypeName(std::uint16_t number, const MessageTable& table);

/// A whole message on one line, the name of its type before its data points (value_text.h):
///
///   VM_isClassArray(object(0a0b0c0d0e0f0000))
///   compilationRequest[version 1.105, config 0x3011](string("..."), ...)
///   connectionTerminate()
///   #305(int32(1))
///
/// Version and configuration are shown where they are not 0. A version word that is none (its lowest byte is
/// used) is shown as "version 0x01006901".
void appendText(std::string& out, const Message& message, const MessageTable& table);
std::string toText(const Message& message, const MessageTable& table);

/// "[version 1.105, config 0x3011]", or what of it is not 0.
void appendVersionAndConfig(std::string& out, std::uint32_t version, std::uint32_t config);

/// The beginning of the text form, up to the parenthesis, for those who write the data points themselves.
void appendTextHead(std::string& out, const Message& message, const MessageTable& table);

}  // namespace jitrig
