#include "protocol/runtime/simulation/fiber.h"

#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>

#include "protocol/runtime/simulation/race_annotations.h"
#include "protocol/runtime/simulation/sanitizers.h"

#ifdef JITRIG_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace jitrig::simulation {

namespace context = boost::context::detail;

namespace {

void exchangeExceptionState(ExceptionState& save_to, const ExceptionState& load_from) {
  void* globals = abi::__cxa_get_globals();
  std::memcpy(save_to.bytes.data(), globals, save_to.bytes.size());
  std::memcpy(globals, load_from.bytes.data(), load_from.bytes.size());
}

// The four things that AddressSanitizer wants to know about a switch; without it they are nothing.
void announceSwitch([[maybe_unused]] void** fake_stack, [[maybe_unused]] const void* lowest,
                    [[maybe_unused]] std::size_t size_bytes) {
#ifdef JITRIG_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(fake_stack, lowest, size_bytes);
#endif
}

void completeSwitch([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** from_lowest,
                    [[maybe_unused]] std::size_t* from_size_bytes) {
#ifdef JITRIG_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(fake_stack, from_lowest, from_size_bytes);
#endif
}

void switchRaceFiber([[maybe_unused]] void* race_fiber) {
#ifdef JITRIG_THREAD_SANITIZER
  __tsan_switch_to_fiber(race_fiber, __tsan_switch_to_fiber_no_sync);
#endif
}

}  // namespace

struct Fiber::Entrance {
  static void enter(context::transfer_t transfer) {
    auto* fiber = static_cast<Fiber*>(transfer.data);
    completeSwitch(nullptr, &fiber->caller_stack_lowest_, &fiber->caller_stack_size_bytes_);
    fiber->caller_context_ = transfer.fctx;
    acquireFrom(fiber->stack_.mapping);  // of who made the fiber, and the stack
    fiber->entry_(fiber->argument_);
    fiber->ended_ = true;
    fiber->leave(/*for_ever=*/true);
    std::abort();  // nobody resumes an ended fiber
  }
};

Fiber::Fiber(FiberStackPool& pool, void (*entry)(void* argument), void* argument,
             [[maybe_unused]] const char* name)
    : pool_(pool), stack_(pool.take()), entry_(entry), argument_(argument) {
  // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer) It needs the stack.
  context_ = context::make_fcontext(stack_.top(), stack_.size_bytes, &Entrance::enter);
  releaseTo(stack_.mapping);
#ifdef JITRIG_THREAD_SANITIZER
  race_fiber_ = __tsan_create_fiber(0);
  __tsan_set_fiber_name(race_fiber_, name);
#endif
}

Fiber::~Fiber() {
  if (abandoned_) return;
#ifdef JITRIG_THREAD_SANITIZER
  __tsan_destroy_fiber(race_fiber_);
#endif
  pool_.giveBack(stack_, context_);  // which is where its stack pointer was left
}

void Fiber::resume() {
  ExceptionState caller_exceptions;
  void* caller_fake_stack = nullptr;
#ifdef JITRIG_THREAD_SANITIZER
  caller_race_fiber_ = __tsan_get_current_fiber();
#endif
  exchangeExceptionState(caller_exceptions, exceptions_);
  announceSwitch(&caller_fake_stack, stack_.lowest, stack_.size_bytes);
  switchRaceFiber(race_fiber_);
  const context::transfer_t transfer = context::jump_fcontext(context_, this);
  completeSwitch(caller_fake_stack, nullptr, nullptr);
  context_ = transfer.fctx;
  exchangeExceptionState(exceptions_, caller_exceptions);
}

void Fiber::suspend() {
  leave(/*for_ever=*/false);
}

void Fiber::leave(bool for_ever) {
  announceSwitch(for_ever ? nullptr : &fake_stack_, caller_stack_lowest_, caller_stack_size_bytes_);
  switchRaceFiber(caller_race_fiber_);
  const context::transfer_t transfer = context::jump_fcontext(caller_context_, nullptr);
  completeSwitch(fake_stack_, &caller_stack_lowest_, &caller_stack_size_bytes_);
  caller_context_ = transfer.fctx;
}

void Fiber::abandon() {
  abandoned_ = true;
#ifdef JITRIG_ADDRESS_SANITIZER
  __lsan_register_root_region(stack_.lowest, stack_.size_bytes);
#endif
}

}  // namespace jitrig::simulation
