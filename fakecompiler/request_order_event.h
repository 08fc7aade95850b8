#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fakecompiler/compile_request.h"
#include "protocol/stream/class_changes.h"

namespace jitrig {

/// Something that happened to a request in the order of its session (RequestOrder), and what followed.
struct RequestOrderEvent {
  /// What happened.
  enum class Kind : std::uint8_t {
    arrived,    ///< it was read: runs, parks, or is late
    timedOut,   ///< it was parked for another 1000 ms: clears, or sleepsOn
    released,   ///< parked until what it waited for was processed: runs, or is late
    published,  ///< it is critical, its updates are done, and it is what was processed last
    skipped,    ///< the same without its updates: the client interrupted it before they were done
    redefined,  ///< it says that nothing is true any more: the session's caches are empty
    left,       ///< it ended, whichever way
    abandoned,  ///< it was parked, and the server stopped
  };
  /// What followed.
  enum class Outcome : std::uint8_t {
    none,
    runs,      ///< it counts as active until it leaves
    parks,     ///< it waits, in the order of sequence numbers
    late,      ///< others went on without it: StreamOOO
    clears,    ///< it empties the session's caches, and goes on
    sleepsOn,  ///< not the first in line, or others are active, or it was told to wait
  };

  Kind kind = Kind::arrived;
  Outcome outcome = Outcome::none;
  std::uint64_t session = 0;  ///< the server's n-th
  std::uint64_t request = 0;  ///< the session's n-th in the order of arrival; sequence numbers may be wrong
  RequestNumbers numbers;
  std::size_t thread = 0;            ///< the server's compilation thread that has it
  bool created_session = false;      ///< not always the first to arrive
  ClassChangeCounts updates;         ///< that it came with
  bool updates_known = true;         ///< published: they are in the caches, or will be fetched
  std::uint32_t last_processed = 0;  ///< critical number, before what followed
  std::uint32_t active = 0;          ///< requests that run, before what followed
  bool told_to_wait = false;         ///< timedOut: the one before it in line has just cleared the caches
  bool by_itself = false;            ///< released: it is the one that cleared the caches
  std::string_view stream = {};      ///< arrived: CommunicationStream::name(), valid during the call
};

/// "arrived", "timed_out", …
std::string_view toString(RequestOrderEvent::Kind kind);
/// "runs", "sleeps_on", …
std::string_view toString(RequestOrderEvent::Outcome outcome);

}  // namespace jitrig
