// A thousand idle connections are no burden: what each costs the server in user memory.

#include <cerrno>
#include <chrono>
#include <cstring>
#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include "fakecompiler/fake_compiler_test_support.h"
#include "protocol/runtime/os/descriptor.h"
#include "protocol/runtime/os/operating_system_runtime.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JITRIG_OTHER_ALLOCATOR
#endif
#endif

namespace jitrig::test {
namespace {

constexpr std::size_t kConnections = 200;
constexpr std::size_t kMostBytesPerConnection = 4096;

/// In use, with the allocator's own overhead.
std::size_t bytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// A client that is a descriptor and nothing else, so that it does not count.
Descriptor connectTo(std::uint16_t port) {
  Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(client.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return client;
}

void sendAll(const Descriptor& client, std::span<const std::byte> bytes) {
  ASSERT_EQ(send(client.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

/// The type of the next message.
std::uint16_t receiveType(const Descriptor& client) {
  const auto receive = [&](std::span<std::byte> bytes) {
    const ssize_t count = recv(client.number(), bytes.data(), bytes.size(), MSG_WAITALL);
    if (count != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("the server has closed");
  };
  std::uint32_t size = 0;
  receive(std::as_writable_bytes(std::span(&size, 1)));
  std::vector<std::byte> rest(size - sizeof size);
  receive(rest);
  std::uint16_t type = 0;
  std::memcpy(&type, rest.data() + 8, sizeof type);
  return type;
}

void compile(const Descriptor& client, std::uint64_t client_uid) {
  const FullVersion version = headDialect()->announced;
  Message request;
  request.start(headDialect()->compilation_request, version.version, version.config);
  addValues(request, requestOf(client_uid));
  sendAll(client, request.serialize());
  while (true) {
    const std::uint16_t type = receiveType(client);
    if (type == headDialect()->compilation_code) return;
    Message reply(type);
    addValues(reply, defaultValues(*headDialect()->table->find(type)->reply));
    sendAll(client, reply.serialize());
  }
}

/// Keeps nothing, unlike ServerReports.
class NoReports final : public FakeCompilerObserver {
 public:
  void onCompilation(const ServerCompilationReport&) override {}
  void onStreamEnd(const StreamEndReport&) override {}
};

class IdleMemory : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef JITRIG_OTHER_ALLOCATOR
    GTEST_SKIP() << "sanitizers have an allocator of their own";
#endif
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
    options.dialect = headDialect();
    options.script = scriptAsking({"VM_isClassArray"});
    options.compilation_threads = 1;
    auto made = FakeCompiler::make(runtime_, std::move(options), reports_);
    ASSERT_TRUE(made.has_value()) << made.error().detail;
    compiler_ = std::move(*made);
    compiler_->start();
  }

  void waitUntilIdle(std::size_t parked, std::uint64_t compiled) {
    while (compiler_->parkedStreams() != parked || compiler_->summary().compiled != compiled) {
      runtime_.sleepUntil(runtime_.now() + std::chrono::milliseconds(1));
    }
  }

  OperatingSystemRuntime runtime_;
  NoReports reports_;
  std::unique_ptr<FakeCompiler> compiler_;
};

TEST_F(IdleMemory, AnIdleConnectionHoldsLittle) {
  std::vector<Descriptor> clients;
  clients.reserve(kConnections + 1);
  clients.push_back(connectTo(compiler_->port()));
  compile(clients.back(), 1);  // what the first compilation makes for good is no connection's
  waitUntilIdle(1, 1);
  const std::size_t before = bytesInUse();

  while (clients.size() <= kConnections) clients.push_back(connectTo(compiler_->port()));
  waitUntilIdle(kConnections + 1, 1);
  const std::size_t connected = bytesInUse();
  EXPECT_GT(connected, before);
  EXPECT_LE((connected - before) / kConnections, kMostBytesPerConnection);

  for (std::size_t client = 1; client <= kConnections; ++client) compile(clients[client], client + 1);
  waitUntilIdle(kConnections + 1, kConnections + 1);
  EXPECT_LE((bytesInUse() - before) / kConnections, kMostBytesPerConnection);
}

}  // namespace
}  // namespace jitrig::test
