#pragma once

namespace jitrig::bench {

/// What this process has in memory now, in MiB.
double residentMib();

}  // namespace jitrig::bench
