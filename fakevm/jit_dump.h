#pragma once

#include "fakevm/frontend.h"
#include "fakevm/remote_compilation.h"
#include "protocol/stream/client_stream.h"

namespace jitrig {

/// Asks a server that has crashed over a method, on the connection over which it has told so, to compile it
/// once more and to write down how (semantics.md, section 4). `crashed` is the attempt that this belongs to;
/// the report that is returned has its number, thread and method, and never another attempt. What goes wrong
/// here has gone wrong before: nothing follows from it. Misbehaviours befall compilations, and not this.
CompilationReport askForJitDump(ClientStream& stream, CompilationFrontend& frontend,
                                const RequestIdentity& identity, const CompilationReport& crashed);

}  // namespace jitrig
