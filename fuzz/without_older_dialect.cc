#include "fuzz/older_dialect.h"

namespace jitrig::fuzz {

std::shared_ptr<const Dialect> olderDialect() {
  return nullptr;
}

}  // namespace jitrig::fuzz
