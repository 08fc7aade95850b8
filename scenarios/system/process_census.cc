#include "scenarios/system/process_census.h"

#include <array>
#include <charconv>
#include <dirent.h>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

#ifdef __has_feature
#define JITRIG_CLANG_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define JITRIG_CLANG_THREAD_SANITIZER 0
#endif

namespace jitrig {
namespace {

constexpr std::chrono::milliseconds kCensusInterval{1};

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// The names in a folder of /proc that are numbers.
std::vector<int> numbersIn(const char* path) {
  std::vector<int> numbers;
  const std::unique_ptr<DIR, CloseFolder> folder(opendir(path));
  if (!folder) return numbers;
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): our folder
    const std::string_view name(entry->d_name);
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc{} && end == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

/// "": it is not open.
std::string describeDescriptor(int number) {
  std::array<char, 256> target{};
  const ssize_t size =
      readlink(fmt::format("/proc/self/fd/{}", number).c_str(), target.data(), target.size());
  return size < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(size));
}

std::vector<std::string> moreThan(const ProcessCensus& before, const ProcessCensus& now) {
  std::vector<std::string> leaks;
  std::string names;
  std::size_t count = 0;
  for (const auto& [number, what] : now.descriptors) {
    const auto known = before.descriptors.find(number);
    if (known != before.descriptors.end() && known->second == what) continue;
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", number, what);
    ++count;
  }
  if (now.descriptors.size() > before.descriptors.size())
    leaks.push_back(fmt::format("{} new descriptors, {} more than before: {}", count,
                                now.descriptors.size() - before.descriptors.size(), names));
  if (now.threads > before.threads)
    leaks.push_back(fmt::format("{} threads, {} before", now.threads, before.threads));
  return leaks;
}

}  // namespace

ProcessCensus ProcessCensus::take() {
#if defined(__SANITIZE_THREAD__) || JITRIG_CLANG_THREAD_SANITIZER
  // ThreadSanitizer has a thread of its own from the first one on that a process begins; that must not count
  // as left over.
  std::thread([] {}).join();
#endif
  ProcessCensus census;
  for (const int number : numbersIn("/proc/self/fd")) {
    // The one with which the folder was read is among them, and no longer there.
    if (std::string what = describeDescriptor(number); !what.empty()) {
      census.descriptors.emplace(number, std::move(what));
    }
  }
  census.threads = threadsOfThisProcess().size();
  return census;
}

std::vector<std::string> leakedSince(const ProcessCensus& before, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    auto leaks = moreThan(before, ProcessCensus::take());
    if (leaks.empty() || std::chrono::steady_clock::now() >= deadline) return leaks;
    std::this_thread::sleep_for(kCensusInterval);
  }
}

std::vector<int> threadsOfThisProcess() {
  return numbersIn("/proc/self/task");
}

}  // namespace jitrig
