#include "protocol/runtime/cancellation.h"

#include "protocol/runtime/runtime.h"

namespace jitrig {

Cancellation::Cancellation(Runtime& runtime) : mutex_(runtime.makeMutex("cancellation")) {}

Cancellation::~Cancellation() = default;

void Cancellation::cancel() {
  const Lock lock(*mutex_);
  cancelled_ = true;
  for (Cancellable* part : parts_) part->cancel();
}

Cancellation::Participation::Participation(Cancellation* cancellation, Cancellable& part)
    : cancellation_(cancellation), part_(part) {
  if (cancellation_ == nullptr) return;
  const Lock lock(*cancellation_->mutex_);
  cancellation_->parts_.push_back(&part_);
  if (cancellation_->cancelled_) part_.cancel();
}

Cancellation::Participation::~Participation() {
  if (cancellation_ == nullptr) return;
  const Lock lock(*cancellation_->mutex_);
  std::erase(cancellation_->parts_, &part_);
}

}  // namespace jitrig
