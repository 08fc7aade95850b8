#include "protocol/grpc/foreign_peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

using testing::HasSubstr;
using testing::Not;
using Foreign = GrpcTest;

TEST_F(Foreign, ClientIsServed) {
  serve();
  ForeignClient client(server->port());
  ASSERT_TRUE(client.write(true, {7}));
  const auto stream = handed_over.take();
  EXPECT_EQ(readFrame(*stream), frameWith(CompileFrameType::kCompilationRequest, std::uint64_t{7}));
  ASSERT_TRUE(writeFrame(*stream, queryFrame()));
  EXPECT_EQ(client.read(),
            "type: VM_dereferenceStaticAddress data { data { extendedTypeTag: 3 uint64_v: 139638282147448 } "
            "data { int32_v: 4 } }");
  ASSERT_TRUE(client.write(true, {42}));
  EXPECT_EQ(readFrame(*stream), replyFrame());
  ASSERT_TRUE(writeFrame(*stream, codeFrame()));
  EXPECT_EQ(client.read(),
            "data { data { extendedTypeTag: 1 uint32_v: 0 } data { extendedTypeTag: 6 bytes_v: \"code\" } }");
  EXPECT_EQ(client.finish(), "0 ");
}

TEST_F(Foreign, ClientGivesUp) {
  serve();
  ForeignClient client(server->port());
  ASSERT_TRUE(client.write(true, {7}));
  auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  ASSERT_TRUE(writeFrame(*stream, queryFrame()));
  ASSERT_TRUE(client.read());
  ASSERT_TRUE(client.write(false, {}));
  client.writesDone();
  EXPECT_EQ(readFrame(*stream), interruptedFrame());
  EXPECT_EQ(readFrame(*stream).error().code, NetErrc::endOfFile);
  stream.reset();
  EXPECT_EQ(client.finish(), "1 ");
}

/// Its stream is free at once, although the client neither closes nor cancels.
TEST_F(Foreign, ClientGivesUpAndWaits) {
  serve({.streams = 1});
  ForeignClient client(server->port());
  ASSERT_TRUE(client.write(true, {7}));
  const auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  ASSERT_TRUE(client.write(false, {}));
  EXPECT_EQ(readFrame(*stream), interruptedFrame());
  EXPECT_EQ(readFrame(*stream).error().code, NetErrc::endOfFile);
  EXPECT_EQ(client.finish(), "1 ");

  ForeignClient next(server->port());
  ASSERT_TRUE(next.write(true, {8}));
  EXPECT_TRUE(readFrame(*handed_over.take()));
}

TEST_F(Foreign, ClientLearnsThatTheCompilationFailed) {
  serve();
  ForeignClient client(server->port());
  ASSERT_TRUE(client.write(true, {7}));
  const auto stream = handed_over.take();
  ASSERT_TRUE(readFrame(*stream));
  ASSERT_TRUE(writeFrame(*stream, frameWith(CompileFrameType::kCompilationFailure, std::uint32_t{5})));
  EXPECT_EQ(client.read(), "data { data { extendedTypeTag: 1 uint32_v: 5 } }");
  EXPECT_EQ(client.finish(), "0 ");
}

TEST_F(Foreign, ServicesBesideTheCompileService) {
  serve();
  ForeignClient client(server->port());
  EXPECT_EQ(client.hello("world"), "Hello world");
  EXPECT_EQ(client.health(""), "\x08\x01");
  EXPECT_EQ(client.health("JITaaS.J9CompileService"), "\x08\x01");
  EXPECT_EQ(client.health("hello.HelloService"), "\x08\x01");
  EXPECT_THAT(client.health("nobody"), HasSubstr("5 "));
  EXPECT_THAT(client.reflection(), HasSubstr("JITaaS.J9CompileService"));
  EXPECT_THAT(client.reflection(), HasSubstr("hello.HelloService"));
  for (const char* symbol : {"JITaaS.J9CompileService", "hello.HelloService", "grpc.health.v1.Health"})
    EXPECT_THAT(client.reflection(symbol), HasSubstr("proto3")) << symbol << " has a schema";
  EXPECT_THAT(client.reflection("nobody"), Not(HasSubstr("proto3")));
}

class ForeignServerOf : public GrpcTest, public testing::WithParamInterface<bool> {
 protected:
  std::unique_ptr<ByteStream> connectTo(const ForeignServer& foreign) {
    CompileClientOptions options;
    options.server.port = foreign.port();
    options.finish_timeout_ms = kLongMs;
    options.synchronous = GetParam();
    return connect(options);
  }
};

TEST_P(ForeignServerOf, OurClient) {
  std::string read;
  const ForeignServer foreign([&](ForeignServerCall& call) {
    read = call.read().value_or("nothing");
    call.write(kQueryType, {1});
    read += "; " + call.read().value_or("nothing");
    call.write(CompileFrameType::kCompilationCode, {0});
    return 0;
  });
  const auto client = connectTo(foreign);
  for (int compiled = 0; compiled < 2; ++compiled) {
    ASSERT_TRUE(writeFrame(*client, requestFrame("m")));
    EXPECT_EQ(readFrame(*client), frameWith(kQueryType, std::uint64_t{1}));
    ASSERT_TRUE(writeFrame(*client, replyFrame()));
    EXPECT_EQ(readFrame(*client), frameWith(CompileFrameType::kCompilationFailure, std::uint64_t{0}));
    EXPECT_EQ(read,
              "status: true data { data { extendedTypeTag: 3 uint64_v: 7 } data { extendedTypeTag: 6 "
              "bytes_v: \"m\" } }; "
              "status: true data { data { extendedTypeTag: 3 uint64_v: 42 } }");
  }
}

/// It reads on: what comes behind the end is no answer to the next request, and is there to be noticed.
TEST_P(ForeignServerOf, OurClientReadsWhatComesBehindTheEnd) {
  const ForeignServer foreign([](ForeignServerCall& call) {
    call.read();
    call.write(CompileFrameType::kCompilationCode, {0});
    call.write(kQueryType, {1});
    call.write(kQueryType, {2});
    return 0;
  });
  const auto client = connectTo(foreign);
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  EXPECT_EQ(readFrame(*client), frameWith(CompileFrameType::kCompilationFailure, std::uint64_t{0}));
  EXPECT_EQ(readFrame(*client), frameWith(kQueryType, std::uint64_t{1}));
}

TEST_P(ForeignServerOf, OurClientThatGivesUp) {
  std::string read;
  const ForeignServer foreign([&](ForeignServerCall& call) {
    call.read();
    call.write(kQueryType, {1});
    read = call.read().value_or("nothing");
    read += "; " + call.read().value_or("nothing");
    return 1;
  });
  const auto client = connectTo(foreign);
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  ASSERT_TRUE(readFrame(*client));
  ASSERT_TRUE(writeFrame(*client, interruptedFrame()));
  EXPECT_EQ(read, "data { }; nothing");
}

TEST_P(ForeignServerOf, OurClientIsToldTheStatus) {
  const ForeignServer foreign([](ForeignServerCall& call) {
    call.read();
    return 8;
  });
  const auto client = connectTo(foreign);
  ASSERT_TRUE(writeFrame(*client, requestFrame()));
  const auto answer = readFrame(*client);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, NetErrc::limit);
  EXPECT_THAT(answer.error().detail, HasSubstr("RESOURCE_EXHAUSTED: as the test wants it"));
}

INSTANTIATE_TEST_SUITE_P(Both, ForeignServerOf, testing::Values(false, true),
                         [](const auto& which) { return which.param ? "synchronous" : "asynchronous"; });

}  // namespace
}  // namespace jitrig
