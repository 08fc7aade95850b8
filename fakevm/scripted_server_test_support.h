#pragma once

// A server that does exactly what a test says, at the other end of a pipe.

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "fakevm/default_frontend.h"
#include "fakevm/fake_vm.h"
#include "fakevm/mock_fake_vm_observer.h"
#include "fakevm/mock_frontend.h"
#include "fakevm/remote_compilation.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/stream/server_stream.h"

namespace jitrig::test {

/// defaultDialect(), read once.
inline const std::shared_ptr<const Dialect>& headDialect() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

inline std::uint16_t numberOf(std::string_view type) {
  return headDialect()->table->numberOf(type).value();
}

inline std::vector<Value> requestValues(std::string_view type) {
  return defaultValues(*headDialect()->table->find(type)->request);
}

/// What compileRemotely came to.
struct CompiledRemotely {
  CompilationReport report;
  StreamFate fate = StreamFate::keep;
  bool version_checked = false;
};

/// A ByteStream over one end of a pipe.
inline std::unique_ptr<ByteStream> overPipe(std::unique_ptr<Connection> end) {
  return std::make_unique<ConnectionByteStream>(std::move(end));
}

/// Compiles once, against a server that behaves as `server_part` says and then closes.
inline CompiledRemotely compileAgainst(Runtime& runtime, CompilationFrontend& frontend,
                                       const std::function<void(ServerStream&)>& server_part,
                                       const StreamOptions& options = {}) {
  auto [near, far] = runtime.makePipe("pipe");
  const auto server = runtime.spawn("server", [&] {
    ServerStream stream(runtime, overPipe(std::move(far)), headDialect(), {});
    try {
      server_part(stream);
    } catch (const StreamFailure&) {
      return;  // the client has given up; its report says why
    }
  });
  CompiledRemotely result;
  {
    ClientStream stream(runtime, overPipe(std::move(near)), headDialect(), options);
    result.fate = compileRemotely(stream, frontend, {4711, 1, 0}, result.report);
    result.version_checked = stream.versionChecked();
  }
  server->join();
  return result;
}

inline CompiledRemotely compileAgainst(Runtime& runtime,
                                       const std::function<void(ServerStream&)>& server_part,
                                       const StreamOptions& options = {}) {
  DefaultFrontend frontend(headDialect());
  return compileAgainst(runtime, *frontend.beginCompilation(0), server_part, options);
}

}  // namespace jitrig::test
