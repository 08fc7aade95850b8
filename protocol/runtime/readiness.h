#pragma once

namespace jitrig {

/// Told by a ReadinessSource that it has become ready. Implemented by Selectors.
class ReadinessObserver {
 public:
  /// From any task, possibly with the source's lock held: an implementation only takes note and wakes its
  /// wait(). It must not block, switch tasks, or call the source.
  virtual void readinessChanged() = 0;

 protected:
  ~ReadinessObserver() = default;
};

/// How a Selector watches a Waitable. Every Waitable that can be watched implements this interface too; a
/// Selector finds it with dynamic_cast<ReadinessSource*>(&waitable) and refuses a Waitable without it.
///
/// The order that loses nothing: setObserver(this) first, then readyNow(); later readyNow() again after each
/// readinessChanged(), which says only that it is worth asking (the writer of a pipe may have withdrawn).
class ReadinessSource {
 public:
  /// Whether a read (or an accept) would end without waiting: bytes, the end of file, an error, cancel().
  /// From any task. Takes no lock and never switches tasks.
  virtual bool readyNow() const = 0;

  /// At most one observer, so a Waitable is watched by one Selector at a time; nullptr takes it off. When
  /// this returns, the former observer is called no more. May lock a Mutex of the Runtime, that is, in the
  /// simulation other tasks may run before it returns.
  virtual void setObserver(ReadinessObserver* observer) = 0;

 protected:
  ~ReadinessSource() = default;
};

}  // namespace jitrig
