#include "protocol/runtime/os/socket_connection.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protocol/runtime/os/socket_error.h"

namespace jitrig {
namespace {

/// Socket options that are only wishes: a socket that cannot have them (already reset by its peer) shows its
/// state at the first read.
void wishOption(int descriptor, int level, int option, int value) {
  static_cast<void>(setsockopt(descriptor, level, option, &value, sizeof value));
}

/// With less time left than this, a read polls: SO_RCVTIMEO counts in ticks of the kernel's.
constexpr Duration kShortestReceive = std::chrono::milliseconds(20);

bool wouldWait(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK;
}

}  // namespace

SocketConnection::SocketConnection(SocketServices services, Descriptor descriptor, const SocketAddress& peer)
    : CancellableSocket(services, std::move(descriptor)),
      local_name_(toString(localAddress(this->descriptor()))),
      peer_name_(toString(peer)),
      name_(fmt::format("{} -> {}", local_name_, peer_name_)) {
  wishOption(this->descriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
  wishOption(this->descriptor(), SOL_SOCKET, SO_KEEPALIVE, 1);
}

NetResult<std::size_t> SocketConnection::readSome(std::span<std::byte> buffer, Instant deadline) {
  if (buffer.empty()) return failure("read", NetErrc::other, "the buffer has size 0");
  while (true) {
    int error_number = 0;
    const auto received = receive(buffer, deadline, error_number);
    if (!received) return std::unexpected(received.error());
    if (*received > 0) return static_cast<std::size_t>(*received);
    if (*received == 0) {
      const std::lock_guard wait_for_send(send_mutex_);
      if (auto error = ended("read")) return std::unexpected(*error);
      if (broken_ != 0) return failure("read", NetErrc::reset, systemWords(broken_));
      return failure("read", NetErrc::endOfFile, "end of file");
    }
    if (error_number == EINTR) continue;
    if (!wouldWait(error_number)) return systemFailure("read", error_number);
    if (auto error = waitFor("read", POLLIN, deadline)) return std::unexpected(*error);
  }
}

NetResult<std::ptrdiff_t> SocketConnection::receive(std::span<std::byte> buffer, Instant deadline,
                                                    int& error_number) {
  const std::lock_guard receiving(receive_mutex_);
  if (auto error = ended("read")) return std::unexpected(*error);
  const int flags = givesUpBefore(deadline) ? 0 : MSG_DONTWAIT;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection) The lock is meant for this call.
  const ssize_t count = recv(descriptor(), buffer.data(), buffer.size(), flags);
  error_number = errno;
  return count;
}

bool SocketConnection::givesUpBefore(Instant deadline) {
  if (deadline == kAtOnce) return false;
  const Instant now = clock().now();
  if (deadline <= now) return false;
  const Duration left = deadline == kNever ? Duration::max() : deadline - now;
  if (receive_limit_ <= left) return true;
  if (left < kShortestReceive) return false;
  const Duration limit = left / 2;
  const timeval length{limit / std::chrono::seconds(1),
                       limit % std::chrono::seconds(1) / std::chrono::microseconds(1)};
  if (setsockopt(descriptor(), SOL_SOCKET, SO_RCVTIMEO, &length, sizeof length) != 0) return false;
  receive_limit_ = limit;
  return true;
}

/// The caller has set what ended() looks at: a reader who comes from now on does not enter recv().
std::unique_lock<std::mutex> SocketConnection::expelReader() {
  std::unique_lock lock(receive_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) static_cast<void>(shutdown(descriptor(), SHUT_RD));
  return lock;
}

NetResult<std::size_t> SocketConnection::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  while (true) {
    if (auto error = ended("write")) return std::unexpected(*error);
    if (write_closed_) return failure("write", NetErrc::other, "after closeWrite");
    if (bytes.empty()) return 0;
    {
      const std::lock_guard sending(send_mutex_);
      const ssize_t count = send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      const int error_number = errno;
      if (count >= 0) return static_cast<std::size_t>(count);
      if (error_number == EINTR) continue;
      if (!wouldWait(error_number)) return systemFailure("write", error_number);
    }
    if (auto error = waitFor("write", POLLOUT, deadline)) return std::unexpected(*error);
  }
}

NetResult<void> SocketConnection::closeWrite() {
  if (auto error = ended("closeWrite")) return std::unexpected(*error);
  write_closed_ = true;
  if (shutdown(descriptor(), SHUT_WR) == 0) return {};
  return systemFailure("closeWrite", errno);
}

void SocketConnection::reset() {
  if (!reset_by_this_side_.exchange(true)) {
    // Some kernels refuse to dissolve an association while somebody is in recv().
    auto no_reader = expelReader();
    if (!no_reader.owns_lock()) no_reader.lock();
    // The destructor's close() resets too, should the next step not be possible.
    const linger none{1, 0};
    static_cast<void>(setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &none, sizeof none));
    // Dissolving the association sends the reset at once and keeps the descriptor open. Other tasks may be in
    // send() or recv() meanwhile, which the kernel allows; but ThreadSanitizer takes every connect() for the
    // making of the descriptor, hence for a race with them, so that it is not to see this one.
    sockaddr unspecified{};
    unspecified.sa_family = AF_UNSPEC;
    static_cast<void>(syscall(SYS_connect, descriptor(), &unspecified, sizeof unspecified));
  }
  interrupt();
}

void SocketConnection::cancel() {
  cancelled_ = true;
  static_cast<void>(expelReader());
  interrupt();
}

std::optional<NetError> SocketConnection::ended(std::string_view operation) const {
  if (cancelled_) return failure(operation, NetErrc::cancelled, "cancelled").error();
  if (reset_by_this_side_) return failure(operation, NetErrc::reset, "reset by this side").error();
  return std::nullopt;
}

std::optional<NetError> SocketConnection::waitFor(std::string_view operation, short events,
                                                  Instant deadline) {
  switch (wait(events, deadline)) {
    case WaitOutcome::ready:
    case WaitOutcome::interrupted:  // the caller finds out why
      return std::nullopt;
    case WaitOutcome::timedOut: return failure(operation, NetErrc::timedOut, "the deadline passed").error();
    case WaitOutcome::limit: break;
  }
  return failure(operation, NetErrc::limit, "no descriptor left to wait with").error();
}

std::unexpected<NetError> SocketConnection::failure(std::string_view operation, NetErrc code,
                                                    std::string_view reason) const {
  return std::unexpected(NetError{code, fmt::format("{} {}: {}", operation, name_, reason)});
}

std::unexpected<NetError> SocketConnection::systemFailure(std::string_view operation, int error_number) {
  // Another task may have ended the connection while this one was in the system call.
  if (auto error = ended(operation)) return std::unexpected(*error);
  const NetErrc code = toNetErrc(error_number);
  if (code == NetErrc::limit || code == NetErrc::other)
    return failure(operation, code, systemWords(error_number));
  // Whatever broke it (a reset, no answer to retransmissions or keep-alive, no route any more): it is broken,
  // and no deadline of the caller has passed. Not so EPIPE: there the peer closed first, in order, and our
  // reads still end with the end of file.
  if (error_number != EPIPE) broken_ = error_number;
  return failure(operation, NetErrc::reset, systemWords(error_number));
}

}  // namespace jitrig
