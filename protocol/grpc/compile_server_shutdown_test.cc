#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/grpc/compile_server.h"
#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

using testing::HasSubstr;
using GrpcShutdown = GrpcTest;

TEST_F(GrpcShutdown, WithCallsOpen) {
  serve();
  std::vector<std::unique_ptr<ByteStream>> clients;
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (int count = 0; count < 3; ++count) {
    clients.push_back(connect(count == 2));
    ASSERT_TRUE(writeFrame(*clients.back(), requestFrame()));
    streams.push_back(handed_over.take());
  }
  server->stop();
  server->stop();
  for (const auto& client : clients) EXPECT_EQ(readToTheEnd(*client), NetErrc::reset);
  for (const auto& stream : streams) EXPECT_TRUE(isOver(readToTheEnd(*stream)));
  server.reset();
  for (const auto& stream : streams) EXPECT_FALSE(writeFrame(*stream, queryFrame()));
}

TEST_F(GrpcShutdown, WhileAStreamIsRead) {
  serve();
  const auto client = connect();
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  const auto stream = handed_over.take();
  const auto reader = runtime.spawn("reader", [&] { EXPECT_TRUE(isOver(readToTheEnd(*stream))); });
  server->stop();
  reader->join();
}

TEST_F(GrpcShutdown, NobodyListensAfterwards) {
  serve();
  const CompileClientOptions options = clientOptions();
  const auto before = connect();
  server->stop();
  const auto after = connectToCompileServer(runtime, options, kNever);
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, NetErrc::refused) << after.error().detail;
  EXPECT_THAT(after.error().detail, HasSubstr(toString(options.server)));
  // Its connection is gone; a call says why.
  const auto written = writeFrame(*before, requestFrame());
  EXPECT_FALSE(written && readFrame(*before));
}

TEST_F(GrpcShutdown, WithoutAStart) {
  CompileServerOptions options;
  options.endpoint.port = 0;
  auto never_started = CompileServer::make(runtime, options, handed_over);
  ASSERT_TRUE(never_started);
  options.endpoint.port = (*never_started)->port();
  const auto second = CompileServer::make(runtime, options, handed_over);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, NetErrc::addressInUse) << second.error().detail;
}

/// Finds out that a server has told its client that it ends, in what it sends: whole frames of HTTP/2, each
/// with a size, a type, flags, and the number of its stream.
class GoawayFinder {
 public:
  void read(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    while (bytes_.size() >= kHeaderSize && bytes_.size() >= kHeaderSize + contentSize()) {
      found_ |= bytes_[3] == kGoaway;
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(kHeaderSize + contentSize()));
    }
  }
  bool found() const { return found_; }

 private:
  static constexpr std::size_t kHeaderSize = 9;
  static constexpr std::byte kGoaway{7};

  std::size_t contentSize() const {
    std::size_t size = 0;
    for (const std::byte byte : std::span(bytes_).first(3))
      size = size << 8U | std::to_integer<std::size_t>(byte);
    return size;
  }

  std::vector<std::byte> bytes_;
  bool found_ = false;
};

/// Stands between a client and its server, and may keep what the server sends: then it lies in the
/// connection, written but not read.
class Passage {
 public:
  Passage(Runtime& runtime, std::uint16_t server_port)
      : runtime_(runtime),
        mutex_(runtime.makeMutex("passage")),
        changed_(runtime.makeCondition("passage")),
        acceptor_(runtime.listen({.host = "127.0.0.1", .port = 0}).value()),
        task_(runtime.spawn("passage", [this, server_port] { pass(server_port); })) {}
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  /// After the client has closed.
  ~Passage() { task_->join(); }

  std::uint16_t port() const { return acceptor_->port(); }

  void keepWhatTheServerSends() {
    const Lock lock(*mutex_);
    keeps_ = true;
  }
  /// And whatever comes later.
  void passOn() {
    const Lock lock(*mutex_);
    keeps_ = false;
    flush();
  }

  /// False: it has closed before.
  bool waitUntilTheServerEnds() {
    Lock lock(*mutex_);
    changed_->wait(lock, kNever, [this] { return goaway_.found() || server_has_closed_; });
    return goaway_.found();
  }
  bool serverClosesUntil(Instant deadline) {
    Lock lock(*mutex_);
    return changed_->wait(lock, deadline, [this] { return server_has_closed_; });
  }

 private:
  void pass(std::uint16_t server_port) {
    ConnectionByteStream client(acceptor_->accept(kNever).value());
    ConnectionByteStream server(runtime_.connect({.host = "127.0.0.1", .port = server_port}, kNever).value());
    client_ = &client;
    const auto to_client = runtime_.spawn("to the client", [&] { passToClient(server); });
    std::array<std::byte, 4096> buffer{};
    while (const auto count = client.readSome(buffer, kNever)) {
      if (!writeAll(server, std::span(buffer).first(*count), kNever)) break;
    }
    server.cancel();
    to_client->join();
  }

  void passToClient(ByteStream& server) {
    std::array<std::byte, 4096> buffer{};
    while (const auto count = server.readSome(buffer, kNever)) {
      const auto bytes = std::span(buffer).first(*count);
      const Lock lock(*mutex_);
      goaway_.read(bytes);
      kept_.insert(kept_.end(), bytes.begin(), bytes.end());
      flush();
      changed_->notifyAll();
    }
    const Lock lock(*mutex_);
    server_has_closed_ = true;
    changed_->notifyAll();
  }

  void flush() {
    if (keeps_) return;
    static_cast<void>(writeAll(*client_, kept_, kNever));
    kept_.clear();
  }

  Runtime& runtime_;
  std::unique_ptr<Mutex> mutex_;  // guards what follows
  std::unique_ptr<Condition> changed_;
  ByteStream* client_ = nullptr;
  std::vector<std::byte> kept_;
  GoawayFinder goaway_;
  bool keeps_ = false;
  bool server_has_closed_ = false;
  const std::unique_ptr<Acceptor> acceptor_;
  const std::unique_ptr<Task> task_;
};

TEST_F(GrpcShutdown, TheLastAnswerArrives) {
  serve({.last_answer_grace_ms = kLongMs});
  Passage passage(runtime, server->port());
  CompileClientOptions options = clientOptions();
  options.server.port = passage.port();
  auto client = connect(options);
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  const auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  passage.keepWhatTheServerSends();
  ASSERT_TRUE(writeFrame(*stream, codeFrame()));
  const auto stopping = runtime.spawn("stop", [&] { server->stop(); });
  EXPECT_TRUE(passage.waitUntilTheServerEnds());
  // The answer is underway: the connection stays until the client says that it has read all.
  EXPECT_FALSE(passage.serverClosesUntil(runtime.now() + std::chrono::milliseconds(50)));
  passage.passOn();
  EXPECT_EQ(readFrame(*client), codeFrame());
  client.reset();
  stopping->join();
}

}  // namespace
}  // namespace jitrig
