#include "scenarios/sweeps/raw_client.h"

#include <fmt/format.h>
#include <utility>

#include "fakevm/default_frontend.h"
#include "protocol/catalogue/message_text.h"

namespace jitrig {

RawClient::RawClient(Runtime& runtime, std::unique_ptr<ByteStream> bytes,
                     std::shared_ptr<const Dialect> dialect)
    : stream_(runtime, std::move(bytes), std::move(dialect), StreamOptions{.timeout_ms = 120'000}) {}

bool RawClient::compileUpTo(const RecordedCompilation& compilation, std::uint64_t client_uid,
                            std::uint64_t queries) {
  std::vector<Value> request = compilation.request;
  setIdentity(request, {.client_uid = client_uid, .sequence_number = 1});
  stream_.buildCompileRequest(request);
  for (std::uint64_t answered = 0;; ++answered) {
    const std::uint16_t type = stream_.read();
    if (stream_.dialect().endsCompilation(type)) return false;
    if (answered == queries) return true;
    stream_.write(type, compilation.queries[answered].reply);
  }
}

std::string RawClient::readEnd() {
  try {
    stream_.read();
    return "came " + toText(stream_.message(), *stream_.dialect().table);
  } catch (const StreamFailure& failure) {
    if (failure.cause() == StreamFailure::Cause::endOfStream) return "";
    return failure.what();
  } catch (const StreamException& exception) {
    return exception.what();
  }
}

}  // namespace jitrig
