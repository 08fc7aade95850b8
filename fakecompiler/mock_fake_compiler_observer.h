#pragma once

#include <gmock/gmock.h>

#include "fakecompiler/fake_compiler.h"

namespace jitrig {

/// Expects how a FakeCompiler's compilations and streams end.
class MockFakeCompilerObserver : public FakeCompilerObserver {
 public:
  MOCK_METHOD(void, onCompilation, (const ServerCompilationReport& report), (override));
  MOCK_METHOD(void, onStreamEnd, (const StreamEndReport& report), (override));
};

}  // namespace jitrig
