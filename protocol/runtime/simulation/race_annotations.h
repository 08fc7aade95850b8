#pragma once

#include "protocol/runtime/simulation/sanitizers.h"

/// ThreadSanitizer's view of the simulation. All tasks of a world share one thread, so by itself it would
/// either see no race at all or a race in every line of the simulator. Each fiber is therefore a thread of
/// its own for it, switches order nothing, the simulator's own accesses are not looked at (SimulatorSection),
/// and only what would order two real threads is announced: locks, pipes and links, the begin and the end of
/// tasks. A race in the code above is then found in one thread, and again with the same seed.
/// Without ThreadSanitizer all of this is nothing.

#ifdef JITRIG_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#include <sys/single_threaded.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace jitrig::simulation {

#ifdef JITRIG_THREAD_SANITIZER

/// While it lives, accesses of the calling fiber are the simulator's own. Sections nest, and belong to their
/// fiber, so a section may switch fibers. No code of the user's may run inside one.
class SimulatorSection {
 public:
  SimulatorSection() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~SimulatorSection() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
  SimulatorSection(const SimulatorSection&) = delete;
  SimulatorSection& operator=(const SimulatorSection&) = delete;
};

/// Everything that the caller did so far comes before what follows acquireFrom(place) elsewhere.
inline void releaseTo(const void* place) {
  __tsan_release(const_cast<void*>(place));
}
inline void acquireFrom(const void* place) {
  __tsan_acquire(const_cast<void*>(place));
}

/// libstdc++ counts the owners of a shared_ptr without atomic operations as long as the process has one
/// thread. The tasks of a world are no threads for it, but they are for ThreadSanitizer.
inline void insistOnAtomicReferenceCounts() {
  __libc_single_threaded = 0;
}

#else

class SimulatorSection {
 public:
  // Not defaulted: an object that does nothing must not count as an unused variable.
  SimulatorSection() {}   // NOLINT(modernize-use-equals-default)
  ~SimulatorSection() {}  // NOLINT(modernize-use-equals-default)
  SimulatorSection(const SimulatorSection&) = delete;
  SimulatorSection& operator=(const SimulatorSection&) = delete;
};

inline void releaseTo(const void* /*place*/) {}
inline void acquireFrom(const void* /*place*/) {}
inline void insistOnAtomicReferenceCounts() {}

#endif

}  // namespace jitrig::simulation
