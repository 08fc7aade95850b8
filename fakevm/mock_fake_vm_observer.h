#pragma once

#include <gmock/gmock.h>

#include "fakevm/fake_vm.h"

namespace jitrig {

/// Expects how a FakeVM's compilations end.
class MockFakeVMObserver : public FakeVMObserver {
 public:
  MOCK_METHOD(void, onCompilation, (const CompilationReport& report), (override));
};

}  // namespace jitrig
