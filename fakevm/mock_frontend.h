#pragma once

#include <cstdint>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fakevm/frontend.h"

namespace jitrig {

/// One compilation's front end of which a test expects certain requests and queries. Uninteresting calls get
/// an empty request, which is refused, so let it delegate to a real one, for everything but what the test is
/// about:
///
///   NiceMock<MockCompilationFrontend> frontend;
///   frontend.delegateTo(DefaultFrontend(dialect).beginCompilation(0));
///   EXPECT_CALL(frontend, answer(Property(&Message::type, head::VM_isClassArray::kNumber)))
///       .WillOnce(Return(Answer{.values = {true}}));
class MockCompilationFrontend : public CompilationFrontend {
 public:
  MOCK_METHOD(std::string, methodName, (), (const, override));
  MOCK_METHOD(std::vector<Value>, compilationRequest, (const RequestIdentity& identity), (override));
  MOCK_METHOD(Answer, answer, (const Message& query), (override));

  /// What is not expected otherwise is done by `real`; not null.
  void delegateTo(std::unique_ptr<CompilationFrontend> real) {
    real_ = std::move(real);
    ON_CALL(*this, methodName).WillByDefault([this] { return real_->methodName(); });
    ON_CALL(*this, compilationRequest).WillByDefault([this](const RequestIdentity& identity) {
      return real_->compilationRequest(identity);
    });
    ON_CALL(*this, answer).WillByDefault([this](const Message& query) { return real_->answer(query); });
  }

 private:
  std::unique_ptr<CompilationFrontend> real_;
};

/// Left alone, it begins compilations with nullptr, which no FakeVM bears: expect beginCompilation.
class MockFrontend : public Frontend {
 public:
  MOCK_METHOD(std::unique_ptr<CompilationFrontend>, beginCompilation, (std::uint64_t number), (override));
};

}  // namespace jitrig
