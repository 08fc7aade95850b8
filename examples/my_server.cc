#include "my_server.h"

#include <stdexcept>
#include <tuple>

#include "protocol/catalogue/messages.h"  // the message types of JITServer's head, generated
#include "protocol/stream/typed_message.h"

namespace my {

namespace head = jitrig::head;

constexpr std::uint32_t kCompilationRestrictedMethod = 4;  // one of the protocol's status codes

Server::Server(jitrig::Runtime& runtime, std::shared_ptr<const jitrig::Dialect> dialect)
    : runtime_(runtime), dialect_(std::move(dialect)) {
  // Port 0: any free one. Errors of the network are values in jitrig, see protocol/runtime/net_error.h.
  auto listener = jitrig::Listener::make(runtime, {.endpoint = {"127.0.0.1", 0}, .health_port = 0}, *this);
  if (!listener) throw std::runtime_error(listener.error().detail);
  listener_ = std::move(*listener);
  listener_->start();
}

Server::~Server() {
  listener_->stop();     // nobody new,
  connections_.clear();  // and a Task waits for its end when it is destroyed
}

// Called by the Listener, which must not wait: each connection gets a task.
void Server::onConnection(std::unique_ptr<jitrig::ByteStream> bytes) {
  connections_.push_back(runtime_.spawn("connection", [this, bytes = std::move(bytes)]() mutable {
    jitrig::ServerStream stream(runtime_, std::move(bytes), dialect_, {});
    serve(stream);
  }));
}

// How a conversation ends comes as an exception: protocol/stream/stream_exceptions.h has them all.
void Server::serve(jitrig::ServerStream& stream) {
  try {
    while (true) compile(stream);
  } catch (const jitrig::StreamFailure&) {
    ++clients_lost_;  // broken off, silent for too long, or sent what is no message
  } catch (const jitrig::StreamVersionIncompatible&) {
    stream.writeError(dialect_->status_version_incompatible);
  } catch (const jitrig::StreamException&) {
    // It said goodbye.
  }
}

void Server::compile(jitrig::ServerStream& stream) {
  const auto request = jitrig::readRequest<head::compilationRequest>(stream);
  const jitrig::RemotePointer clazz = std::get<4>(request);  // the class of the method to compile

  // Sends the query and waits for the answer; the data points of both are checked, here by the compiler.
  const auto [is_array] = jitrig::query<head::VM_isClassArray>(stream, clazz);
  if (is_array) {
    stream.writeError(kCompilationRestrictedMethod);
    return;
  }
  head::compilationCode::Request result{};
  std::get<0>(result) = "\x90\xc3";  // nop, ret
  jitrig::finish<head::compilationCode>(stream, result);
}

}  // namespace my
