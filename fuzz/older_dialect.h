#pragma once

#include <memory>

#include "protocol/stream/dialect.h"

namespace jitrig::fuzz {

/// The older generation's; null where this build does not have it (JITRIG_JITAAS).
std::shared_ptr<const Dialect> olderDialect();

}  // namespace jitrig::fuzz
