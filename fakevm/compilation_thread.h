#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "fakevm/fake_vm.h"

namespace jitrig {

/// One compilation thread of a fake VM, and its stream.
class FakeVM::CompilationThread {
 public:
  CompilationThread(FakeVM& vm, std::size_t index) : vm_(vm), index_(index) {}
  ~CompilationThread() { closeStream(); }
  CompilationThread(const CompilationThread&) = delete;
  CompilationThread& operator=(const CompilationThread&) = delete;

  void run();  ///< until no method is left

 private:
  void compile(std::uint64_t number, RequestIdentity& identity);
  void tryOnce(RemoteDecision decision, RequestIdentity& identity, const AOTWish& wish,
               CompilationReport& report);
  bool haveStream(CompilationReport& report);
  void requireStep();
  bool tellOutOfTurn();
  void leaveStream();
  StreamFate converse(CompilationFrontend& frontend, const RequestIdentity& identity,
                      CompilationReport& report, bool first_request);
  void closeStream();
  void terminateConnection(Instant until);

  FakeVM& vm_;
  std::size_t index_;
  std::unique_ptr<ClientStream> stream_;
};

}  // namespace jitrig
