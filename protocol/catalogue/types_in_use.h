#pragma once

#include <string_view>
#include <vector>

#include "protocol/catalogue/message_type.h"
#include "protocol/catalogue/release.h"

namespace jitrig {

/// The aliases and struct layouts that a C++ type is made of, each once, in the order in which they are met.
/// They belong to the Release.
struct TypesInUse {
  std::vector<const TypeAlias*> aliases;
  std::vector<const StructLayout*> structs;
};

/// Those of all data points of a message type, through aliases, tuples, vectors, and structs in structs. What
/// is only pointed to is not among them.
TypesInUse typesInUse(const Release& release, const MessageType& type);

/// Those of the fields of a struct, without itself.
TypesInUse typesInUse(const Release& release, const StructLayout& layout);

/// Those that an alias stands for, without itself.
TypesInUse typesInUse(const Release& release, const TypeAlias& alias);

/// The layout of a C++ type as the sources spell it, "TR::KnownObjectTable::ObjectInfo" or "Word[8]"; nullptr
/// if the catalogue has none.
const StructLayout* layoutOf(const Release& release, std::string_view cpp_type);

}  // namespace jitrig
