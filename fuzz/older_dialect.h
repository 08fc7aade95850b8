#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/catalogue/wire_type.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/direction.h"

namespace jitrig::fuzz {

/// The older generation's; null where this build does not have it (JITRIG_JITAAS).
std::shared_ptr<const Dialect> olderDialect();

/// What the catalogue says that `sender` sends in such a message; null: nothing.
const std::vector<WireType>* typesSentBy(Direction sender, const MessageTable& table, std::uint16_t number);

/// Whether a message of zeros of these types, which are its own, comes back as it is, without a misfit.
bool zerosFit(const Dialect& dialect, Direction sender, std::uint16_t number,
              const std::vector<WireType>& types);

}  // namespace jitrig::fuzz
