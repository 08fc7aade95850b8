#include "fakevm/server_availability.h"

#include <algorithm>

namespace jitrig {

Duration ServerAvailability::failed(const StreamLoss& loss, Instant now) {
  if (loss.noConnection()) available_ = false;
  if (loss.timedOut()) {
    retry_time_ = now;
    return Duration::zero();
  }
  // What fails while a wait goes on belongs to the same trouble.
  if (retryTimeReached(now)) wait_ *= 2;
  if (max_wait_) wait_ = std::min(wait_, *max_wait_);
  retry_time_ = now + wait_;
  return wait_;
}

}  // namespace jitrig
