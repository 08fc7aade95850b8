#pragma once

#include <memory>
#include <vector>

namespace jitrig {

class Mutex;
class Runtime;

/// What a Cancellation can end.
class Cancellable {
 public:
  virtual ~Cancellable() = default;
  /// From any task; must not wait, nor call the Cancellation.
  virtual void cancel() = 0;
};

/// Ends what is about to come about – a connection, a handshake – from any task, for good: all that takes
/// part in it, now or later. Must outlive them.
class Cancellation {
 public:
  explicit Cancellation(Runtime& runtime);
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation();

  /// Every present and future Participation is cancelled.
  void cancel();

  /// As long as it lives, `part` is cancelled with the Cancellation; at once, if that was before. A null
  /// Cancellation never is.
  class Participation {
   public:
    Participation(Cancellation* cancellation, Cancellable& part);
    Participation(const Participation&) = delete;
    Participation& operator=(const Participation&) = delete;
    ~Participation();

   private:
    Cancellation* cancellation_;
    Cancellable& part_;
  };

 private:
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::vector<Cancellable*> parts_;
  bool cancelled_ = false;
};

}  // namespace jitrig
