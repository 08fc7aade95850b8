#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocol/grpc/compile_client.h"
#include "protocol/grpc/compile_frames.h"
#include "protocol/grpc/compile_server.h"
#include "protocol/jitaas/args_protobuf.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/runtime/os/operating_system_runtime.h"

namespace jitrig {

/// Longer than any machine takes.
inline constexpr std::int64_t kLongMs = 100'000;

inline constexpr std::int32_t kQueryType = 303;  // VM_dereferenceStaticAddress

/// A frame with these values.
template <class... T>
std::vector<std::byte> frameWith(std::int32_t type, const T&... values) {
  JitaasMessage message(type);
  setArgs(message, values...);
  return message.serialize();
}

inline std::vector<std::byte> requestFrame(const std::string& method = "method") {
  return frameWith(CompileFrameType::kCompilationRequest, std::uint64_t{7}, method);
}
inline std::vector<std::byte> queryFrame() {
  return frameWith(kQueryType, std::uint64_t{0x7f0012345678}, std::int32_t{4});
}
inline std::vector<std::byte> replyFrame() {
  return frameWith(kQueryType, std::uint64_t{42});
}
inline std::vector<std::byte> codeFrame() {
  return frameWith(CompileFrameType::kCompilationCode, std::uint32_t{0}, std::string("code"));
}
inline std::vector<std::byte> interruptedFrame() {
  const std::vector<unsigned char> bytes = {4, 0, 0, 0, 8, 6, 0x12, 0};
  std::vector<std::byte> frame;
  for (const unsigned char byte : bytes) frame.push_back(static_cast<std::byte>(byte));
  return frame;
}

/// One whole frame.
inline NetResult<std::vector<std::byte>> readFrame(ByteStream& stream, Instant deadline = kNever) {
  std::vector<std::byte> frame(4);
  std::size_t had = 0;
  while (had < frame.size()) {
    const auto count = stream.readSome(std::span(frame).subspan(had), deadline);
    if (!count) return std::unexpected(count.error());
    had += *count;
    if (had != 4) continue;
    std::size_t size = 0;
    for (unsigned index = 0; index < 4; ++index)
      size |= std::to_integer<std::size_t>(frame[index]) << (8 * index);
    frame.resize(4 + size);
  }
  return frame;
}

inline NetResult<void> writeFrame(ByteStream& stream, const std::vector<std::byte>& frame) {
  return writeAll(stream, frame, kNever);
}

/// A server learns that a call was broken a moment after it learns that nothing more comes.
inline bool isOver(NetErrc error) {
  return error == NetErrc::reset || error == NetErrc::endOfFile;
}

/// What may already have arrived may be read; then the error comes.
inline NetErrc readToTheEnd(ByteStream& stream) {
  while (true) {
    const auto frame = readFrame(stream);
    if (!frame) return frame.error().code;
  }
}

/// Keeps the streams of new calls until a test takes them.
class HandedOver final : public ConnectionDispatcher {
 public:
  explicit HandedOver(Runtime& runtime)
      : mutex_(runtime.makeMutex("handed over")), changed_(runtime.makeCondition("handed over")) {}

  void onConnection(std::unique_ptr<ByteStream> stream) override {
    const Lock lock(*mutex_);
    streams_.push_back(std::move(stream));
    changed_->notifyAll();
  }

  std::unique_ptr<ByteStream> take() {
    Lock lock(*mutex_);
    changed_->wait(lock, kNever, [this] { return !streams_.empty(); });
    auto stream = std::move(streams_.front());
    streams_.pop_front();
    return stream;
  }

 private:
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  std::deque<std::unique_ptr<ByteStream>> streams_;
};

/// A server on a free port, and clients of it.
class GrpcTest : public testing::Test {
 protected:
  void serve(CompileServerOptions options = {}) {
    options.endpoint.port = 0;
    options.finish_timeout_ms = std::max(options.finish_timeout_ms, kLongMs);
    auto made = CompileServer::make(runtime, options, handed_over);
    if (!made) throw std::runtime_error(made.error().detail);
    server = std::move(*made);
    server->start();
  }

  CompileClientOptions clientOptions(bool synchronous = false) const {
    CompileClientOptions options;
    options.finish_timeout_ms = kLongMs;
    options.server.port = server->port();
    options.synchronous = synchronous;
    return options;
  }

  std::unique_ptr<ByteStream> connect(bool synchronous = false) {
    return connect(clientOptions(synchronous));
  }

  std::unique_ptr<ByteStream> connect(const CompileClientOptions& options) {
    auto stream = connectToCompileServer(runtime, options, kNever);
    if (!stream) throw std::runtime_error(stream.error().detail);
    return std::move(*stream);
  }

  /// A whole compilation with one query. The server's stream when it is over.
  std::unique_ptr<ByteStream> compile(ByteStream& client) {
    EXPECT_TRUE(writeFrame(client, requestFrame()));
    auto stream = handed_over.take();
    EXPECT_EQ(readFrame(*stream), requestFrame());
    EXPECT_TRUE(writeFrame(*stream, queryFrame()));
    EXPECT_EQ(readFrame(client), queryFrame());
    EXPECT_TRUE(writeFrame(client, replyFrame()));
    EXPECT_EQ(readFrame(*stream), replyFrame());
    EXPECT_TRUE(writeFrame(*stream, codeFrame()));
    EXPECT_EQ(readFrame(client), codeFrame());
    return stream;
  }

  OperatingSystemRuntime runtime;
  HandedOver handed_over{runtime};
  std::unique_ptr<CompileServer> server;
};

inline bool operator==(const NetError& left, const NetError& right) {
  return left.code == right.code;
}

}  // namespace jitrig
