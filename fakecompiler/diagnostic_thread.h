#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "fakecompiler/script.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// A server's one thread beside its compilation threads, for connections over which it has told that a
/// compilation crashed: the client asks there for the method once more, as a JitDump (semantics.md,
/// section 4). Started when it is needed first. Thread-safe.
class DiagnosticThread {
 public:
  /// ServerCompilationReport::thread of what it serves.
  static constexpr std::size_t kIndex = ~std::size_t{0};

  /// Serves a connection; `crashed` is the script's compilation that crashed.
  using Serve = std::function<void(std::unique_ptr<ServerStream> stream, const ScriptedCompilation& crashed)>;

  DiagnosticThread(Runtime& runtime, Serve serve);
  ~DiagnosticThread();
  DiagnosticThread(const DiagnosticThread&) = delete;
  DiagnosticThread& operator=(const DiagnosticThread&) = delete;

  /// Called by the compilation thread that crashed, which waits until this connection was served: as in a
  /// real server it does nothing else meanwhile. After stop(), and where there is no thread to be had, the
  /// connection is closed.
  void serve(std::unique_ptr<ServerStream> stream, const ScriptedCompilation& crashed);

  /// Closes the connections that wait, and returns when the one that is served was: somebody must cancel it.
  void stop();

 private:
  struct Job;

  bool start();
  void loop();
  std::shared_ptr<Job> next();

  Runtime& runtime_;
  const Serve serve_;
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::unique_ptr<Condition> changed_;
  std::unique_ptr<Task> task_;
  std::vector<std::shared_ptr<Job>> jobs_;  ///< in the order of the crashes
  bool stopped_ = false;
};

}  // namespace jitrig
