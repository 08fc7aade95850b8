#include "fakecompiler/class_unloading.h"

#include "protocol/runtime/reached.h"

namespace jitrig {

ClassUnloading::ClassUnloading(Runtime& runtime, Mutex& mutex)
    : mutex_(mutex), changed_(runtime.makeCondition("class unloading")) {}

ClassUnloading::Use::Use(ClassUnloading& classes, Lock& lock) : classes_(classes) {
  if (classes_.attempts_ != 0) JITRIG_REACHED("class unloading: a compilation waits for it");
  classes_.changed_->wait(lock, kNever, [this] { return classes_.attempts_ == 0; });
  ++classes_.uses_;
}

ClassUnloading::Use::~Use() {
  const Lock lock(classes_.mutex_);
  --classes_.uses_;
  if (classes_.attempts_ != 0) classes_.changed_->notifyAll();
}

void ClassUnloading::Use::requireClasses() const {
  if (classes_.attempts_ == 0) return;
  JITRIG_REACHED("class unloading: a compilation is given up for it");
  throw CompilationInterrupted();
}

/// Another purge waits for this one by itself: requests that unload are critical, and run one after the
/// other.
ClassUnloading::Attempt::Attempt(ClassUnloading& classes) : classes_(classes) {
  Lock lock(classes_.mutex_);
  ++classes_.attempts_;
  if (classes_.uses_ != 0) JITRIG_REACHED("class unloading: it waits for compilations");
  classes_.changed_->wait(lock, kNever, [this] { return classes_.uses_ == 0; });
}

ClassUnloading::Attempt::~Attempt() {
  const Lock lock(classes_.mutex_);
  --classes_.attempts_;
  classes_.changed_->notifyAll();
}

}  // namespace jitrig
