#include "scenarios/fault/impostor.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "protocol/stream/byte_stream_decorator.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {
namespace {

/// How long an impostor waits for its client.
constexpr Duration kPatience = std::chrono::seconds(30);

/// The stream that an impostor talks on, as long as it has it.
struct Talk {
  explicit Talk(Runtime& runtime) : mutex(runtime.makeMutex("impostor")) {}

  std::unique_ptr<Mutex> mutex;
  ByteStream* stream = nullptr;
};

/// Tells when it is gone.
class TalkStream final : public ByteStreamDecorator {
 public:
  TalkStream(std::unique_ptr<ByteStream> stream, std::shared_ptr<Talk> talk)
      : ByteStreamDecorator(std::move(stream)), talk_(std::move(talk)) {
    const Lock lock(*talk_->mutex);
    talk_->stream = this;
  }
  ~TalkStream() override {
    const Lock lock(*talk_->mutex);
    talk_->stream = nullptr;
  }

 private:
  std::shared_ptr<Talk> talk_;
};

/// Shakes hands, then listens until the client has had enough.
void impersonate(Runtime& runtime, std::shared_ptr<TlsContext> impostor, std::unique_ptr<ByteStream> stream) {
  const Instant deadline = runtime.now() + kPatience;
  auto secured = TlsByteStream::accept(runtime, std::move(impostor), std::move(stream), deadline);
  if (!secured) return;
  std::array<std::byte, 1024> forgotten{};
  while ((*secured)->readSome(forgotten, deadline)) {
  }
}

/// What the TLS of the local end gets for its connection: one end of a pipe, under the connection's names.
class Impersonated final : public ByteStreamDecorator {
 public:
  Impersonated(std::unique_ptr<ByteStream> near, std::shared_ptr<Talk> talk,
               std::unique_ptr<ByteStream> unused, std::string local_name, std::string peer_name)
      : ByteStreamDecorator(std::move(near)),
        talk_(std::move(talk)),
        unused_(std::move(unused)),
        local_name_(std::move(local_name)),
        peer_name_(std::move(peer_name)) {}

  ~Impersonated() override {
    {
      const Lock lock(*talk_->mutex);
      if (talk_->stream != nullptr) talk_->stream->cancel();
    }
    task_.reset();
  }

  void start(std::unique_ptr<Task> task) { task_ = std::move(task); }

  std::string localName() const override { return local_name_; }
  std::string peerName() const override { return peer_name_; }

 private:
  std::shared_ptr<Talk> talk_;
  std::unique_ptr<ByteStream> unused_;  ///< a client's connection to the right server; open as long as this
  std::string local_name_;
  std::string peer_name_;
  std::unique_ptr<Task> task_;
};

}  // namespace

std::unique_ptr<ByteStream> throughImpostor(Runtime& runtime, std::shared_ptr<TlsContext> impostor,
                                            std::unique_ptr<ByteStream> stream, Direction local) {
  const std::string local_name = stream->localName();
  const std::string peer_name = stream->peerName();
  auto [near, far] = runtime.makePipe("impostor of " + peer_name);
  auto talk = std::make_shared<Talk>(runtime);
  std::unique_ptr<ByteStream> far_stream = std::make_unique<ConnectionByteStream>(std::move(far));
  std::unique_ptr<ByteStream> talking;
  std::unique_ptr<ByteStream> unused;
  // Beside a client the impostor talks into the pipe; beside a server it talks to the client, and the server
  // listens to a pipe into which nobody talks.
  if (local == Direction::client) {
    talking = std::make_unique<TalkStream>(std::move(far_stream), talk);
    unused = std::move(stream);
  } else {
    talking = std::make_unique<TalkStream>(std::move(stream), talk);
  }
  auto impersonated = std::make_unique<Impersonated>(std::make_unique<ConnectionByteStream>(std::move(near)),
                                                     talk, std::move(unused), local_name, peer_name);
  impersonated->start(runtime.spawn(
      "impostor",
      [&runtime, impostor = std::move(impostor), talking = std::move(talking),
       silent = std::move(far_stream)]() mutable { impersonate(runtime, impostor, std::move(talking)); }));
  return impersonated;
}

}  // namespace jitrig
