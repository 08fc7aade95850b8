#include "scenarios/system/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <linux/close_range.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jitrig {
namespace {

constexpr int kExitStatusCannotStart = 127;  // as shells have it

[[noreturn]] void throwErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Pipe makePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throwErrno("pipe2");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// This process's environment with `more` in front: the first of two equal names counts for most readers, but
/// not for all, so ours replaces theirs.
std::vector<std::string> environmentWith(const std::vector<std::string>& more) {
  std::vector<std::string> all = more;
  const auto nameOf = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view name = nameOf(*entry);
    if (std::ranges::none_of(more, [&](const std::string& ours) { return nameOf(ours) == name; })) {
      all.emplace_back(*entry);
    }
  }
  return all;
}

std::vector<char*> pointersInto(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// In the child, between fork() and execve(): nothing but system calls.
[[noreturn]] void becomeShell(pid_t parent, int out, int error_text, char* const* arguments,
                              char* const* environment) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExitStatusCannotStart);  // it ended before prctl()
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(error_text, STDERR_FILENO);
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  execve(arguments[0], arguments, environment);
  _exit(kExitStatusCannotStart);
}

}  // namespace

ChildProcess startShell(const std::string& command, const std::vector<std::string>& environment) {
  Pipe out = makePipe();
  Pipe error_text = makePipe();
  std::vector<std::string> argument_texts{"/bin/sh", "-c", command};
  std::vector<std::string> environment_texts = environmentWith(environment);
  const std::vector<char*> arguments = pointersInto(argument_texts);
  const std::vector<char*> variables = pointersInto(environment_texts);
  const pid_t parent = getpid();

  ChildProcess child;
  child.process = fork();
  if (child.process < 0) throwErrno("fork");
  if (child.process == 0) {
    becomeShell(parent, out.write_end.number(), error_text.write_end.number(), arguments.data(),
                variables.data());
  }
  setpgid(child.process, child.process);  // whoever of the two comes first
  child.ended = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.process, 0)));
  if (!child.ended.valid()) {
    const int error_number = errno;
    kill(-child.process, SIGKILL);
    throw std::system_error(error_number, std::generic_category(), "pidfd_open");
  }
  child.out = std::move(out.read_end);
  child.error_text = std::move(error_text.read_end);
  return child;
}

}  // namespace jitrig
