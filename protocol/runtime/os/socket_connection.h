#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/os/cancellable_socket.h"
#include "protocol/runtime/os/socket_address.h"

namespace jitrig {

/// A connected TCP socket.
///
/// A read waits in recv() itself, as bare blocking code would: one system call instead of three (try, poll,
/// try again). Its deadline is the socket's SO_RCVTIMEO, set to half of what was left once and then left
/// alone as long as it stays within the deadline; what is left after it is waited for with poll(), exactly.
/// cancel() and reset() get a reader out of recv() by shutting down the reading side, of which TCP tells the
/// peer nothing. Writes seldom wait: they try, then poll().
class SocketConnection final : public Connection, public CancellableSocket {
 public:
  /// Takes a connected socket in blocking mode and sets its options (no delay, keep-alive).
  SocketConnection(SocketServices services, Descriptor descriptor, const SocketAddress& peer);

  const std::string& name() const override { return name_; }
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override;
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override;
  NetResult<void> closeWrite() override;
  void reset() override;
  void cancel() override;
  std::string localName() const override { return local_name_; }
  std::string peerName() const override { return peer_name_; }

 private:
  std::unexpected<NetError> failure(std::string_view operation, NetErrc code, std::string_view reason) const;
  std::unexpected<NetError> systemFailure(std::string_view operation, int error_number);
  /// Nothing if the operation may be tried again.
  std::optional<NetError> waitFor(std::string_view operation, short events, Instant deadline);
  /// recv() under receive_mutex_, or the end by this side. `error_number` is for a count below 0.
  NetResult<std::ptrdiff_t> receive(std::span<std::byte> buffer, Instant deadline, int& error_number);
  /// Whether recv() may wait by itself, because it will give up before the deadline.
  bool givesUpBefore(Instant deadline);
  /// Gets the reader out of recv(), if one is there; its mutex, locked if none was.
  std::unique_lock<std::mutex> expelReader();
  /// cancel() or reset() of this side, which go before everything else.
  std::optional<NetError> ended(std::string_view operation) const;

  std::string local_name_;
  std::string peer_name_;
  std::string name_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> reset_by_this_side_ = false;
  std::atomic<bool> write_closed_ = false;

  /// The errno with which the connection broke, or 0. The kernel reports it once only, to whichever call
  /// comes first; afterwards a read would look like the end of file.
  std::atomic<int> broken_ = 0;
  /// Held over send() and the setting of broken_, so that a reader who sees the kernel's "end of file" can
  /// wait until a send() under way has said whether it was a break.
  std::mutex send_mutex_;
  /// Held by the reader while it is in recv().
  std::mutex receive_mutex_;
  Duration receive_limit_ = Duration::max();  ///< SO_RCVTIMEO; max: none. The reader's.
};

}  // namespace jitrig
