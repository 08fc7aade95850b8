#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/grpc/compile_server.h"
#include "protocol/grpc/compile_test_support.h"

namespace jitrig {
namespace {

/// A way to break a call, by one of its sides.
struct Break {
  std::string name;
  bool by_client;
  std::function<void(std::unique_ptr<ByteStream>& stream)> strike;
  std::optional<NetErrc> own_error;  ///< what that side's next read says; nullopt: nobody can ask
};

std::vector<Break> breaks() {
  std::vector<Break> all;
  for (const bool by_client : {true, false}) {
    const std::string side = by_client ? "client_" : "server_";
    all.push_back({side + "cancels", by_client, [](auto& stream) { stream->cancel(); }, NetErrc::cancelled});
    all.push_back({side + "resets", by_client, [](auto& stream) { stream->reset(); }, NetErrc::reset});
    all.push_back({side + "is_gone", by_client, [](auto& stream) { stream.reset(); }, std::nullopt});
    all.push_back({side + "cuts_a_frame", by_client,
                   [](auto& stream) {
                     const auto reply = replyFrame();
                     EXPECT_TRUE(writeAll(*stream, std::span(reply).first(7), kNever));
                     EXPECT_TRUE(stream->closeWrite());
                   },
                   NetErrc::reset});
  }
  all.push_back({"server_finishes", false, [](auto& stream) { EXPECT_TRUE(stream->closeWrite()); },
                 NetErrc::endOfFile});
  return all;
}

/// The steps of a compilation; a break comes before one of them, or after the last.
constexpr int kSteps = 6;

class GrpcBreak : public GrpcTest, public testing::WithParamInterface<Break> {
 protected:
  /// The first `count` steps, one after the other.
  void converse(int count) {
    client = connect();
    auto step = [&, index = 0](const std::function<void()>& body) mutable {
      if (index++ < count) body();
    };
    step([&] {
      ASSERT_TRUE(writeFrame(*client, requestFrame()));
      stream = handed_over.take();
    });
    step([&] { ASSERT_EQ(readFrame(*stream), requestFrame()); });
    step([&] { ASSERT_TRUE(writeFrame(*stream, queryFrame())); });
    step([&] { ASSERT_EQ(readFrame(*client), queryFrame()); });
    step([&] { ASSERT_TRUE(writeFrame(*client, replyFrame())); });
    step([&] { ASSERT_EQ(readFrame(*stream), replyFrame()); });
  }

  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> stream;
};

TEST_P(GrpcBreak, AtEveryStep) {
  serve({.streams = 1});
  for (int step = 1; step <= kSteps; ++step) {
    converse(step);
    ASSERT_FALSE(HasFatalFailure()) << "step " << step;
    auto& breaker = GetParam().by_client ? client : stream;
    auto& other = GetParam().by_client ? stream : client;
    NetErrc others_error{};
    // It may be inside its read by then, or not yet.
    const auto reader = runtime.spawn("the other side", [&] { others_error = readToTheEnd(*other); });
    GetParam().strike(breaker);
    if (breaker) {
      EXPECT_EQ(readToTheEnd(*breaker), GetParam().own_error) << "step " << step;
      EXPECT_FALSE(writeFrame(*breaker, replyFrame())) << "step " << step;
    }
    reader->join();
    EXPECT_TRUE(isOver(others_error)) << "step " << step << ": " << toString(others_error);
    EXPECT_FALSE(writeFrame(*other, replyFrame())) << "step " << step;
    client.reset();
    stream.reset();
    EXPECT_EQ(server->renewals(), 2 * step - 1);
    // The only stream serves the next client.
    compile(*connect());
  }
}

INSTANTIATE_TEST_SUITE_P(All, GrpcBreak, testing::ValuesIn(breaks()),
                         [](const auto& which) { return which.param.name; });

using GrpcStorm = GrpcTest;

/// Many clients that open, close and cancel whenever they like.
TEST_F(GrpcStorm, OpenCloseCancel) {
  constexpr int kClients = 8;
  constexpr int kCalls = 12;
  serve({.streams = 3});
  std::vector<std::unique_ptr<Task>> tasks;
  for (int handler = 0; handler < 3; ++handler) {
    tasks.push_back(runtime.spawn("server", [&] {
      while (true) {
        const auto stream = handed_over.take();
        if (!stream) return;
        while (readFrame(*stream) && writeFrame(*stream, queryFrame())) continue;
      }
    }));
  }
  std::vector<std::unique_ptr<Task>> clients;
  for (int number = 0; number < kClients; ++number) {
    clients.push_back(runtime.spawn("client", [&, number] {
      for (int call = 0; call < kCalls; ++call) {
        const auto client = connect(number == 0);
        writeFrame(*client, requestFrame());
        if ((call + number) % 2 == 0) readFrame(*client);
        if ((call + number) % 3 == 0) client->cancel();
        if ((call + number) % 5 == 0) writeFrame(*client, replyFrame());
        if ((call + number) % 7 == 0) client->reset();
      }
    }));
  }
  for (const auto& client : clients) client->join();
  server->stop();
  for (std::size_t handler = 0; handler < tasks.size(); ++handler) handed_over.onConnection(nullptr);
  for (const auto& task : tasks) task->join();
}

}  // namespace
}  // namespace jitrig
