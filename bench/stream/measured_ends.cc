#include "bench/stream/measured_ends.h"

#include <utility>

#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig::bench {

const Certificates& certificates() {
  static const Certificates made;
  return made;
}

std::shared_ptr<TlsContext> tlsServer(Runtime& runtime) {
  TlsServerOptions options;
  options.identity = certificates().server;
  auto context = TlsContext::makeServer(runtime, options);
  if (!context) throw std::runtime_error(context.error().detail);
  return *context;
}

std::shared_ptr<TlsContext> tlsClient(Runtime& runtime) {
  TlsClientOptions options;
  options.root_certificates = certificates().authority.certificate();
  auto context = TlsContext::makeClient(runtime, options);
  if (!context) throw std::runtime_error(context.error().detail);
  return *context;
}

StreamPair::StreamPair(Carrier carrier) {
  const auto acceptor = valueOrThrow(runtime_.listen({"127.0.0.1", 0}));
  const auto dialect = defaultDialect();
  const bool tls = carrier == Carrier::tls;
  const auto accepting = runtime_.spawn("accepting", [&] {
    std::unique_ptr<ByteStream> bytes =
        std::make_unique<ConnectionByteStream>(valueOrThrow(acceptor->accept(kNever)));
    if (tls) {
      bytes = valueOrThrow(TlsByteStream::accept(runtime_, tlsServer(runtime_), std::move(bytes), kNever));
    }
    server = std::make_unique<ServerStream>(runtime_, std::move(bytes), dialect, ServerStreamOptions{});
  });
  client = ClientStream::connect(runtime_, {"127.0.0.1", acceptor->port()}, dialect, {},
                                 tls ? tlsClient(runtime_) : nullptr);
  accepting->join();
  query = dialect->table->numberOf("VM_isClassArray").value();
}

void StreamPair::answer(std::function<void()> body) {
  answering_ = runtime_.spawn("answering", [body = std::move(body)] {
    try {
      while (true) body();
    } catch (const StreamFailure& end) {
      if (end.cause() != StreamFailure::Cause::endOfStream) throw;
    }
  });
}

BareEcho::BareEcho(Carrier carrier, std::size_t size) : bytes_(size), sockets_(connectBare()) {
  if (carrier == Carrier::tls) {
    server_context_ = BareTlsContext::server(certificates().server);
    client_context_ = BareTlsContext::client(certificates().authority.certificate());
  }
  thread_ = std::thread([this] { echo(); });
  if (client_context_) client_tls_ = client_context_->connect(sockets_.client);
}

BareEcho::~BareEcho() {
  sockets_.client.close();
  thread_.join();
}

void BareEcho::echo() {
  std::vector<std::byte> bytes(bytes_.size());
  if (!server_context_) {
    while (readBare(sockets_.server, bytes)) writeBare(sockets_.server, bytes);
    return;
  }
  const auto tls = server_context_->accept(sockets_.server);
  while (readBare(*tls, bytes)) writeBare(*tls, bytes);
}

void BareEcho::roundTrip() {
  if (client_tls_) {
    writeBare(*client_tls_, bytes_);
    if (readBare(*client_tls_, bytes_)) return;
  } else {
    writeBare(sockets_.client, bytes_);
    if (readBare(sockets_.client, bytes_)) return;
  }
  throw std::runtime_error("the echo has closed");
}

}  // namespace jitrig::bench
