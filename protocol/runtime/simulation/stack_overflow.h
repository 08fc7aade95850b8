#pragma once

namespace jitrig::simulation {

/// From now on, a fault in this thread is looked at on a stack of its own: if it lies in the guard below the
/// stack of the task that runs, its name, host and seed go to standard error. Then whoever would have handled
/// the signal does: the process dies of it.
void watchForStackOverflow();

}  // namespace jitrig::simulation
