#pragma once

// A FakeCompiler and raw clients of it, for tests that speak the protocol by hand.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakecompiler/fake_compiler.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/client_stream.h"

namespace jitrig::test {

/// Long enough to be sure that a test hangs; reached only by a test that fails.
inline constexpr Duration kPatience = std::chrono::seconds(60);

/// defaultDialect(), read once.
inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

inline std::uint16_t numberOf(std::string_view type) {
  return headDialect()->table->numberOf(type).value();
}

/// The data points of a compilationRequest of that client.
inline std::vector<Value> requestOf(std::uint64_t client_uid) {
  auto values = defaultValues(*headDialect()->table->find(headDialect()->compilation_request)->request);
  values[0] = client_uid;
  return values;
}

/// One compilation that asks these queries, and ends with 240 bytes of code.
inline Script scriptAsking(const std::vector<std::string_view>& queries) {
  ScriptedCompilation compilation;
  for (const std::string_view name : queries) {
    compilation.queries.push_back(makeQuery(*headDialect(), name).value());
  }
  compilation.end = makeCode(*headDialect(), 240);
  Script script;
  script.compilations.push_back(std::move(compilation));
  return script;
}

/// Afterwards the server has reported everything that happened on this connection: stopped earlier, it could
/// break its own last write.
inline void sayGoodbye(ClientStream& client) {
  client.writeError(headDialect()->connection_terminate);
  try {
    client.read();
    ADD_FAILURE() << "a message instead of the end";
  } catch (const StreamFailure& failure) {
    EXPECT_EQ(failure.cause(), StreamFailure::Cause::endOfStream) << failure.what();
  }
}

class ServerReports final : public FakeCompilerObserver {
 public:
  /// In the order of their requests: with several threads the ends come in any order.
  void onCompilation(const ServerCompilationReport& report) override {
    compilations.push_back(report);
    std::ranges::sort(compilations, {}, &ServerCompilationReport::number);
  }
  void onJitDump(const ServerCompilationReport& report) override { jit_dumps.push_back(report); }
  void onStreamEnd(const StreamEndReport& report) override { ends.push_back(report); }
  void onRequestOrder(const RequestOrderEvent& event) override {
    const std::lock_guard lock(order_mutex_);
    order.push_back(event);
    order.back().stream = {};
  }
  /// While the server runs.
  std::ptrdiff_t count(RequestOrderEvent::Outcome outcome) const {
    const std::lock_guard lock(order_mutex_);
    return std::ranges::count(order, outcome, &RequestOrderEvent::outcome);
  }

  std::vector<ServerCompilationReport> compilations;
  std::vector<ServerCompilationReport> jit_dumps;
  std::vector<StreamEndReport> ends;
  std::vector<RequestOrderEvent> order;

 private:
  mutable std::mutex order_mutex_;
};

/// A running FakeCompiler with one compilation thread, reached through pipes.
class RunningCompiler {
 public:
  using Decorate = std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)>;

  RunningCompiler(Runtime& runtime, Script script, Decorate decorate = {}, std::size_t threads = 1,
                  std::function<bool(AllocationPlace)> out_of_memory = {})
      : runtime_(runtime) {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
    options.dialect = headDialect();
    options.script = std::move(script);
    options.compilation_threads = threads;
    options.decorate = std::move(decorate);
    options.out_of_memory = std::move(out_of_memory);
    auto made = FakeCompiler::make(runtime, std::move(options), reports);
    if (!made) throw std::runtime_error(made.error().detail);
    compiler_ = std::move(*made);
    compiler_->start();
  }

  std::unique_ptr<ByteStream> connectBytes() {
    auto [near, far] = runtime_.makePipe("connection");
    compiler_->onConnection(std::make_unique<ConnectionByteStream>(std::move(far)));
    return std::make_unique<ConnectionByteStream>(std::move(near));
  }
  std::unique_ptr<ClientStream> connect() {
    return std::make_unique<ClientStream>(runtime_, connectBytes(), headDialect(), StreamOptions{});
  }

  /// Whether a client of its own compiles.
  bool servesOthers() {
    const auto client = connect();
    client->buildCompileRequest(requestOf(123'456));
    while (true) {
      const std::uint16_t type = client->read();
      if (headDialect()->endsCompilation(type)) {
        sayGoodbye(*client);
        return type == headDialect()->compilation_code;
      }
      client->write(type, defaultValues(*headDialect()->table->find(type)->reply));
    }
  }

  FakeCompiler& compiler() { return *compiler_; }

  ServerReports reports;

 private:
  Runtime& runtime_;
  std::unique_ptr<FakeCompiler> compiler_;
};

}  // namespace jitrig::test
