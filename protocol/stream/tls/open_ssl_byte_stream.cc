#include "protocol/stream/tls/open_ssl_byte_stream.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "protocol/runtime/reached.h"

namespace jitrig {
namespace {

/// What is encrypted, and handed over, at once.
constexpr std::size_t kWriteBytes = std::size_t{64} * 1024;

/// What a read takes after its deadline, if it is there at once: a record that has begun may become complete,
/// but records without data must not keep a reader for ever.
constexpr std::size_t kMaxLateBytes = std::size_t{17} * 1024;

}  // namespace

OpenSslByteStream::OpenSslByteStream(Runtime& runtime, std::shared_ptr<OpenSslContext> context,
                                     std::unique_ptr<ByteStream> inner, std::unique_ptr<TlsEngine> engine)
    : runtime_(runtime),
      context_(std::move(context)),
      inner_(std::move(inner)),
      engine_(std::move(engine)),
      writing_(runtime.makeMutex("TLS: writing")),
      engine_lock_(runtime.makeMutex("TLS")) {}

OpenSslByteStream::~OpenSslByteStream() {
  // Nobody else is inside any more: no locks.
  if (!write_closed_ && !cancelled_ && !reset_) {
    engine_->closeNotify();
    try {
      [[maybe_unused]] const auto sent = send(kAtOnce);
      // A destructor must not throw. What comes here is the end of a simulated world, which throws again at
      // the task's next call, or a lack of memory, in which close_notify is no loss.
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
  }
  engine_.reset();
}

std::unexpected<NetError> OpenSslByteStream::failure(std::string_view operation,
                                                     const NetError& error) const {
  return std::unexpected(NetError{
      error.code, fmt::format("TLS {} {} -> {}: {}", operation, localName(), peerName(), error.detail)});
}

std::optional<NetError> OpenSslByteStream::ended(std::string_view operation) const {
  if (cancelled_) return failure(operation, {NetErrc::cancelled, "cancelled"}).error();
  if (reset_) return failure(operation, {NetErrc::reset, "reset by this side"}).error();
  return std::nullopt;
}

NetResult<std::size_t> OpenSslByteStream::readSome(std::span<std::byte> buffer, Instant deadline) {
  if (auto error = ended("read")) return std::unexpected(*error);
  if (buffer.empty()) return failure("read", {NetErrc::other, "the buffer has size 0"});
  if (heldBytes() != 0) return decrypt(buffer, {});

  ReadBuffer records;  // NOLINT(cppcoreguidelines-pro-type-member-init) 17 KiB that the read fills
  std::size_t late_bytes = 0;
  while (true) {
    const auto count = inner_->readSome(records, deadline);
    if (!count) return failure("read", endOfInner(count.error()));
    auto decrypted = decrypt(buffer, std::span(records).first(*count));
    if (!decrypted || *decrypted != 0) return decrypted;
    if (runtime_.now() <= deadline) continue;
    late_bytes += *count;
    if (late_bytes > kMaxLateBytes) {
      return failure("read", {NetErrc::timedOut, "the deadline passed while records without data came"});
    }
  }
}

NetResult<std::size_t> OpenSslByteStream::decrypt(std::span<std::byte> buffer,
                                                  std::span<const std::byte> records) {
  bool has_output = false;
  const auto decrypted = [&] {
    const Lock lock(*engine_lock_);
    const std::size_t output_before = engine_->outputBytes();
    if (!records.empty()) engine_->feed(records);
    auto count = engine_->decrypt(buffer);
    engine_->keepInput();
    held_.store(engine_->held(), std::memory_order_relaxed);
    has_output = engine_->outputBytes() != output_before;
    return count;
  }();
  if (has_output) sendAtOnceUnlessBusy();
  keepNewSession();
  if (!decrypted) return failure("read", decrypted.error());
  return decrypted;
}

NetError OpenSslByteStream::endOfInner(const NetError& error) {
  if (error.code != NetErrc::endOfFile) return error;
  const Lock lock(*engine_lock_);
  const bool inside_record = engine_->insideRecord();
  if (inside_record) {
    JITRIG_REACHED("tls: the connection ends inside a record");
  } else {
    JITRIG_REACHED("tls: the connection ends without close_notify");
  }
  const std::string words = inside_record ? "the peer closed the connection inside a TLS record"
                                          : "the peer closed the connection without TLS's close_notify";
  return {NetErrc::endOfFile, saysMore(error) ? fmt::format("{} ({})", words, error.detail) : words};
}

void OpenSslByteStream::sendAtOnceUnlessBusy() {
  const Lock writing(*writing_, std::try_to_lock);
  if (!writing) JITRIG_REACHED("tls: the reader has something to say while somebody writes");
  if (!writing || write_closed_) return;
  [[maybe_unused]] const auto sent = send(kAtOnce);  // an error will be the next write's
}

void OpenSslByteStream::keepNewSession() {
  OpenSslPointer<ssl_session_st> session = engine_->takeNewSession();
  if (session) context_->sessions().keep(session_key_, std::move(session));
}

NetResult<void> OpenSslByteStream::send(Instant deadline) {
  while (true) {
    if (sent_ == sending_.size()) {
      const Lock lock(*engine_lock_);
      sending_ = engine_->takeOutput();  // frees what was sent
      sent_ = 0;
      if (sending_.empty()) return {};
    }
    const auto count = inner_->writeSome(std::span(sending_).subspan(sent_), deadline);
    if (!count) return std::unexpected(count.error());
    sent_ += *count;
  }
}

NetResult<std::size_t> OpenSslByteStream::writeSome(std::span<const std::byte> bytes, Instant deadline) {
  const Lock writing(*writing_);
  if (auto error = ended("write")) return std::unexpected(*error);
  if (write_closed_) return failure("write", {NetErrc::other, "after closeWrite"});
  if (bytes.empty()) return 0;
  if (sent_ != sending_.size()) {
    if (auto sent = send(deadline); !sent) return failure("write", sent.error());
  }
  if (!owed_.empty()) return settleOwed(bytes);

  const auto chunk = bytes.first(std::min(bytes.size(), kWriteBytes));
  {
    const Lock lock(*engine_lock_);
    if (auto encrypted = engine_->encrypt(chunk); !encrypted) return failure("write", encrypted.error());
  }
  if (auto sent = send(deadline); !sent) {
    if (sent.error().code == NetErrc::timedOut) {
      JITRIG_REACHED("tls: a write times out when its bytes are encrypted");
      owed_.assign(chunk.begin(), chunk.end());
    }
    return failure("write", sent.error());
  }
  return chunk.size();
}

NetResult<std::size_t> OpenSslByteStream::settleOwed(std::span<const std::byte> bytes) {
  const std::size_t size = std::min(bytes.size(), owed_.size());
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), owed_.begin())) {
    return failure("write",
                   {NetErrc::other,
                    "the write before timed out when its bytes were encrypted already: the same bytes "
                    "have to be written again before others"});
  }
  owed_.erase(owed_.begin(), owed_.begin() + static_cast<std::ptrdiff_t>(size));
  return size;
}

NetResult<void> OpenSslByteStream::closeWrite() {
  const Lock writing(*writing_);
  if (auto error = ended("closeWrite")) return std::unexpected(*error);
  if (!write_closed_) {
    write_closed_ = true;
    {
      const Lock lock(*engine_lock_);
      engine_->closeNotify();
    }
    // A peer that takes nothing must not hold up the end; it sees that of the inner stream.
    [[maybe_unused]] const auto sent = send(runtime_.now() + kLastWordPatience);
  }
  return inner_->closeWrite();
}

void OpenSslByteStream::reset() {
  reset_ = true;
  inner_->reset();
}

void OpenSslByteStream::cancel() {
  cancelled_ = true;
  inner_->cancel();
}

}  // namespace jitrig
