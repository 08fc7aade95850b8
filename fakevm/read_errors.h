#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "fakevm/stream_loss.h"

namespace jitrig {

/// Counts reads that fail alike, one after the other: so does a client notice that a server accepts its
/// connections and then wants none of what it says, as one does that expects TLS. One for all threads of a
/// VM.
class ReadErrors {
 public:
  static constexpr std::uint32_t kMaxReadRetry = 2;  ///< MAX_READ_RETRY

  /// A message has been read.
  void messageRead() { count_ = 0; }

  /// Only the first read of a message counts; other failures change nothing.
  void failed(const StreamLoss& loss) {
    if (!loss.first_read) return;
    const Kind kind{loss.cause, loss.net_error};
    count_ = count_ != 0 && last_ == kind ? count_ + 1 : 1;
    last_ = kind;
  }

  /// The server is not to be trusted for now.
  bool tooMany() const { return count_ >= kMaxReadRetry; }

 private:
  using Kind = std::pair<StreamFailure::Cause, NetErrc>;

  std::uint32_t count_ = 0;
  std::optional<Kind> last_;
};

}  // namespace jitrig
