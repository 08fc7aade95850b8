#include "protocol/runtime/world_chance.h"

#include <atomic>

namespace jitrig {
namespace {

// Code above the Runtime must not know the simulation: the simulation makes itself known here.
constinit std::atomic<bool (*)(std::span<std::byte>)> world_chance{nullptr};

}  // namespace

bool drawFromWorld(std::span<std::byte> bytes) {
  const auto draw = world_chance.load(std::memory_order_relaxed);
  return draw != nullptr && draw(bytes);
}

bool worldsExist() {
  return world_chance.load(std::memory_order_relaxed) != nullptr;
}

void provideWorldChance(bool (*draw)(std::span<std::byte> bytes)) {
  world_chance.store(draw, std::memory_order_relaxed);
}

}  // namespace jitrig
