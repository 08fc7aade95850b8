#include "protocol/stream/server_stream.h"

#include <string>
#include <vector>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/remote_pointer.h"
#include "protocol/stream/conversation_test.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ServerStreamTest : public OverEveryCarrier {
 protected:
  /// The exception of a server whose client announces `version`.
  std::string refusalOf(FullVersion version) {
    auto dialect = std::make_shared<Dialect>(*headDialect());
    dialect->announced = version;
    client_dialect = dialect;
    std::string what;
    converse([&](ClientStream& stream) { stream.buildCompileRequest(std::uint64_t{1}); },
             [&](ServerStream& stream) {
               what = thrownBy<StreamVersionIncompatible>([&] { stream.readCompileRequestMessage(); }).what();
             });
    return what;
  }
};
JITRIG_OVER_EVERY_CARRIER(ServerStreamTest);

constexpr std::uint32_t kVersion = 0x01006900;
constexpr std::uint32_t kConfig = 0x3011;

TEST_P(ServerStreamTest, NamesTheComponentsInWhichTheVersionsDiffer) {
  EXPECT_THAT(refusalOf({0x01006800, kConfig}),
              AllOf(HasSubstr("protocol: client 1.104, server 1.105"), Not(HasSubstr("JDK")),
                    Not(HasSubstr("compressed")), Not(HasSubstr("architecture"))));
  EXPECT_THAT(refusalOf({kVersion, 0x300b}),
              AllOf(HasSubstr("JDK: client 11, server 17"), Not(HasSubstr("protocol"))));
  EXPECT_THAT(refusalOf({kVersion, 0x2011}), HasSubstr("compressed references: client off, server on"));
  EXPECT_THAT(refusalOf({kVersion, 0xd011}), HasSubstr("architecture: client ARM64, server x86"));
  EXPECT_THAT(refusalOf({0x01006700, 0x200b}),
              AllOf(HasSubstr("protocol: "), HasSubstr("JDK: "), HasSubstr("compressed references: ")));
  EXPECT_FALSE(refusalOf({0, kConfig}).empty());  // one of the two words alone is no 0/0
  EXPECT_FALSE(refusalOf({kVersion, 0}).empty());
}

TEST_P(ServerStreamTest, AnswersAnIncompatibleClientWithTheStatusOfItsRelease) {
  auto dialect = std::make_shared<Dialect>(*headDialect());
  dialect->announced.version = 0x01006800;
  client_dialect = dialect;
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        EXPECT_EQ(stream.read(), stream.dialect().compilation_failure);
        EXPECT_EQ((stream.getRecvData<std::uint32_t, std::uint64_t>()), std::tuple(52U, ~std::uint64_t{0}));
        failureOf(StreamFailure::Cause::endOfStream, [&] { stream.read(); });
      },
      [&](ServerStream& stream) {
        thrownBy<StreamVersionIncompatible>([&] { stream.readCompileRequestMessage(); });
        stream.writeError(stream.dialect().status_version_incompatible);
      });
}

TEST_P(ServerStreamTest, AcceptsClientsThatAnnounceNothing) {
  converse(
      [&](ClientStream& stream) {
        stream.setVersionCheckStatus();
        stream.buildCompileRequest(std::uint64_t{9});
      },
      [&](ServerStream& stream) {
        EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{9}));
      });
}

TEST_P(ServerStreamTest, AcceptsAnyVersionIfToldTo) {
  server_options.accept_any_version = true;
  auto dialect = std::make_shared<Dialect>(*headDialect());
  dialect->announced = {0x02000000, 0xffff};
  client_dialect = dialect;
  converse([&](ClientStream& stream) { stream.buildCompileRequest(std::uint64_t{9}); },
           [&](ServerStream& stream) {
             EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{9}));
           });
}

/// bugs.md, I8: a server must survive each of them as the first message.
TEST_P(ServerStreamTest, TakesFourTypesAsFirstMessageAndNoOther) {
  const auto dialect = headDialect();
  run([&](Runtime& runtime, StreamPair) {
    for (const MessageType& type : dialect->table->types()) {
      Message message(type.number);
      if (type.request && !type.request->empty()) addValues(message, defaultValues(*type.request));
      auto pair = std::get<1>(GetParam()).connect(runtime);
      ServerStream stream(runtime, std::move(pair.server), dialect, {});
      const auto client = runtime.spawn(
          "client", [&] { valueOrThrow(writeAll(*pair.client, message.serialize(), patience(runtime))); });
      const auto read = [&] { stream.readCompileRequestMessage(); };
      if (type.name == "compilationRequest") {
        EXPECT_NO_THROW(read());
      } else if (type.name == "connectionTerminate") {
        thrownBy<StreamConnectionTerminate>(read);
      } else if (type.name == "clientSessionTerminate") {
        thrownBy<StreamClientSessionTerminate>(read);
      } else if (type.name == "AOTCacheMap_request") {
        thrownBy<StreamAOTCacheMapRequest>(read);
      } else {
        EXPECT_THAT(thrownBy<StreamMessageTypeMismatch>(read).what(),
                    AllOf(HasSubstr("received " + type.name + ","), HasSubstr("expected compilationRequest"),
                          HasSubstr(stream.name())));
      }
      client->join();
    }
  });
}

TEST_P(ServerStreamTest, RefusesFirstMessagesBeyondTheTable) {
  for (const std::uint16_t type : std::vector<std::uint16_t>{237, 305, 65535}) {
    run([&](Runtime& runtime, StreamPair pair) {
      ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
      const auto client = runtime.spawn("client", [&] {
        valueOrThrow(writeAll(*pair.client, messageBytes(type, true), patience(runtime)));
      });
      EXPECT_THAT(thrownBy<StreamMessageTypeMismatch>([&] { stream.readCompileRequestMessage(); }).what(),
                  HasSubstr("received #" + std::to_string(type)));
    });
  }
}

TEST_P(ServerStreamTest, LooksAtTheVersionBeforeTheType) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    Message message;
    message.start(numberOf("VM_isClassArray"), 0x01000000, kConfig);
    setArgs(message, true);
    const auto client = runtime.spawn(
        "client", [&] { valueOrThrow(writeAll(*pair.client, message.serialize(), patience(runtime))); });
    thrownBy<StreamVersionIncompatible>([&] { stream.readCompileRequestMessage(); });
  });
}

TEST_P(ServerStreamTest, FarewellsWithOtherDataPointsAreMisfits) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    const auto client = runtime.spawn("client", [&] {
      for (const auto& bytes : {messageBytes(numberOf("clientSessionTerminate"), std::string("me")),
                                messageBytes(numberOf("clientSessionTerminate"), std::uint64_t{1}, true),
                                messageBytes(numberOf("AOTCacheMap_request"), std::uint64_t{1})}) {
        valueOrThrow(writeAll(*pair.client, bytes, patience(runtime)));
      }
    });
    EXPECT_THAT(thrownBy<StreamTypeMismatch>([&] { stream.readCompileRequestMessage(); }).what(),
                HasSubstr("clientSessionTerminate"));
    EXPECT_THAT(thrownBy<StreamArityMismatch>([&] { stream.readCompileRequestMessage(); }).what(),
                HasSubstr("received 2, expected 1"));
    EXPECT_THAT(thrownBy<StreamTypeMismatch>([&] { stream.readCompileRequestMessage(); }).what(),
                HasSubstr("AOTCacheMap_request"));
  });
}

TEST_P(ServerStreamTest, ReadsNothingButTheAnswerToItsQuestion) {
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        stream.write(numberOf("VM_getMethods"), true);
      },
      [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf("VM_isClassArray"), RemotePointer{1});
        EXPECT_THAT(thrownBy<StreamMessageTypeMismatch>([&] { stream.read<bool>(); }).what(),
                    AllOf(HasSubstr("received VM_getMethods"),
                          HasSubstr("expected a reply to VM_isClassArray"), HasSubstr(stream.name())));
      });
}

TEST_P(ServerStreamTest, AGoodbyeInsteadOfAnAnswerEndsTheConnection) {
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        stream.writeError(stream.dialect().connection_terminate);
      },
      [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf("VM_isClassArray"), RemotePointer{1});
        thrownBy<StreamConnectionTerminate>([&] { stream.read<bool>(); });
      });
}

TEST_P(ServerStreamTest, StaleCountsOfBodylessMessagesAreIgnored) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    auto goodbye = messageBytes(numberOf("connectionTerminate"));
    goodbye[14] = std::byte{26};
    const auto client =
        runtime.spawn("client", [&] { valueOrThrow(writeAll(*pair.client, goodbye, patience(runtime))); });
    thrownBy<StreamConnectionTerminate>([&] { stream.readCompileRequestMessage(); });
    EXPECT_EQ(stream.message().numDataPoints(), 0);
  });
}

TEST_P(ServerStreamTest, WrongRepliesAreMisfitsOfTheFamily) {
  const std::uint16_t type = numberOf("VM_isClassArray");
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        for (int reply = 0; reply < 3; ++reply) {
          stream.read();
          if (reply == 0) stream.write(type, true, true);
          if (reply == 1) stream.write(type, std::string("yes"));
          if (reply == 2) stream.write(type, RemotePointer{1});
        }
      },
      [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(type, RemotePointer{1});
        thrownBy<StreamArityMismatch>([&] { stream.read<bool>(); });
        stream.write(type, RemotePointer{1});
        thrownBy<StreamTypeMismatch>([&] { stream.read<bool>(); });
        stream.write(type, RemotePointer{1});
        thrownBy<StreamArityMismatch>([&] { stream.read<std::uint16_t>(); });
      });
}

TEST_P(ServerStreamTest, RemembersWhoseConnectionItIs) {
  run([&](Runtime& runtime, StreamPair pair) {
    ServerStream stream(runtime, std::move(pair.server), headDialect(), {});
    EXPECT_EQ(stream.getClientId(), 0U);
    stream.setClientId(77);
    EXPECT_EQ(stream.getClientId(), 77U);
  });
}

}  // namespace
}  // namespace jitrig
