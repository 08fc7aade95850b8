#include "fakevm/world.h"

#include <array>
#include <fmt/format.h>
#include <string_view>

#include "protocol/runtime/random_stream.h"

namespace jitrig {
namespace {

constexpr std::array<std::string_view, 6> kClasses{"com/example/Orders",  "com/example/Invoice",
                                                   "com/example/Ledger",  "com/example/util/Sorter",
                                                   "com/example/Pricing", "com/example/util/Cache"};
constexpr std::array<std::string_view, 7> kMethods{"total",  "hashCode", "compare", "merge",
                                                   "lookup", "next",     "apply"};
constexpr std::array<std::string_view, 4> kSignatures{"(I)J", "()I", "(Ljava/lang/Object;)Z", "([BII)V"};

// Typical places of a 64-bit JVM with compressed references: RAM classes low, methods behind their class.
constexpr std::uint64_t kFirstClass = 0x0000'0000'0012'a000;
constexpr std::uint64_t kClassDistance = 0x1000;
constexpr std::uint64_t kMethodsInClass = 0x0400;
constexpr std::uint64_t kMethodSize = 0x20;
constexpr std::uint64_t kClassLoader = 0x0000'7f3c'1002'8a40;

std::string romClass(std::uint64_t class_number) {
  RandomStream bytes(class_number);
  const std::size_t size = 400 + 8 * bytes.below(100);
  std::string image;
  for (std::size_t i = 0; i < size; ++i) image.push_back(static_cast<char>(bytes.draw()));
  return image;
}

/// The few classes recur with every method.
const std::array<std::string, kClasses.size()>& romClasses() {
  static const auto kImages = [] {
    std::array<std::string, kClasses.size()> images;
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = romClass(i);
    return images;
  }();
  return kImages;
}

std::uint64_t addressOf(std::uint64_t class_number) {
  return kFirstClass + class_number * kClassDistance;
}

std::vector<WorldClass> makeClasses() {
  std::vector<WorldClass> classes;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    classes.push_back({.name = std::string(kClasses[i]),
                       .loader = std::string(kClasses[0]),
                       .rom_class = romClasses()[i],
                       .address = addressOf(i)});
  }
  return classes;
}

}  // namespace

const std::vector<WorldClass>& World::classes() const {
  static const std::vector<WorldClass> kAll = makeClasses();
  return kAll;
}

/// Each extends the one with half its number.
std::vector<std::uint64_t> World::classChain(std::uint64_t class_address) const {
  std::vector<std::uint64_t> chain{class_address};
  for (std::uint64_t number = (class_address - kFirstClass) / kClassDistance; number != 0; number /= 2)
    chain.push_back(addressOf(number / 2));
  return chain;
}

WorldMethod World::method(std::uint64_t number) const {
  const std::uint64_t class_number = number % kClasses.size();
  const auto method_index = static_cast<std::uint32_t>(number / kClasses.size());
  const std::uint64_t class_address = addressOf(class_number);
  WorldMethod method;
  method.class_name = kClasses[class_number];
  method.name = kMethods[method_index % kMethods.size()];
  if (method_index >= kMethods.size()) method.name += fmt::format("{}", method_index / kMethods.size());
  method.signature = kSignatures[number % kSignatures.size()];
  method.class_address = class_address;
  method.method_address = class_address + kMethodsInClass + method_index * kMethodSize;
  method.class_loader_address = kClassLoader;
  method.method_index = method_index;
  method.rom_class = romClasses()[class_number];
  return method;
}

}  // namespace jitrig
