#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace jitrig {

/// What this process holds of the system: counted before and after, it tells leaks. Other threads that open
/// and close descriptors meanwhile are counted as well.
struct ProcessCensus {
  std::map<int, std::string> descriptors;  ///< what they are: "socket:[4711]", "anon_inode:[eventfd]"
  std::size_t threads = 0;

  static ProcessCensus take();
};

/// What there is beyond `before`, in words: "2 descriptors more than before: 7 (socket:[4711]), …"; empty if
/// nothing is. A thread that was joined is still listed for a moment: waits for that up to `limit`.
std::vector<std::string> leakedSince(const ProcessCensus& before, std::chrono::milliseconds limit);

/// Their numbers for the system (gettid()).
std::vector<int> threadsOfThisProcess();

}  // namespace jitrig
