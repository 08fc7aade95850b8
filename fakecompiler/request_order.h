#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "fakecompiler/request_order_event.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// The order in which the requests of one client run, whatever the order in which they come in over its
/// connections (semantics.md, section 4). A request runs when the critical request that it names was
/// processed; until then it is parked, and keeps its compilation thread. What never comes is given up by the
/// first in line, after a while in which nobody runs, at the price of the session's caches. Thread-safe.
class RequestOrder {
 public:
  /// A parked request looks at the matter anew after so long.
  static constexpr Duration kPatience = std::chrono::milliseconds(1000);

  /// Told every event, under the session's lock: it must not wait, nor call back.
  using Listener = std::function<void(const RequestOrderEvent&)>;
  /// Empties the session's caches. Called with the session's lock held.
  using ClearCaches = std::function<void()>;

  /// `mutex` is the session's, `session` the number that events carry. A session begins with the critical
  /// number of the request that created it: what was before cannot be waited for.
  RequestOrder(Runtime& runtime, Mutex& mutex, std::uint64_t session, std::uint32_t last_processed,
               ClearCaches clear_caches, Listener listener);

  /// Where a request comes from, for events.
  struct Origin {
    std::size_t thread = 0;   ///< the server's compilation thread that has it
    std::string_view stream;  ///< CommunicationStream::name(), for the time of the Turn's constructor
    bool created_session = false;
    ClassChangeCounts updates;
  };

  /// One request, from its arrival until it is destroyed.
  class Turn {
   public:
    /// Waits until it may run. Throws StreamOOO if it comes too late; StreamFailure, cancelled, if stop()
    /// came while it was parked.
    Turn(RequestOrder& order, const RequestNumbers& numbers, const Origin& origin);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// It says that nothing is true any more: the caches are empty.
    void redefined();
    /// Its updates are in the caches: those that wait for it may run. `known` is what the caches say of it.
    void updatesDone(bool known = true);
    /// The client gave it up before its updates were done. The caches are empty then, so nobody misses them.
    void interrupted();

   private:
    friend class RequestOrder;
    void publish(RequestOrderEvent::Kind kind);

    RequestOrder& order_;
    RequestOrderEvent event_;             ///< what all its events have in common
    std::unique_ptr<Condition> changed_;  ///< while it is parked
    bool released_ = false;
    bool late_ = false;
    bool told_to_wait_ = false;
    bool published_ = false;
  };

  /// Ends all waiting, now and later.
  void stop();

  std::uint32_t lastProcessed() const;

 private:
  class Parked;

  void enter(Turn& turn);
  void wait(Lock& lock, Turn& turn);
  bool mayClear(const Turn& turn) const;
  void clear(Turn& turn);
  void process(std::uint32_t critical_number);
  bool isLate(const Turn& turn) const;
  void tell(const Turn& turn, RequestOrderEvent::Kind kind,
            RequestOrderEvent::Outcome outcome = RequestOrderEvent::Outcome::none) const;

  Runtime& runtime_;
  Mutex& mutex_;  ///< guards everything below
  std::uint64_t session_;
  std::uint32_t last_processed_;
  ClearCaches clear_caches_;
  Listener listener_;
  std::uint64_t arrived_ = 0;
  std::uint32_t active_ = 0;
  std::vector<Turn*> parked_;  ///< in the order of sequence numbers
  bool stopped_ = false;
};

}  // namespace jitrig
