#pragma once

#include <cstddef>
#include <span>

namespace jitrig {

/// Random bytes for libraries that draw by themselves, without a Runtime at hand: OpenSSL.
/// Fills `bytes` from RandomPurpose::tls of the simulated world whose task calls; false, and nothing is
/// filled, if the caller is no task of such a world. Never switches tasks.
bool drawFromWorld(std::span<std::byte> bytes);

/// Whether there has been a simulated world in this process. If not, drawFromWorld() need not be asked.
bool worldsExist();

/// For the simulation: what drawFromWorld() calls.
void provideWorldChance(bool (*draw)(std::span<std::byte> bytes));

}  // namespace jitrig
