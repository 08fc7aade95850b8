#pragma once

#include <memory>

#include "fakecompiler/fake_compiler.h"
#include "protocol/runtime/runtime.h"

namespace jitrig::fuzz {

/// A FakeCompiler with one compilation thread that asks two queries and ends with code; clients come
/// through pipes.
class ServerSession final : private FakeCompilerObserver {
 public:
  ServerSession(Runtime& runtime, std::shared_ptr<const Dialect> dialect);
  ~ServerSession() override;

  /// The client's end of a new connection.
  std::unique_ptr<Connection> connect();

  /// A client of its own compiles, and says goodbye.
  void requireServesOthers();

  /// Stops: nothing of any session is in use any more.
  void end();

 private:
  void onCompilation(const ServerCompilationReport& /*report*/) override {}
  void onStreamEnd(const StreamEndReport& /*report*/) override {}

  Runtime& runtime_;
  const std::shared_ptr<const Dialect> dialect_;
  std::unique_ptr<FakeCompiler> compiler_;
};

}  // namespace jitrig::fuzz
