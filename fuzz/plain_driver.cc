// Runs a target on inputs that are kept: corpus entries and past findings. Any compiler builds it.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "protocol/wire/hex.h"

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace jitrig::fuzz {
namespace {

constexpr std::string_view kUsage = R"(usage: fuzz_driver <target> <path>...
       fuzz_driver --list

Runs the target on every input there: of a file that ends in .hex on each of its lines, one input in hexadecimal; of
any other file on its bytes; of a folder on all files in it. Ends with 1 if there is none, and aborts at the first input
for which the target's property does not hold.
)";

std::string current_input;  ///< told when the process dies

void tellInput() {
  std::fprintf(stderr, "fuzz_driver: the input was %s\n", current_input.c_str());
}

const FuzzTarget* find(std::string_view name) {
  for (const FuzzTarget* target : FuzzTarget::all()) {
    if (target->name() == name) return target;
  }
  return nullptr;
}

void checkCopy(const FuzzTarget& target, InputBytes bytes) {
  const auto exact = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::copy(bytes, exact.get());
  target.check({exact.get(), bytes.size()});
}

std::size_t runFile(const FuzzTarget& target, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), {});
  if (path.extension() != ".hex") {
    current_input = path.string();
    checkCopy(target, std::as_bytes(std::span(content)));
    return 1;
  }
  std::size_t line = 0;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view hex = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), hex.size() + 1));
    current_input = path.string() + ":" + std::to_string(++line);
    checkCopy(target, parseHex(hex).value());
  }
  return line;
}

std::size_t run(const FuzzTarget& target, const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return runFile(target, path);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::size_t inputs = 0;
  for (const auto& file : files) inputs += runFile(target, file);
  return inputs;
}

int list() {
  std::vector<std::string_view> names;
  for (const FuzzTarget* target : FuzzTarget::all()) names.push_back(target->name());
  std::ranges::sort(names);
  for (const std::string_view name : names) std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
  return 0;
}

int main(std::span<const char* const> arguments) {
  if (arguments.size() == 2 && std::strcmp(arguments[1], "--list") == 0) return list();
  const FuzzTarget* target = arguments.size() > 2 ? find(arguments[1]) : nullptr;
  if (target == nullptr) {
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tellInput);
  std::size_t inputs = 0;
  for (const char* path : arguments.subspan(2)) {
    if (std::filesystem::exists(path)) inputs += run(*target, path);
  }
  std::printf("%s: %zu inputs\n", arguments[1], inputs);
  return inputs == 0 ? 1 : 0;
}

}  // namespace
}  // namespace jitrig::fuzz

int main(int count, char** arguments) {
  return jitrig::fuzz::main({arguments, static_cast<std::size_t>(count)});
}
