#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/types_in_use.h"

namespace jitrig {

/// What `jitrig catalogue show` can be asked about. Points into the table.
using CatalogueSubject = std::variant<const MessageType*, const StructLayout*, const TypeAlias*>;

/// Finds a message type by its name or number ("67", "#67"), a struct or an alias by its name, a struct also
/// as the sources spell it ("TR::KnownObjectTable::ObjectInfo"). The error names what was given, the releases
/// or the build that have it, and the nearest names.
std::expected<CatalogueSubject, std::string> findSubject(const MessageTable& table, std::string_view given);

/// The names of the message types whose data points are made of it, in numeric order.
std::vector<std::string> usersOf(const MessageTable& table, const StructLayout& layout);
std::vector<std::string> usersOf(const MessageTable& table, const TypeAlias& alias);

}  // namespace jitrig
