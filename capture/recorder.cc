#include "capture/recorder.h"

#include <utility>

#include "protocol/runtime/endpoint.h"
#include "protocol/stream/byte_stream_decorator.h"

namespace jitrig {
namespace {

/// Of a name such as "127.0.0.1:38400"; for any other, a made-up address that no other side has.
TcpAddress addressOf(const std::string& name, Peer peer, std::uint32_t connection) {
  if (const auto endpoint = parseEndpoint(name)) {
    if (const auto address = TcpAddress::parse(endpoint->host, endpoint->port)) return *address;
  }
  constexpr std::uint16_t kServerPort = 38400;
  constexpr std::uint16_t kFirstClientPort = 40000;
  if (peer == Peer::responder) return *TcpAddress::parse("127.0.1.2", kServerPort);
  return *TcpAddress::parse("127.0.1.1", static_cast<std::uint16_t>(kFirstClientPort + connection % 20'000));
}

}  // namespace

/// The decorator.
class Recorder final : public ByteStreamDecorator {
 public:
  Recorder(std::unique_ptr<ByteStream> inner, Recording& recording, std::uint32_t connection, Peer local)
      : ByteStreamDecorator(std::move(inner)),
        recording_(recording),
        connection_(connection),
        local_(local) {}

  ~Recorder() override { recording_.forget(connection_, local_); }

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    auto count = inner().readSome(buffer, deadline);
    if (count) {
      recording_.data(connection_, otherPeer(local_), buffer.first(*count));
    } else {
      noteEnd(count.error().code);
    }
    return count;
  }

  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    auto count = inner().writeSome(bytes, deadline);
    if (count) {
      recording_.data(connection_, local_, bytes.first(*count));
    } else {
      noteEnd(count.error().code);
    }
    return count;
  }

  NetResult<void> closeWrite() override {
    auto closed = inner().closeWrite();
    if (closed) recording_.close(connection_, local_, StreamEnd::fin);
    return closed;
  }

  void reset() override {
    inner().reset();
    recording_.close(connection_, local_, StreamEnd::reset);
  }

 private:
  void noteEnd(NetErrc code) {
    if (code == NetErrc::endOfFile) recording_.close(connection_, otherPeer(local_), StreamEnd::fin);
    if (code == NetErrc::reset) recording_.close(connection_, otherPeer(local_), StreamEnd::reset);
  }

  Recording& recording_;
  std::uint32_t connection_;
  Peer local_;
};

Recording::Recording(Runtime& runtime, TrafficSink& sink)
    : runtime_(runtime), sink_(sink), mutex_(runtime.makeMutex("recording")) {}

std::unique_ptr<ByteStream> Recording::record(std::unique_ptr<ByteStream> stream, Peer local) {
  std::uint32_t connection = 0;
  {
    const Lock lock(*mutex_);
    connection = connections_++;
    closed_[connection] = {false, false};
    const bool opened_here = local == Peer::initiator;
    const std::string initiator_name = opened_here ? stream->localName() : stream->peerName();
    const std::string responder_name = opened_here ? stream->peerName() : stream->localName();
    if (!error_) {
      take(sink_.open(connection, addressOf(initiator_name, Peer::initiator, connection),
                      addressOf(responder_name, Peer::responder, connection), runtime_.now().ns));
    }
  }
  return std::make_unique<Recorder>(std::move(stream), *this, connection, local);
}

std::optional<std::string> Recording::error() const {
  const Lock lock(*mutex_);
  return error_;
}

void Recording::data(std::uint32_t connection, Peer sender, std::span<const std::byte> bytes) {
  const Lock lock(*mutex_);
  if (error_ || bytes.empty() || closed_[connection][static_cast<std::size_t>(sender)]) return;
  take(sink_.data(connection, sender, bytes, runtime_.now().ns));
}

void Recording::close(std::uint32_t connection, Peer sender, StreamEnd how) {
  const Lock lock(*mutex_);
  auto& closed = closed_[connection];
  if (closed[static_cast<std::size_t>(sender)]) return;
  closed[static_cast<std::size_t>(sender)] = true;
  if (how == StreamEnd::reset) closed = {true, true};
  if (!error_) take(sink_.close(connection, sender, how, runtime_.now().ns));
}

void Recording::forget(std::uint32_t connection, Peer local) {
  close(connection, local, StreamEnd::fin);
  const Lock lock(*mutex_);
  closed_.erase(connection);
}

void Recording::take(const TrafficSink::Result& result) {
  if (!result) error_ = result.error();
}

}  // namespace jitrig
