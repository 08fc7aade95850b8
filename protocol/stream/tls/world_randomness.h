#pragma once

namespace jitrig {

/// From now on OpenSSL draws from the `tls` stream of the simulated world whose task calls it, and from its
/// own generator where there is none. To be called before OpenSSL makes keys or sessions; costs nothing, and
/// leaves OpenSSL alone, in a process without simulated worlds.
void useWorldRandomness();

}  // namespace jitrig
