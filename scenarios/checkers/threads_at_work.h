#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/checkers/judgement.h"

namespace jitrig {

/// When the compilation threads of a server were busy, at least, as far as its taps tell. Of a TLS server
/// that is not enough: a thread may wait for the rest of a record, which nobody writes down.
class ThreadsAtWork {
 public:
  ThreadsAtWork(const Judgement& judgement, std::size_t server);

  /// How many were busy.
  std::size_t at(std::int64_t time_ns) const;

  /// How many there were at least, from the one time to the other.
  std::size_t leastBetween(std::int64_t from_ns, std::int64_t to_ns) const;

 private:
  struct Busy {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
  };

  std::vector<Busy> busy_;
};

}  // namespace jitrig
