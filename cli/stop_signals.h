#pragma once

#include <functional>
#include <mutex>
#include <thread>

namespace jitrig {

/// Turns SIGINT and SIGTERM into a call, in a thread of its own, so that a verb can end in order. Make it
/// before any other thread: it blocks the signals in all threads made later. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// `on_stop` is called when a signal comes; at once if one has come already. It must not wait. A second
  /// signal ends the process there and then, as people expect.
  void handle(std::function<void()> on_stop);

  /// When this returns, the handler is not running and will not be called.
  void ignore();

  bool came() const;

 private:
  void wait();

  int signal_descriptor_;
  int end_descriptor_;
  mutable std::mutex mutex_;
  std::function<void()> on_stop_;
  bool came_ = false;
  std::thread thread_;
};

}  // namespace jitrig
