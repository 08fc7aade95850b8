#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "fakevm/fake_vm.h"
#include "fuzz/fuzz_target.h"
#include "protocol/runtime/runtime.h"

namespace jitrig::fuzz {

/// A FakeVM with one compilation thread, whose first connection leads to a Stranger that says the bytes;
/// later ones find him mute.
class ClientSession final : private FakeVMObserver {
 public:
  ClientSession(Runtime& runtime, std::shared_ptr<const Dialect> dialect, InputBytes bytes)
      : runtime_(runtime), dialect_(std::move(dialect)), bytes_(bytes) {}

  /// Everything that the VM does, to the end of all that it met.
  FakeVMSummary run(std::uint64_t compilations);

 private:
  std::unique_ptr<ByteStream> connect();
  void onCompilation(const CompilationReport& /*report*/) override {}

  Runtime& runtime_;
  const std::shared_ptr<const Dialect> dialect_;
  InputBytes bytes_;
  std::vector<std::unique_ptr<Task>> servers_;
};

}  // namespace jitrig::fuzz
