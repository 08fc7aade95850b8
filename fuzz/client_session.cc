#include "fuzz/client_session.h"

#include <utility>

#include "fakevm/default_frontend.h"
#include "fuzz/stranger.h"

namespace jitrig::fuzz {

FakeVMSummary ClientSession::run(std::uint64_t compilations) {
  FakeVMOptions options;
  options.dialect = dialect_;
  options.compilations = compilations;
  options.client_uid = 7;
  options.connect = [this] { return connect(); };
  DefaultFrontend frontend(dialect_);
  const FakeVMSummary summary = FakeVM(runtime_, std::move(options), frontend, *this).run();
  for (const auto& server : servers_) server->join();
  return summary;
}

std::unique_ptr<ByteStream> ClientSession::connect() {
  auto [near, far] = runtime_.makePipe("connection");
  const InputBytes said = std::exchange(bytes_, {});
  servers_.push_back(runtime_.spawn("server", [this, said, end = std::move(far)]() mutable {
    Stranger(runtime_, std::move(end), said).talk();
  }));
  return std::make_unique<ConnectionByteStream>(std::move(near));
}

}  // namespace jitrig::fuzz
