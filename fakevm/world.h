#pragma once

#include <cstdint>
#include <string>

namespace jitrig {

/// A method of the made-up world: names as a JVM has them, addresses as they could lie in its memory.
struct WorldMethod {
  std::string class_name;  ///< "com/example/Orders"
  std::string name;
  std::string signature;
  std::uint64_t method_address = 0;
  std::uint64_t class_address = 0;
  std::uint64_t class_loader_address = 0;
  std::uint32_t method_index = 0;  ///< in its class
  std::string rom_class;           ///< a byte image; only its size and its recurrence matter to the fakes

  /// "com/example/Orders.total(I)J".
  std::string fullName() const { return class_name + "." + name + signature; }
};

/// Classes and methods that nobody wrote: the same number gives the same method, every time and everywhere.
class World {
 public:
  /// The method that the compilation with that number compiles.
  WorldMethod method(std::uint64_t number) const;
};

}  // namespace jitrig
