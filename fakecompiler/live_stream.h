#pragma once

// What a fake compiler keeps of its connections, for its end: nested classes that belong to its .cc file.

#include <memory>
#include <utility>

#include "fakecompiler/fake_compiler.h"
#include "protocol/stream/byte_stream_decorator.h"

namespace jitrig {

/// One connection, as long as it lives.
class FakeCompiler::LiveStreamCount {
 protected:
  explicit LiveStreamCount(FakeCompiler& compiler) : compiler_(compiler) {
    const Lock lock(*compiler_.mutex_);
    ++compiler_.live_streams_;
  }
  LiveStreamCount(const LiveStreamCount&) = delete;
  LiveStreamCount& operator=(const LiveStreamCount&) = delete;
  ~LiveStreamCount() {
    const Lock lock(*compiler_.mutex_);
    --compiler_.live_streams_;
    compiler_.changed_->notifyAll();
  }

 private:
  FakeCompiler& compiler_;
};

/// Counts the connection until it is gone, wherever it is dropped: the count, the first base, outlives it.
class FakeCompiler::LiveStream final : private LiveStreamCount, public ByteStreamDecorator {
 public:
  LiveStream(FakeCompiler& compiler, std::unique_ptr<ByteStream> bytes)
      : LiveStreamCount(compiler), ByteStreamDecorator(std::move(bytes)), compiler_(compiler) {
    const Lock lock(*compiler_.mutex_);
    compiler_.connections_.push_back(this);
  }
  LiveStream(const LiveStream&) = delete;
  LiveStream& operator=(const LiveStream&) = delete;
  ~LiveStream() override {
    const Lock lock(*compiler_.mutex_);
    std::erase(compiler_.connections_, this);
  }

 private:
  FakeCompiler& compiler_;
};

/// A stream that a compilation thread uses, where stop() can reach it.
class FakeCompiler::Serving {
 public:
  Serving(FakeCompiler& compiler, ServerStream& stream) : compiler_(compiler), stream_(stream) {
    const Lock lock(*compiler_.mutex_);
    compiler_.serving_.push_back(&stream_);
    if (compiler_.stopping_) stream_.cancel();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  ~Serving() {
    const Lock lock(*compiler_.mutex_);
    std::erase(compiler_.serving_, &stream_);
  }

 private:
  FakeCompiler& compiler_;
  ServerStream& stream_;
};

}  // namespace jitrig
