#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// A class of it.
struct WorldClass {
  std::string name;
  std::string loader;  ///< the name of the first class that its loader has loaded
  std::string rom_class;
  std::uint64_t address = 0;
};

/// Classes and methods that nobody wrote: the same number gives the same method, every time and everywhere.
class World {
 public:
  /// The method that the compilation with that number compiles.
  WorldMethod method(std::uint64_t number) const;
  /// All that have methods.
  const std::vector<WorldClass>& classes() const;
  /// The addresses of a class and of those that it extends, one after the other.
  std::vector<std::uint64_t> classChain(std::uint64_t class_address) const;
};

}  // namespace jitrig
