#pragma once

#include <cstdint>
#include <vector>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/wire_type.h"
#include "protocol/stream/direction.h"

namespace jitrig::fuzz {

/// What the catalogue says that `sender` sends in such a message; null: nothing.
const std::vector<WireType>* typesSentBy(Direction sender, const MessageTable& table, std::uint16_t number);

}  // namespace jitrig::fuzz
