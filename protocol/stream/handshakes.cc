#include "protocol/stream/handshakes.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <utility>

namespace jitrig {
namespace {

/// A connection that is in its handshake: shared by TLS, which talks over it, and by who may cancel it.
class HalfOpenConnection {
 public:
  explicit HalfOpenConnection(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {}

  ByteStream& bytes() { return *bytes_; }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) {
    auto count = bytes_->readSome(buffer, deadline);
    if (count) {
      received_ = true;
    } else {
      closed_ = count.error().code == NetErrc::endOfFile || count.error().code == NetErrc::reset;
    }
    return count;
  }

  /// The peer ended the connection, and never sent a byte. Not while a task reads.
  bool closedUnused() const { return closed_ && !received_; }

 private:
  std::unique_ptr<ByteStream> bytes_;
  bool received_ = false;
  bool closed_ = false;
};

/// The share of TLS.
class SharedByteStream final : public ByteStream {
 public:
  explicit SharedByteStream(std::shared_ptr<HalfOpenConnection> connection)
      : connection_(std::move(connection)) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return connection_->readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return connection_->bytes().writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override { return connection_->bytes().closeWrite(); }
  void reset() override { connection_->bytes().reset(); }
  void cancel() override { connection_->bytes().cancel(); }
  std::size_t buffered() const override { return connection_->bytes().buffered(); }
  Waitable& waitable() override { return connection_->bytes().waitable(); }
  std::string localName() const override { return connection_->bytes().localName(); }
  std::string peerName() const override { return connection_->bytes().peerName(); }

 private:
  std::shared_ptr<HalfOpenConnection> connection_;
};

}  // namespace

struct Handshakes::Handshake {
  std::uint64_t id = 0;
  std::string name;
  std::shared_ptr<HalfOpenConnection> connection;
  Instant began;
  bool ended = false;
  NetResult<std::unique_ptr<ByteStream>> result;  ///< null until it has ended
  std::unique_ptr<Task> task;
};

Handshakes::Handshakes(Runtime& runtime, HandshakeOptions options, Selector& waker)
    : runtime_(runtime),
      options_(std::move(options)),
      waker_(waker),
      mutex_(runtime.makeMutex("TLS handshakes")) {}

Handshakes::~Handshakes() {
  stop();
}

NetResult<void> Handshakes::begin(std::unique_ptr<ByteStream> connection) {
  auto handshake = std::make_unique<Handshake>();
  handshake->id = ++last_id_;
  handshake->name = fmt::format("{} -> {}", connection->localName(), connection->peerName());
  handshake->began = runtime_.now();
  const std::string task_name = fmt::format("TLS handshake with {}", connection->peerName());
  handshake->connection = std::make_shared<HalfOpenConnection>(std::move(connection));
  Handshake& begun = *handshake;
  half_open_.fetch_add(1);
  try {
    begun.task = runtime_.spawn(task_name, [this, &begun] { run(begun); });
  } catch (const std::exception& exception) {  // the process is out of threads, or of memory
    half_open_.fetch_sub(1);
    return std::unexpected(
        NetError{NetErrc::limit, fmt::format("TLS handshake: no task for it: {}", exception.what())});
  }
  handshakes_.emplace(begun.id, std::move(handshake));
  return {};
}

/// In the handshake's task.
void Handshakes::run(Handshake& handshake) {
  NetResult<std::unique_ptr<ByteStream>> result;
  try {
    auto secured = TlsByteStream::accept(runtime_, options_.tls,
                                         std::make_unique<SharedByteStream>(handshake.connection),
                                         handshake.began + options_.timeout);
    if (secured) {
      result = std::move(*secured);
    } else {
      result = std::unexpected(std::move(secured.error()));
    }
  } catch (const std::exception& exception) {
    result = std::unexpected(NetError{NetErrc::other, exception.what()});
  }
  {
    const Lock lock(*mutex_);
    handshake.result = std::move(result);
    handshake.ended = true;
    ended_.push_back(handshake.id);
    half_open_.fetch_sub(1);
  }
  waker_.wake();
}

std::vector<Handshakes::Outcome> Handshakes::takeEnded() {
  std::vector<std::uint64_t> ids;
  {
    const Lock lock(*mutex_);
    ids.swap(ended_);
  }
  std::vector<Outcome> outcomes;
  for (const std::uint64_t id : ids) outcomes.push_back(finish(id));
  return outcomes;
}

/// Of a handshake whose task ends, or has ended.
Handshakes::Outcome Handshakes::finish(std::uint64_t id) {
  const auto node = handshakes_.extract(id);
  Handshake& handshake = *node.mapped();
  handshake.task->join();
  Outcome outcome{.name = std::move(handshake.name), .stream = std::move(handshake.result), .probe = false};
  outcome.probe = !outcome.stream && handshake.connection->closedUnused();
  return outcome;
}

Handshakes::Handshake* Handshakes::oldest() const {
  const Lock lock(*mutex_);
  const auto found = std::ranges::find_if(handshakes_, [](const auto& each) { return !each.second->ended; });
  return found == handshakes_.end() ? nullptr : found->second.get();
}

Instant Handshakes::roomAt() const {
  if (!full()) return kAtOnce;
  const Handshake* handshake = oldest();
  return handshake == nullptr ? kAtOnce : handshake->began + options_.grace;
}

std::optional<Handshakes::Outcome> Handshakes::dropOldest() {
  Handshake* handshake = oldest();
  if (handshake == nullptr || runtime_.now() < handshake->began + options_.grace) return std::nullopt;
  const std::uint64_t id = handshake->id;
  const Duration age = runtime_.now() - handshake->began;
  handshake->connection->bytes().cancel();
  Outcome outcome = finish(id);
  {
    const Lock lock(*mutex_);
    std::erase(ended_, id);
  }
  outcome.probe = false;
  outcome.stream = std::unexpected(NetError{
      NetErrc::limit, fmt::format("TLS handshake: dropped for a newer connection after {} ms",
                                  std::chrono::duration_cast<std::chrono::milliseconds>(age).count())});
  return outcome;
}

void Handshakes::stop() {
  for (const auto& [id, handshake] : handshakes_) handshake->connection->bytes().cancel();
  handshakes_.clear();  // joins, and closes
  const Lock lock(*mutex_);
  ended_.clear();
}

}  // namespace jitrig
