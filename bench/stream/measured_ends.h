#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/stream/bare_socket.h"
#include "bench/stream/bare_tls.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/stream/certificates/certificate_authority.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/server_stream.h"

/// The two ends that exchange messages: ours, and bare ones.
namespace jitrig::bench {

enum class Carrier : std::uint8_t { plain, tls };

template <class T>
T valueOrThrow(NetResult<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

/// The certificates of all TLS benchmarks, made once.
struct Certificates {
  CertificateAuthority authority;
  TlsIdentity server = authority.issue(localhostCertificate());
};
const Certificates& certificates();

std::shared_ptr<TlsContext> tlsServer(Runtime& runtime);
std::shared_ptr<TlsContext> tlsClient(Runtime& runtime);

/// Two streams, and the task of the one that answers.
class StreamPair {
 public:
  explicit StreamPair(Carrier carrier);
  StreamPair(const StreamPair&) = delete;
  StreamPair& operator=(const StreamPair&) = delete;
  ~StreamPair() = default;

  /// Calls `body` in a task until the other end closes. Close that, then join().
  void answer(std::function<void()> body);
  void join() { answering_->join(); }

 private:
  OperatingSystemRuntime runtime_;

 public:
  std::unique_ptr<ClientStream> client;
  std::unique_ptr<ServerStream> server;
  std::uint16_t query = 0;  ///< number of a query

 private:
  std::unique_ptr<Task> answering_;
};

/// A thread that reads and writes back `size` bytes, and the other end of its connection.
class BareEcho {
 public:
  BareEcho(Carrier carrier, std::size_t size);
  BareEcho(const BareEcho&) = delete;
  BareEcho& operator=(const BareEcho&) = delete;
  ~BareEcho();

  /// There and back.
  void roundTrip();

 private:
  void echo();

  std::vector<std::byte> bytes_;
  BarePair sockets_;
  std::optional<BareTlsContext> server_context_;
  std::optional<BareTlsContext> client_context_;
  BareTlsPointer<ssl_st> client_tls_;
  std::thread thread_;
};

}  // namespace jitrig::bench
