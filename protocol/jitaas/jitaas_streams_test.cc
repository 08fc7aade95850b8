#include <cstring>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/remote_pointer.h"
#include "protocol/jitaas/jitaas_dialect.h"
#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/wire/hex.h"

// ClientStream and ServerStream where a Dialect brings the older generation's frames: over every carrier, in
// every Runtime.
namespace jitrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::jitaasGolden;
using Cause = StreamFailure::Cause;

std::shared_ptr<const Dialect> jitaas(const JitaasDialectOptions& options = {}) {
  return makeJitaasDialect(options).value();
}

class JitaasStreamTest : public OverEveryCarrier {
 protected:
  JitaasStreamTest() {
    client_dialect = jitaas();
    server_dialect = jitaas();
  }

  std::uint16_t number(std::string_view type) const { return client_dialect->table->numberOf(type).value(); }
  std::vector<Value> requestValues() const {
    return defaultValues(*client_dialect->table->find(client_dialect->compilation_request)->request);
  }
  std::vector<Value> finalValues() const {
    return defaultValues(*client_dialect->table->find(client_dialect->compilation_code)->request);
  }

  /// The server reads these bytes, with nothing behind them; how that ends is `part`'s.
  void serve(const std::vector<std::byte>& bytes, const std::function<void(ServerStream&)>& part) {
    run([&](Runtime& runtime, StreamPair pair) {
      const auto peer = spawnWriter(runtime, *pair.client, bytes);
      ServerStream stream(runtime, std::move(pair.server), server_dialect, server_options);
      part(stream);
      stream.cancel();
    });
  }

  std::string malformed(std::string_view hex) {
    std::string what;
    serve(parseHex(hex).value(), [&](ServerStream& stream) {
      what = failureOf(Cause::malformed, [&] { stream.readCompileRequestMessage(); }).what();
      EXPECT_EQ(stream.message().numDataPoints(), 0);
    });
    return what;
  }
};
JITRIG_OVER_EVERY_CARRIER(JitaasStreamTest);

TEST_P(JitaasStreamTest, ConversationOfTwoCompilations) {
  bool said_goodbye = false;
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(requestValues());
        EXPECT_EQ(stream.read(), number("VM_isClassArray"));
        EXPECT_EQ(std::get<0>(stream.getRecvData<RemotePointer>()).address, 0x1000U);
        stream.write(number("VM_isClassArray"), true);
        EXPECT_EQ(stream.read(), number("ResolvedMethod_localName"));
        stream.write(number("ResolvedMethod_localName"), std::string(100'000, 'm'));
        EXPECT_EQ(stream.read(), stream.dialect().compilation_code);
        stream.setVersionCheckStatus();

        stream.buildCompileRequest(requestValues());
        EXPECT_EQ(stream.read(), stream.dialect().compilation_failure);
        EXPECT_EQ(stream.getRecvData<std::uint32_t>(), std::tuple(7U));
        stream.writeError(stream.dialect().connection_terminate);
      },
      [&](ServerStream& stream) {
        const FullVersion announced{stream.readCompileRequestMessage().version(), stream.message().config()};
        EXPECT_EQ(announced, server_dialect->announced);
        stream.write(number("VM_isClassArray"), RemotePointer{0x1000});
        EXPECT_EQ(stream.read<bool>(), std::tuple(true));
        stream.write(number("ResolvedMethod_localName"), RemotePointer{1}, 2U, 3U);
        EXPECT_EQ(stream.read<std::string_view>(), std::tuple(std::string(100'000, 'm')));
        stream.write(stream.dialect().compilation_code, finalValues());

        EXPECT_EQ(stream.readCompileRequestMessage().version(), 0U) << "it has passed the check";
        stream.writeError(7);
        thrownBy<StreamConnectionTerminate>([&] { stream.readCompileRequestMessage(); });
        said_goodbye = true;
      });
  EXPECT_TRUE(said_goodbye);
}

/// The bytes, which are the goldens'.
TEST_P(JitaasStreamTest, EachMessageIsOneFrameOfTheRealCode) {
  run([&](Runtime& runtime, StreamPair pair) {
    const auto server = runtime.spawn("server", [&] {
      ServerStream stream(runtime, std::move(pair.server), server_dialect, server_options);
      stream.write(number("VM_dereferenceStaticAddress"), RemotePointer{139638282147448}, std::int32_t{4});
      thrownBy<StreamInterrupted>([&] { stream.readReply(); });
    });
    const auto& query = jitaasGolden("pointer_int32").frame;
    EXPECT_EQ(toHex(readExactly(runtime, *pair.client, query.size())), toHex(query));
    const auto interrupted = parseHex("0400000008061200").value();
    EXPECT_TRUE(writeAll(*pair.client, interrupted, patience(runtime)));
    server->join();
  });
}

TEST_P(JitaasStreamTest, GoodbyesAreTheGoldens) {
  serve(jitaasGolden("clientSessionTerminate").frame, [](ServerStream& stream) {
    EXPECT_NE(thrownBy<StreamClientSessionTerminate>([&] { stream.readCompileRequestMessage(); }).clientUid(),
              0U);
  });
  serve(jitaasGolden("connectionTerminate").frame, [](ServerStream& stream) {
    thrownBy<StreamConnectionTerminate>([&] { stream.readCompileRequestMessage(); });
  });
}

TEST_P(JitaasStreamTest, OtherTagsFailTheCompilation) {
  serve(jitaasGolden("compilationRequest_with_version").frame, [](ServerStream& stream) {
    const auto mismatch = thrownBy<StreamTypeMismatch>([&] { stream.readCompileRequestMessage(); });
    EXPECT_THAT(mismatch.what(), AllOf(HasSubstr("compilationRequest: data[4]: received bytes_v (tag 10)"),
                                       HasSubstr("expected TR_OptimizationPlan")));
  });
  serve(jitaasGolden("compilationRequest_no_version").frame, [](ServerStream& stream) {
    const auto mismatch = thrownBy<StreamArityMismatch>([&] { stream.readCompileRequestMessage(); });
    EXPECT_THAT(mismatch.what(), HasSubstr("data: received 4 values, expected 13"));
  });
}

TEST_P(JitaasStreamTest, WhereTagsAreIgnoredWhoeverReadsDecides) {
  server_dialect = jitaas({.tags = TagCheck::ignore});
  serve(jitaasGolden("compilationRequest_no_version").frame,
        [](ServerStream& stream) { EXPECT_EQ(stream.readCompileRequestMessage().numDataPoints(), 4); });
}

/// Another release may send other values: the version is what is wrong.
TEST_P(JitaasStreamTest, TheVersionIsLookedAtBeforeTheTags) {
  server_dialect = jitaas({.release = "0.19.0"});
  serve(jitaasGolden("compilationRequest_with_version").frame, [](ServerStream& stream) {
    EXPECT_THAT(thrownBy<StreamVersionIncompatible>([&] { stream.readCompileRequestMessage(); }).what(),
                HasSubstr("protocol: client 0.1, server 0.4"));
  });
}

TEST_P(JitaasStreamTest, AReplyWithOtherTagsIsAMismatch) {
  converse(
      [&](ClientStream& stream) {
        stream.read();
        stream.write(number("VM_isClassArray"), std::uint32_t{1});
        stream.read();
      },
      [&](ServerStream& stream) {
        stream.write(number("VM_isClassArray"), RemotePointer{1});
        EXPECT_THAT(
            thrownBy<StreamTypeMismatch>([&] { stream.readReply(); }).what(),
            HasSubstr(
                "VM_isClassArray: data[0]: received uint32_v (tag 1, a uint32), expected bool (tag 4)"));
        stream.writeError(1);
      });
}

TEST_P(JitaasStreamTest, BytesThatAreNoFrameEndTheStream) {
  EXPECT_THAT(malformed("474554202f20485454502f312e310d0a"), HasSubstr("HTTP"));
  EXPECT_THAT(malformed("16030100c2010000be0303"), HasSubstr("this is a TLS handshake"));
  EXPECT_THAT(malformed("ffffff7f08051200"), HasSubstr("messageTooLarge"));
  EXPECT_THAT(malformed("10000000006900011130000006000000"),
              HasSubstr("a message of JITServer looks like that"));
  EXPECT_THAT(malformed("040000000805127f"), HasSubstr("offset 7: message: a length of 127 bytes"));
  EXPECT_THAT(malformed("02000000ffff"), HasSubstr("offset"));
}

/// Every golden, cut off anywhere, with the end of the stream behind it: an end between two messages or in
/// one, and never anything else.
TEST_P(JitaasStreamTest, AFrameCutOffIsTruncated) {
  const std::vector<std::byte> goodbye = jitaasGolden("connectionTerminate").frame;
  for (std::size_t size = 0; size < goodbye.size(); ++size) {
    run([&](Runtime& runtime, StreamPair pair) {
      const auto peer = runtime.spawn("peer", [&] {
        if (size != 0)
          static_cast<void>(writeAll(*pair.client, std::span(goodbye).first(size), patience(runtime)));
        static_cast<void>(pair.client->closeWrite());
      });
      ServerStream stream(runtime, std::move(pair.server), server_dialect, server_options);
      const auto failure = failureOf(size == 0 ? Cause::endOfStream : Cause::truncated,
                                     [&] { stream.readCompileRequestMessage(); });
      peer->join();
      if (size >= 4) {
        EXPECT_THAT(failure.what(), HasSubstr(std::to_string(size) + " of 8 bytes of a message"));
      }
    });
  }
}

/// Both personas' ends see each golden as if it were due, however little sense it makes there.
TEST_P(JitaasStreamTest, EveryGoldenIsAnAnswerOrAnException) {
  for (const testing::JitaasGolden& golden : testing::jitaasGoldens()) {
    run([&](Runtime& runtime, StreamPair pair) {
      const auto server = spawnWriter(runtime, *pair.server, golden.frame);
      ClientStream stream(runtime, std::move(pair.client), client_dialect, client_options);
      try {
        stream.read();
      } catch (const StreamException& exception) {
        EXPECT_THAT(exception.what(), HasSubstr(golden.type_name)) << golden.name;
      }
      EXPECT_EQ(stream.message().type(), golden.type);
      server->join();
    });
  }
}

}  // namespace
}  // namespace jitrig
