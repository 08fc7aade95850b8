#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "fakevm/frontend.h"
#include "protocol/stream/client_stream.h"

namespace my {

enum class Outcome { compiledRemotely, compiledLocally };

/// Your code: the client's side of remote compilation. When the connection breaks in the middle of a
/// compilation it asks once more, over a new one; after that, or if the server says no, the method is
/// compiled locally.
class Client {
 public:
  /// How to get a connection; throws jitrig::StreamFailure if there is none. Handed in, so that a test can
  /// put something between.
  using Connect = std::function<std::unique_ptr<jitrig::ByteStream>()>;

  Client(jitrig::Runtime& runtime, std::shared_ptr<const jitrig::Dialect> dialect, Connect connect);
  ~Client();

  /// `vm` makes the request and answers the server's queries.
  Outcome compile(jitrig::CompilationFrontend& vm);

 private:
  Outcome compileRemotely(jitrig::CompilationFrontend& vm);

  jitrig::Runtime& runtime_;
  std::shared_ptr<const jitrig::Dialect> dialect_;
  Connect connect_;
  std::unique_ptr<jitrig::ClientStream> stream_;  ///< kept between compilations
  std::uint32_t requests_ = 0;
};

}  // namespace my
