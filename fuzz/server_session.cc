#include "fuzz/server_session.h"

#include <map>
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

/// Instead of a port: ServerSession::connect() brings the connections.
class Pipes final : public ConnectionSource {
  void start() override {}
  void stop() override {}
  std::uint16_t port() const override { return 0; }
  bool usesTls() const override { return false; }
};

std::shared_ptr<const Script> makeScript(const Dialect& dialect) {
  ScriptedCompilation compilation;
  for (const std::string_view name : {"VM_isClassArray", "VM_getClassFromSignature"}) {
    compilation.queries.push_back(makeQuery(dialect, name).value());
  }
  compilation.end = makeCode(dialect, 24);
  Script script;
  script.compilations.push_back(std::move(compilation));
  return encodeOnce(std::move(script));
}

/// Made once per dialect.
const std::shared_ptr<const Script>& scriptOf(const Dialect& dialect) {
  static std::map<const Dialect*, std::shared_ptr<const Script>> scripts;
  auto& script = scripts[&dialect];
  if (!script) script = makeScript(dialect);
  return script;
}

std::vector<Value> requestOf(const Dialect& dialect) {
  auto values = defaultValues(*dialect.table->find(dialect.compilation_request)->request);
  values[0] = kOtherClient;
  return values;
}

}  // namespace

ServerSession::ServerSession(Runtime& runtime, std::shared_ptr<const Dialect> dialect)
    : runtime_(runtime), dialect_(std::move(dialect)) {
  FakeCompilerOptions options;
  options.connections = [](ConnectionDispatcher&) { return std::make_unique<Pipes>(); };
  options.dialect = dialect_;
  options.shared_script = scriptOf(*dialect_);
  options.compilation_threads = 1;
  auto made = FakeCompiler::make(runtime, std::move(options), *this);
  if (!made) throw std::runtime_error(made.error().detail);
  compiler_ = std::move(*made);
  compiler_->start();
}

ServerSession::~ServerSession() = default;

std::unique_ptr<Connection> ServerSession::connect() {
  auto [near, far] = runtime_.makePipe("client");
  compiler_->onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
  return std::move(near);
}

void ServerSession::requireServesOthers() {
  ClientStream client(runtime_, std::make_unique<ConnectionByteStream>(connect()), dialect_, StreamOptions{});
  client.buildCompileRequest(requestOf(*dialect_));
  while (true) {
    const std::uint16_t type = client.read();
    if (dialect_->endsCompilation(type)) {
      require(type == dialect_->compilation_code, "another client is served");
      client.writeError(dialect_->connection_terminate);
      return;
    }
    client.write(type, defaultValues(*dialect_->table->find(type)->reply));
  }
}

void ServerSession::end() {
  compiler_->stop();
}

}  // namespace jitrig::fuzz
