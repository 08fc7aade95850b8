#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// Counts how often a rare situation was reached. Made by JITRIG_REACHED only; lives as long as the process,
/// and is known to reachedProbes() from the process's start, whether it is ever reached or not.
class ReachedProbe {
 public:
  explicit ReachedProbe(std::string_view name);
  ReachedProbe(const ReachedProbe&) = delete;
  ReachedProbe& operator=(const ReachedProbe&) = delete;

  /// From any task or thread.
  void hit() { count_.fetch_add(1, std::memory_order_relaxed); }

 private:
  friend std::vector<struct ReachedCount> reachedProbes();
  friend void resetReachedProbes();

  const std::string_view name_;
  std::atomic<std::uint64_t> count_ = 0;
  ReachedProbe* next_ = nullptr;
};

/// How often the situation of that name was reached since the start, or since resetReachedProbes().
struct ReachedCount {
  std::string name;
  std::uint64_t count = 0;
};

/// All probes of the code that this process is linked from, also those never reached, ordered by name. Equal
/// names are one probe.
std::vector<ReachedCount> reachedProbes();

/// All counts begin again at 0.
void resetReachedProbes();

/// A string literal as an argument of a template.
template <std::size_t Size>
struct ProbeName {
  // NOLINTNEXTLINE(google-explicit-constructor) A literal is to become one without a word.
  consteval ProbeName(const char (&text)[Size]) { std::copy_n(text, Size, characters); }
  char characters[Size] = {};
};

/// One probe per name. A static member is made before main() wherever a line of code may hit it; a static
/// variable of a function would not be known before it is reached.
template <ProbeName Name>
struct ReachedPlace {
  static inline ReachedProbe probe{std::string_view(Name.characters, sizeof(Name.characters) - 1)};
};

}  // namespace jitrig

/// Marks a rare situation that tests should really reach: `JITRIG_REACHED("two messages in one read");`.
/// Costs one relaxed addition there and nothing elsewhere: not for what happens with every message.
#define JITRIG_REACHED(name) ::jitrig::ReachedPlace<name>::probe.hit()
