#pragma once

#include <cstdint>
#include <utility>

#include "fakevm/class_changes.h"
#include "fakevm/world.h"

namespace jitrig {

/// What happens to a VM's classes while it compiles: with every n-th method that comes up for compilation; 0:
/// never.
struct ClassEventOptions {
  std::uint64_t unloads_every = 0;    ///< a class is unloaded
  std::uint64_t redefines_every = 0;  ///< classes are redefined with extensions
  std::uint64_t extends_every = 0;    ///< a class is loaded that extends another one
  std::uint64_t modifies_every = 0;   ///< a final field is written to

  bool any() const {
    return unloads_every != 0 || redefines_every != 0 || extends_every != 0 || modifies_every != 0;
  }
};

/// The classes of a made-up world as time goes on, as far as a server has to be told. Not thread-safe; the VM
/// has a lock.
class ClassHistory {
 public:
  explicit ClassHistory(const ClassEventOptions& options) : options_(options) {}

  /// The method with that number, from 0, comes up for compilation. True: something happened that makes
  /// compilations in progress worthless.
  bool methodComesUp(std::uint64_t number);

  /// What no request has told yet; from now on it has.
  ClassChanges take() { return std::exchange(untold_, {}); }

 private:
  void unload(std::uint64_t class_address);
  void extend(std::uint64_t class_address, std::uint64_t number);

  ClassEventOptions options_;
  World world_;
  ClassChanges untold_;
};

}  // namespace jitrig
