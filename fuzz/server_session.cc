#include "fuzz/server_session.h"

#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/simulated_session.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/stream/client_stream.h"

namespace jitrig::fuzz {
namespace {

constexpr std::uint64_t kOtherClient = 123'456;

Script script() {
  ScriptedCompilation compilation;
  for (const std::string_view name : {"VM_isClassArray", "VM_getClassFromSignature"}) {
    compilation.queries.push_back(makeQuery(*headDialect(), name).value());
  }
  compilation.end = makeCode(*headDialect(), 24);
  Script script;
  script.compilations.push_back(std::move(compilation));
  return script;
}

const std::vector<Value>& request() {
  static const std::vector<Value> kRequest = [] {
    auto values = defaultValues(*headDialect()->table->find(headDialect()->compilation_request)->request);
    values[0] = kOtherClient;
    return values;
  }();
  return kRequest;
}

}  // namespace

ServerSession::ServerSession(Runtime& runtime) : runtime_(runtime) {
  static const Script kScript = script();
  FakeCompilerOptions options;
  options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
  options.dialect = headDialect();
  options.script = kScript;
  options.compilation_threads = 1;
  auto made = FakeCompiler::make(runtime, std::move(options), *this);
  if (!made) throw std::runtime_error(made.error().detail);
  compiler_ = std::move(*made);
  compiler_->start();
}

ServerSession::~ServerSession() = default;

std::unique_ptr<Connection> ServerSession::connect() {
  auto [near, far] = runtime_.makePipe("connection");
  compiler_->onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
  return std::move(near);
}

void ServerSession::requireServesOthers() {
  ClientStream client(runtime_, std::make_unique<ConnectionByteStream>(connect()), headDialect(),
                      StreamOptions{});
  client.buildCompileRequest(request());
  while (true) {
    const std::uint16_t type = client.read();
    if (headDialect()->endsCompilation(type)) {
      require(type == headDialect()->compilation_code, "another client is served");
      client.writeError(headDialect()->connection_terminate);
      return;
    }
    client.write(type, defaultValues(*headDialect()->table->find(type)->reply));
  }
}

void ServerSession::end() {
  compiler_->stop();
}

}  // namespace jitrig::fuzz
