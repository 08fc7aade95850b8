#include "scenarios/simulate/worker_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace jitrig {
namespace {

constexpr int kThrewStatus = 70;

[[noreturn]] void throwErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// False if the other side is no more.
bool sendAll(int descriptor, const void* data, std::size_t size) {
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(descriptor, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    next += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receiveAll(int descriptor, void* data, std::size_t size) {
  auto* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t received = ::recv(descriptor, next, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    next += received;
    size -= static_cast<std::size_t>(received);
  }
  return true;
}

/// The life of a child: answers numbers until the parent closes. Leaves without the destructors of what
/// belongs to the parent.
[[noreturn]] void serve(int descriptor, const std::function<std::string(std::uint64_t)>& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int status = 0;
  try {
    std::uint64_t number = 0;
    while (receiveAll(descriptor, &number, sizeof number)) {
      const std::string answer = work(number);
      const std::uint64_t size = answer.size();
      if (!sendAll(descriptor, &size, sizeof size) || !sendAll(descriptor, answer.data(), answer.size()))
        break;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "jitrig: a job threw: %s\n", error.what());
    status = kThrewStatus;
  }
  std::fflush(nullptr);
  ::_exit(status);
}

}  // namespace

WorkerProcess::WorkerProcess(const std::function<std::string(std::uint64_t)>& work,
                             const std::vector<int>& inherited) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throwErrno("socketpair");
  std::fflush(nullptr);  // or the child would print it again
  process_ = ::fork();
  if (process_ < 0) {
    const int error = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw std::system_error(error, std::generic_category(), "fork");
  }
  if (process_ == 0) {
    ::close(ends[0]);
    for (const int descriptor : inherited) ::close(descriptor);
    serve(ends[1], work);
  }
  ::close(ends[1]);
  descriptor_ = ends[0];
}

WorkerProcess::~WorkerProcess() {
  if (process_ < 0) return;
  if (!isIdle()) kill();
  waitForEnd();
}

bool WorkerProcess::send(std::uint64_t number) {
  number_ = number;
  since_ = Clock::now();
  ended_ = !sendAll(descriptor_, &number, sizeof number);
  return !ended_;
}

std::optional<std::string> WorkerProcess::receive() {
  std::array<char, 65'536> piece;
  const ssize_t received = ::recv(descriptor_, piece.data(), piece.size(), MSG_DONTWAIT);
  if (received < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  if (received <= 0) {
    ended_ = true;
    return std::nullopt;
  }
  received_.append(piece.data(), static_cast<std::size_t>(received));
  std::uint64_t size = 0;
  if (received_.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, received_.data(), sizeof size);
  if (received_.size() - sizeof size < size) return std::nullopt;
  std::string answer = received_.substr(sizeof size, size);
  received_.clear();
  number_.reset();
  return answer;
}

void WorkerProcess::kill() {
  ::kill(process_, SIGKILL);
}

std::string WorkerProcess::end() {
  return waitForEnd();
}

std::string WorkerProcess::waitForEnd() {
  ::close(descriptor_);  // an idle child leaves
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return fmt::format("killed by signal {} ({})", number, ::strsignal(number));
  }
  return fmt::format("its process ended with status {}", WEXITSTATUS(status));
}

}  // namespace jitrig
