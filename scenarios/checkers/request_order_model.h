#pragma once

#include <cstdint>
#include <vector>

namespace jitrig {

/// What the protocol says of the order of one client's requests (semantics.md, section 4), as plainly as can
/// be: no threads, no clock, no stream. Somebody tells it what happens; it says what follows. It shares no
/// line with the server that it judges.
class RequestOrderModel {
 public:
  using RequestId = std::uint64_t;

  /// A request as it arrives.
  struct Request {
    RequestId id = 0;
    std::uint32_t sequence_number = 0;
    std::uint32_t critical_number = 0;  ///< of the critical request that it follows
    bool critical = false;
  };

  /// What follows for one request.
  struct Consequence {
    enum class What : std::uint8_t {
      runs,
      parks,
      lost,      ///< too late: compilationStreamLostMessage
      clears,    ///< empties the session's caches, and runs
      sleepsOn,  ///< for another 1000 ms
    };
    RequestId id = 0;
    What what = What::runs;

    friend bool operator==(const Consequence&, const Consequence&) = default;
  };
  using Consequences = std::vector<Consequence>;

  /// The session is made by its first request, and begins with that one's critical number.
  explicit RequestOrderModel(std::uint32_t last_processed) : last_processed_(last_processed) {}

  Consequences arrives(const Request& request);
  /// A parked request has waited for 1000 ms.
  Consequences timePassed(RequestId id);
  /// The updates of one that runs are in the caches, or it was interrupted while it fetched them.
  Consequences updatesDone(RequestId id);
  /// One that runs, or is lost, or waits, has ended: finished, failed, its stream broken. If its updates were
  /// not done, and it was critical, others wait in vain.
  void ends(RequestId id);

  std::uint32_t lastProcessed() const { return last_processed_; }
  std::uint32_t active() const { return static_cast<std::uint32_t>(running_.size()); }

 private:
  struct Parked {
    Request request;
    bool told_to_wait = false;  ///< until its next 1000 ms
  };

  Consequence decide(const Request& request);
  Consequences process(std::uint32_t number);

  std::uint32_t last_processed_;
  std::vector<Request> running_;
  std::vector<Parked> parked_;  ///< in the order of sequence numbers
};

}  // namespace jitrig
