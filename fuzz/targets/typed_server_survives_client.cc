// Whatever a client sends, a server written with typed reads is given what was declared, or an exception of
// the stream's. The input: a seed of the schedule, how the client behaves, his stream.

#include "fuzz/fuzz_target.h"
#include "fuzz/simulated_session.h"
#include "fuzz/stranger.h"
#include "protocol/catalogue/messages.h"
#include "protocol/stream/stream_exceptions.h"
#include "protocol/stream/typed_message.h"

namespace jitrig::fuzz {
namespace {

void serve(ServerStream& stream) {
  static_cast<void>(readRequest<head::compilationRequest>(stream));
  static_cast<void>(query<head::VM_isClassArray>(stream, RemotePointer{}));
  if (stream.hasUnreadInput()) return stream.writeError(headDialect()->status_message_type_mismatch, 0);
  stream.write(head::VM_isClassArray::kNumber, std::vector<Value>{Value::Object{}});
  static_cast<void>(stream.readReply());
  finish<head::compilationCode>(stream, {});
}

const FuzzTarget kTarget("typed_server_survives_client", [](InputBytes bytes) {
  simulate(bytes, [](Runtime& runtime, InputBytes said) {
    auto [near, far] = runtime.makePipe("connection");
    const auto server = runtime.spawn("server", [&runtime, end = std::move(far)]() mutable {
      ServerStream stream(runtime, std::make_unique<ConnectionByteStream>(std::move(end)), headDialect(), {});
      try {
        while (true) serve(stream);
      } catch (const StreamException& ended) {
        require(*ended.what() != '\0', "an exception has words");
      }
    });
    Stranger(runtime, std::move(near), said).talk();
    server->join();
  });
});

}  // namespace
}  // namespace jitrig::fuzz
