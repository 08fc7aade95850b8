#include "fuzz/older_dialect.h"

#include <stdexcept>

#include "protocol/jitaas/jitaas_dialect.h"

namespace jitrig::fuzz {

std::shared_ptr<const Dialect> olderDialect() {
  auto dialect = makeJitaasDialect();
  if (!dialect) throw std::logic_error(dialect.error());
  return *dialect;
}

}  // namespace jitrig::fuzz
