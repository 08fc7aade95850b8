// Runs a target on inputs that are kept: corpus entries and past findings. Any compiler builds it.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/changed_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"
#include "protocol/wire/hex.h"

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizers' own
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace jitrig::fuzz {
namespace {

constexpr std::string_view kUsage = R"(usage: fuzz_driver <target> [--changed <n>] <path>...
       fuzz_driver --verdicts <file.hex>...
       fuzz_driver --list

Runs the target on every input there: of a file that ends in .hex on each of its lines, one input in hexadecimal; of
any other file on its bytes; of a folder on all files in it. Then n times on each of them changed a little, always in
the same way. Ends with 1 if there is none, and aborts at the first input for which the target's property does not hold.

--verdicts takes the inputs for messages: a line for each, "refused", or the message as we write it.
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

/// Calls `take` with every input of that file.
template <class Take>
void eachInput(const std::filesystem::path& path, Take take) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  if (path.extension() != ".hex") {
    current_input = path.string();
    return take(std::as_bytes(std::span(content)));
  }
  std::size_t line = 0;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view hex = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), hex.size() + 1));
    current_input = path.string() + ":" + std::to_string(++line);
    take(parseHex(hex).value());
  }
}

std::vector<std::filesystem::path> filesOf(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void checkChanged(const FuzzTarget& target, InputBytes bytes, std::size_t changes) {
  const std::string original = current_input;
  for (std::size_t change = 1; change <= changes; ++change) {
    current_input = original + ", changed " + std::to_string(change);
    const std::vector<std::byte> changed = changedInput(bytes, change);
    current_input += ": " + toHex(changed);
    checkCopy(target, changed);
  }
}

int printVerdicts(std::span<const char* const> paths) {
  for (const char* path : paths) {
    eachInput(path, [](InputBytes bytes) {
      const auto message = MessageView::parse(bytes, options());
      const std::string verdict = message ? toHex(reencoded(*message).serialize()) : "refused";
      std::printf("%s\n", verdict.c_str());
    });
  }
  return 0;
}

int list() {
  std::vector<std::string_view> names;
  for (const FuzzTarget* target : FuzzTarget::all()) names.push_back(target->name());
  std::ranges::sort(names);
  for (const std::string_view name : names) std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
  return 0;
}

int run(const FuzzTarget& target, std::span<const char* const> arguments) {
  std::size_t changes = 0;
  if (arguments.size() > 1 && std::strcmp(arguments[0], "--changed") == 0) {
    changes = std::strtoul(arguments[1], nullptr, 10);
    arguments = arguments.subspan(2);
  }
  std::size_t inputs = 0;
  for (const char* path : arguments) {
    if (!std::filesystem::exists(path)) continue;
    for (const auto& file : filesOf(path)) {
      eachInput(file, [&](InputBytes bytes) {
        ++inputs;
        checkCopy(target, bytes);
        checkChanged(target, bytes, changes);
      });
    }
  }
  std::printf("%zu inputs, each with %zu changes\n", inputs, changes);
  return inputs == 0 ? 1 : 0;
}

int main(std::span<const char* const> arguments) {
  if (arguments.size() == 2 && std::strcmp(arguments[1], "--list") == 0) return list();
  if (arguments.size() > 2 && std::strcmp(arguments[1], "--verdicts") == 0) {
    return printVerdicts(arguments.subspan(2));
  }
  const FuzzTarget* target = arguments.size() > 2 ? find(arguments[1]) : nullptr;
  if (target == nullptr) {
    std::fwrite(kUsage.data(), 1, kUsage.size(), stderr);
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tellInput);
  std::signal(SIGABRT, [](int) { tellInput(); });
  return run(*target, arguments.subspan(2));
}

}  // namespace
}  // namespace jitrig::fuzz

int main(int count, char** arguments) {
  return jitrig::fuzz::main({arguments, static_cast<std::size_t>(count)});
}
