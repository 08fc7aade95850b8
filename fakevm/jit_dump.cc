#include "fakevm/jit_dump.h"

#include "protocol/runtime/reached.h"

namespace jitrig {

CompilationReport askForJitDump(ClientStream& stream, CompilationFrontend& frontend,
                                const RequestIdentity& identity, const CompilationReport& crashed) {
  JITRIG_REACHED("fakevm: a crashed server is asked for a JitDump");
  CompilationReport dump;
  dump.number = crashed.number;
  dump.thread = crashed.thread;
  dump.attempt = crashed.attempt;
  dump.method = crashed.method;
  dump.sequence_number = identity.sequence_number;
  compileRemotely(stream, frontend, identity, dump);
  return dump;
}

}  // namespace jitrig
