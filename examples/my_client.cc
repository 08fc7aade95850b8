#include "my_client.h"

#include <utility>

namespace my {

constexpr std::uint64_t kClientUid = 4711;

Client::Client(jitrig::Runtime& runtime, std::shared_ptr<const jitrig::Dialect> dialect, Connect connect)
    : runtime_(runtime), dialect_(std::move(dialect)), connect_(std::move(connect)) {}

Client::~Client() {
  try {
    if (stream_) stream_->writeError(dialect_->connection_terminate);
  } catch (const jitrig::StreamFailure&) {
    // The server is gone: nobody to say goodbye to.
  }
}

Outcome Client::compile(jitrig::CompilationFrontend& vm) {
  constexpr int kAttempts = 2;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    try {
      if (!stream_) {
        stream_ =
            std::make_unique<jitrig::ClientStream>(runtime_, connect_(), dialect_, jitrig::StreamOptions{});
      }
      return compileRemotely(vm);
    } catch (const jitrig::StreamException&) {
      stream_.reset();  // a stream that failed is of no use any more
    }
  }
  return Outcome::compiledLocally;
}

Outcome Client::compileRemotely(jitrig::CompilationFrontend& vm) {
  stream_->buildCompileRequest(
      vm.compilationRequest({.client_uid = kClientUid, .sequence_number = ++requests_}));
  while (true) {
    const std::uint16_t type = stream_->read();
    if (dialect_->endsCompilation(type)) {
      if (type != dialect_->compilation_code) return Outcome::compiledLocally;
      stream_->setVersionCheckStatus();  // from now on requests need not carry the version
      return Outcome::compiledRemotely;
    }
    stream_->write(type, vm.answer(stream_->message()).values);  // an answer has the type of its query
  }
}

}  // namespace my
