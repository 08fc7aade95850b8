#include "fakevm/class_history.h"

#include <array>
#include <string_view>

namespace jitrig {
namespace {

bool isTurn(std::uint64_t number, std::uint64_t every) {
  return every != 0 && (number + 1) % every == 0;
}

/// As a class hierarchy table has them on the wire: addresses one after the other. A server without a
/// compiler does not look into them.
void addAddress(std::string& bytes, std::uint64_t address) {
  const char* first = reinterpret_cast<const char*>(&address);
  bytes.append(first, sizeof address);
}

}  // namespace

bool ClassHistory::methodComesUp(std::uint64_t number) {
  const std::uint64_t class_address = world_.method(number).class_address;
  if (isTurn(number, options_.extends_every)) extend(class_address, number);
  if (isTurn(number, options_.modifies_every)) untold_.modified_classes.push_back(class_address);
  const bool unloads = isTurn(number, options_.unloads_every);
  if (unloads) unload(class_address);
  const bool redefines = isTurn(number, options_.redefines_every);
  if (redefines) untold_.unloaded_classes.push_back(ClassChanges::kEverything);
  return unloads || redefines;
}

void ClassHistory::unload(std::uint64_t class_address) {
  untold_.unloaded_classes.push_back(class_address);
  addAddress(untold_.class_hierarchy_removals, class_address);
}

/// Behind the classes that have methods to compile.
void ClassHistory::extend(std::uint64_t class_address, std::uint64_t number) {
  constexpr std::uint64_t kFirstSubclass = 0x0000'0000'0100'0000;
  constexpr std::uint64_t kSubclassDistance = 0x1000;
  addAddress(untold_.class_hierarchy_changes, kFirstSubclass + number * kSubclassDistance);
  addAddress(untold_.class_hierarchy_changes, class_address);
}

}  // namespace jitrig
