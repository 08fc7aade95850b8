#include "fakecompiler/server_memory.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace jitrig {
namespace {

constexpr std::uint64_t kMaxReserve = std::uint64_t{32} << 20U;
constexpr std::uint64_t kReserveShare = 64;
/// Compilations for which there must be memory, and clients that are allowed for.
constexpr std::uint64_t kCompilationsInStock = 4;
constexpr std::size_t kMaxClientsCounted = 16;

/// How long what was seen free is believed. Of a normal state the specification says nothing.
Duration samplePeriod(ServerMemoryState state) {
  switch (state) {
    case ServerMemoryState::veryLow: return std::chrono::milliseconds(50);
    case ServerMemoryState::low: return std::chrono::milliseconds(250);
    case ServerMemoryState::normal: break;
  }
  return std::chrono::milliseconds(500);
}

bool changesNothing(const ServerMemoryOptions& options) {
  constexpr std::uint64_t kMostNeeded = kCompilationsInStock + kMaxClientsCounted;
  return options.steps.empty() && options.spans.empty() && options.session_bytes == 0 &&
         options.compilation_bytes == 0 &&
         options.free_at_start_bytes >= kMaxReserve + kMostNeeded * options.scratch_space_bytes;
}

}  // namespace

ServerMemory::ServerMemory(ServerMemoryOptions options, Instant start)
    : options_(std::move(options)),
      start_(start),
      always_normal_(changesNothing(options_)),
      sampled_bytes_(options_.free_at_start_bytes),
      next_sample_(start) {}

std::uint64_t ServerMemory::reserveBytes() const {
  return std::min(kMaxReserve, options_.free_at_start_bytes / kReserveShare);
}

std::uint64_t ServerMemory::veryLowBytes() const {
  return reserveBytes() + kCompilationsInStock * options_.scratch_space_bytes;
}

std::uint64_t ServerMemory::lowBytes(std::size_t sessions) const {
  return veryLowBytes() + std::min(sessions, kMaxClientsCounted) * options_.scratch_space_bytes;
}

std::uint64_t ServerMemory::usedBytes(MemoryUsers users) const {
  return users.sessions * options_.session_bytes + users.compilations * options_.compilation_bytes;
}

std::uint64_t ServerMemory::freeBytes(MemoryUsers users, Instant now) const {
  std::uint64_t free = options_.free_at_start_bytes;
  for (const FreeMemoryStep& step : options_.steps) {
    if (now >= start_ + std::chrono::milliseconds(step.at_ms)) free = step.free_bytes;
  }
  return free - std::min(free, usedBytes(users));
}

ServerMemoryState ServerMemory::classify(std::size_t sessions) const {
  if (sampled_bytes_ < veryLowBytes()) return ServerMemoryState::veryLow;
  return sampled_bytes_ < lowBytes(sessions) ? ServerMemoryState::low : ServerMemoryState::normal;
}

ServerMemoryState ServerMemory::state(MemoryUsers users, Instant now) {
  if (always_normal_) return ServerMemoryState::normal;
  if (const MemoryStateSpan* span = spanAt(now)) return span->state;
  if (now >= next_sample_) {
    sampled_bytes_ = freeBytes(users, now);
    next_sample_ = now + samplePeriod(classify(users.sessions));
  }
  return classify(users.sessions);
}

bool ServerMemory::fails(Instant now) const {
  const MemoryStateSpan* span = spanAt(now);
  return span != nullptr && span->fails;
}

const MemoryStateSpan* ServerMemory::spanAt(Instant now) const {
  const auto holds = [&](const MemoryStateSpan& span) {
    return now >= start_ + std::chrono::milliseconds(span.from_ms) &&
           now < start_ + std::chrono::milliseconds(span.to_ms);
  };
  const auto found = std::ranges::find_if(options_.spans, holds);
  return found == options_.spans.end() ? nullptr : &*found;
}

}  // namespace jitrig
