#pragma once

#include <string>

#include "protocol/stream/tls/open_ssl_pointers.h"

namespace jitrig {

/// What OpenSSL's error queue says, oldest first and joined by "; ", and empties the queue. The queue belongs
/// to the thread, and tasks of the simulation share one: no call that may switch tasks may come between the
/// failing call and this one. "no reason given" if the queue is empty.
std::string takeOpenSslErrors();

/// The subject of a certificate, "CN=compiler,O=Example"; control characters are escaped and what is longer
/// than a line is cut, because a peer may have written it. Empty for nullptr.
std::string subjectOf(const x509_st* certificate);

}  // namespace jitrig
