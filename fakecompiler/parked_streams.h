#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// Streams that wait for their client's next request, at one Selector and in one task, so that an idle
/// connection costs no compilation thread, and little memory: a parked stream has given back its messages'
/// storage. Thread-safe.
class ParkedStreams {
 public:
  /// `readable` gets a stream on which a read will not wait, which includes its end; it is called in the
  /// parking task, and by park() itself. `silent` gets one whose deadline has passed, in the parking task.
  using Handler = std::function<void(std::unique_ptr<ServerStream>)>;

  ParkedStreams(Runtime& runtime, Handler readable, Handler silent);
  ~ParkedStreams();

  /// Begins to watch; streams may be parked before.
  void start();

  /// Parks the stream until it is readable or the deadline has passed. A stream that holds bytes already is
  /// readable at once.
  void park(std::unique_ptr<ServerStream> stream, Instant deadline);

  /// Closes all parked streams and ends the task. Streams parked later are closed at once.
  void stop();

  std::size_t count() const;

 private:
  using Id = std::uint64_t;  ///< in the order of parking
  struct Parked {
    std::unique_ptr<ServerStream> stream;
    Instant deadline;
  };

  void run();
  std::unique_ptr<ServerStream> take(std::map<Id, Parked>::iterator parked);
  Instant nextDeadline() const;
  std::vector<std::unique_ptr<ServerStream>> takeReady(const std::vector<Waitable*>& ready);
  std::vector<std::unique_ptr<ServerStream>> takeSilent();

  Runtime& runtime_;
  Handler readable_;
  Handler silent_;
  std::unique_ptr<Selector> selector_;
  std::unique_ptr<Mutex> mutex_;
  std::map<Id, Parked> parked_;
  std::unordered_map<const Waitable*, Id> ids_;  ///< for looking up only: its order is anything
  std::set<std::pair<Instant, Id>> deadlines_;   ///< of those that have one
  Id last_id_ = 0;
  bool stopping_ = false;
  std::unique_ptr<Task> task_;
};

}  // namespace jitrig
