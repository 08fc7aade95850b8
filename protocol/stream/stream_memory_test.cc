// What a message costs in allocations once the streams have their storage: none.

#include <cstdlib>
#include <gtest/gtest.h>
#include <new>
#include <string>
#include <string_view>

#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/server_stream.h"

namespace {

thread_local std::size_t allocations = 0;

[[maybe_unused]] void* allocate(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// ThreadSanitizer brings its own, which cannot be replaced.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define JITRIG_OWN_NEW_IS_TAKEN
#endif
#endif

#ifndef JITRIG_OWN_NEW_IS_TAKEN
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace jitrig {
namespace {

template <class T>
T valueOrThrow(NetResult<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

/// Both ends in one task: what the one writes lies in the kernel until the other reads.
class StreamMemory : public testing::Test {
 protected:
  StreamMemory() {
    const auto acceptor = valueOrThrow(runtime_.listen({"127.0.0.1", 0}));
    client_ = ClientStream::connect(runtime_, {"127.0.0.1", acceptor->port()}, defaultDialect(), {});
    server_ = std::make_unique<ServerStream>(
        runtime_, std::make_unique<ConnectionByteStream>(valueOrThrow(acceptor->accept(kNever))),
        defaultDialect(), ServerStreamOptions{});
    query_ = defaultDialect()->table->numberOf("VM_isClassArray").value();
  }

  void exchange(void* pointer, std::string_view text) {
    server_->write(query_, pointer, text);
    ASSERT_EQ(client_->read(), query_);
    const auto [received_pointer, received_text] = client_->getRecvData<void*, std::string_view>();
    client_->write(query_, received_pointer, received_text);
    const auto [pointer_back, text_back] = server_->read<void*, std::string_view>();
    ASSERT_EQ(pointer_back, pointer);
    ASSERT_EQ(text_back, text);
  }

  std::size_t allocationsOfExchanges(std::string_view text) {
    exchange(this, text);
    exchange(this, text);  // the framer and the message read last have storage each
    const std::size_t before = allocations;
    for (int round = 0; round < 10; ++round) exchange(this, text);
    return allocations - before;
  }

  OperatingSystemRuntime runtime_;
  std::unique_ptr<ClientStream> client_;
  std::unique_ptr<ServerStream> server_;
  std::uint16_t query_ = 0;
};

TEST_F(StreamMemory, TheCountCounts) {
#ifdef JITRIG_OWN_NEW_IS_TAKEN
  GTEST_SKIP() << "ThreadSanitizer's operator new is not counted";
#endif
  const std::size_t before = allocations;
  const std::string long_text(100, 'x');
  EXPECT_EQ(allocations - before, 1U);
}

TEST_F(StreamMemory, NoAllocationPerMessageReceivedIntoViews) {
  EXPECT_EQ(allocationsOfExchanges("some text"), 0U);
  EXPECT_EQ(allocationsOfExchanges(std::string(3000, 'x')), 0U);
}

TEST_F(StreamMemory, AStreamThatGaveItsMemoryBackGoesOn) {
  exchange(this, "before");
  client_->releaseIdleMemory();
  server_->releaseIdleMemory();
  EXPECT_EQ(client_->message().numDataPoints(), 0U);
  EXPECT_EQ(server_->message().numDataPoints(), 0U);
  exchange(this, "afterwards");
  EXPECT_EQ(allocationsOfExchanges("afterwards"), 0U);
}

TEST_F(StreamMemory, WhatHasArrivedIsNotGivenBack) {
  client_->write(query_, std::string_view("first"));
  client_->write(query_, std::string_view("second"));
  server_->write(query_, true);  // the query that both answer
  EXPECT_EQ(std::get<0>(server_->read<std::string_view>()), "first");
  const bool both_came_at_once = server_->hasBufferedInput();
  server_->releaseIdleMemory();
  EXPECT_EQ(server_->hasBufferedInput(), both_came_at_once);
  EXPECT_EQ(std::get<0>(server_->read<std::string_view>()), "second");
}

}  // namespace
}  // namespace jitrig
