#include "protocol/grpc/client_channel.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocol/grpc/call_queue.h"
#include "protocol/grpc/grpc_values.h"

namespace jitrig {
namespace {

/// gRPC takes what is no certificate, and no channel ever comes about: OpenSSL says what is wrong.
NetResult<std::shared_ptr<grpc::ChannelCredentials>> credentialsOf(
    Runtime& runtime, const std::optional<TlsClientOptions>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  if (const auto checked = TlsContext::makeClient(runtime, *tls); !checked)
    return std::unexpected(NetError{NetErrc::tls, checked.error().detail});
  grpc::SslCredentialsOptions options;
  if (tls->root_certificates) options.pem_root_certs = tls->root_certificates->text;
  if (tls->identity) {
    options.pem_private_key = tls->identity->private_key.text;
    options.pem_cert_chain = tls->identity->certificate_chain.text;
  }
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments argumentsOf(const CompileClientOptions& options) {
  grpc::ChannelArguments arguments;
  // Else channels to the same server would share a connection, and its failures.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_size_bytes));
  arguments.SetMaxSendMessageSize(static_cast<int>(options.max_message_size_bytes));
  return arguments;
}

/// A call tells why there is no connection; a channel does not.
NetError whyNotConnected(Runtime& runtime, const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& peer, Instant deadline) {
  CallQueue queue(runtime);
  grpc::ClientContext context;
  grpc::Status status;
  Operation start;
  Operation finish;
  const auto stream = grpc::GenericStub(channel).PrepareCall(&context, "/none/None", queue.queue());
  stream->StartCall(queue.begin(start));
  stream->Finish(&status, queue.begin(finish));
  if (!queue.wait(finish, deadline)) context.TryCancel();
  queue.drain(kNever);
  NetError error = netErrorOf(status, peer);
  // Whatever the call came to: there was no connection.
  if (error.code == NetErrc::endOfFile || error.code == NetErrc::reset || error.code == NetErrc::other)
    error.code = NetErrc::unreachable;
  return error;
}

NetResult<std::shared_ptr<grpc::Channel>> connectOnce(Runtime& runtime, const CompileClientOptions& options,
                                                      Instant deadline) {
  quietGrpc();
  const auto credentials = credentialsOf(runtime, options.tls);
  if (!credentials) return std::unexpected(credentials.error());
  const std::string peer = toString(options.server);
  auto channel = grpc::CreateCustomChannel(peer, *credentials, argumentsOf(options));
  CallQueue queue(runtime);
  while (true) {
    const grpc_connectivity_state state = channel->GetState(true);
    if (state == GRPC_CHANNEL_READY) return channel;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN)
      return std::unexpected(whyNotConnected(runtime, channel, peer, deadline));
    Operation change;
    channel->NotifyOnStateChange(state, deadlineOf(runtime, deadline), queue.queue(), queue.begin(change));
    queue.wait(change, kNever);  // it has the deadline itself
    if (!queue.take(change))
      return std::unexpected(
          NetError{NetErrc::timedOut, fmt::format("connecting to {}: the deadline passed", peer)});
  }
}

}  // namespace

NetResult<std::shared_ptr<grpc::Channel>> connectChannel(Runtime& runtime,
                                                         const CompileClientOptions& options,
                                                         Instant deadline) {
  auto channel = connectOnce(runtime, options, deadline);
  // gRPC 1.51 looks at the error number of connect() after calls that may change it (its pull request
  // 35064): of some thousand connections that are under way one fails as if a file were missing.
  if (!channel && channel.error().code == NetErrc::unreachable)
    channel = connectOnce(runtime, options, deadline);
  return channel;
}

}  // namespace jitrig
