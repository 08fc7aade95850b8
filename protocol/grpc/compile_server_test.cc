#include "protocol/grpc/compile_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

using GrpcConversation = GrpcTest;

TEST_F(GrpcConversation, ACallIsACompilation) {
  serve();
  const auto client = connect();
  for (std::uint64_t compiled = 1; compiled <= 3; ++compiled) {
    const auto stream = compile(*client);
    EXPECT_EQ(server->calls(), compiled);
    EXPECT_EQ(readFrame(*stream).error().code, NetErrc::endOfFile);
    EXPECT_EQ(writeFrame(*stream, queryFrame()).error().code, NetErrc::endOfFile);
  }
  EXPECT_EQ(server->renewals(), 3);
}

TEST_F(GrpcConversation, SynchronousClient) {
  serve();
  const auto client = connect(true);
  for (int compiled = 0; compiled < 3; ++compiled) compile(*client);
  EXPECT_EQ(server->calls(), 3);
}

}  // namespace
}  // namespace jitrig
