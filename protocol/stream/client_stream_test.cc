#include "protocol/stream/client_stream.h"

#include <optional>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/remote_pointer.h"
#include "protocol/stream/conversation_test.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

class ClientStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(ClientStreamTest);

TEST_P(ClientStreamTest, ConversationOfTwoCompilations) {
  const std::uint16_t is_array = numberOf("VM_isClassArray");
  const std::uint16_t get_methods = numberOf("VM_getMethods");
  std::vector<std::string> seen;
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{42}, std::string("first"));
        ASSERT_EQ(stream.read(), is_array);
        EXPECT_EQ(std::get<0>(stream.getRecvData<RemotePointer>()).address, 0x1000U);
        stream.write(is_array, true);
        ASSERT_EQ(stream.read(), get_methods);
        EXPECT_EQ(stream.getRecvData<RemotePointer>(), stream.getRecvData<RemotePointer>());
        stream.write(get_methods, std::string(100'000, 'm'), std::vector<std::uint64_t>{1, 2, 3});
        ASSERT_EQ(stream.read(), stream.dialect().compilation_code);
        EXPECT_EQ(stream.getRecvData<Strings>(), std::tuple(Strings{"code", "data"}));
        stream.setVersionCheckStatus();

        stream.buildCompileRequest(std::uint64_t{42}, std::string("second"));
        ASSERT_EQ(stream.read(), stream.dialect().compilation_failure);
        EXPECT_EQ((stream.getRecvData<std::uint32_t, std::uint64_t>()), std::tuple(7U, ~std::uint64_t{0}));
        stream.writeError(stream.dialect().connection_terminate);
      },
      [&](ServerStream& stream) {
        const auto [uid, name] = stream.readCompileRequest<std::uint64_t, std::string>();
        EXPECT_EQ(uid, 42U);
        EXPECT_EQ(name, "first");
        stream.write(is_array, RemotePointer{0x1000});
        EXPECT_EQ(stream.read<bool>(), std::tuple(true));
        stream.write(get_methods, RemotePointer{0x1000});
        const auto [text, numbers] = stream.read<std::string_view, std::vector<std::uint64_t>>();
        EXPECT_EQ(text, std::string(100'000, 'm'));
        EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
        stream.finishCompilation(Strings{"code", "data"});

        stream.readCompileRequestMessage();
        stream.writeError(7);
        thrownBy<StreamConnectionTerminate>([&] { stream.readCompileRequestMessage(); });
        seen.push_back("connectionTerminate");
      });
  EXPECT_THAT(seen, ElementsAre("connectionTerminate"));
}

TEST_P(ClientStreamTest, RequestsCarryTheVersionUntilACompilationHasPassedTheCheck) {
  std::vector<FullVersion> seen;
  converse(
      [&](ClientStream& stream) {
        for (int request = 0; request < 4; ++request) {
          EXPECT_EQ(stream.versionChecked(), request >= 2);
          stream.buildCompileRequest(std::uint64_t{1});
          EXPECT_EQ(stream.read(), numberOf("VM_isClassArray"));
          stream.write(numberOf("VM_isClassArray"), false);
          stream.read();
          if (request == 1) stream.setVersionCheckStatus();
        }
      },
      [&](ServerStream& stream) {
        for (int request = 0; request < 4; ++request) {
          const Message& message = stream.readCompileRequestMessage();
          seen.push_back({message.version(), message.config()});
          stream.write(numberOf("VM_isClassArray"), RemotePointer{1});
          const Message& reply = stream.readReply();
          EXPECT_EQ((FullVersion{reply.version(), reply.config()}), FullVersion{});
          stream.writeError(request == 0 ? 51 : 7);
        }
      });
  const FullVersion head{0x01006900, 0x3011};
  EXPECT_THAT(seen, ElementsAre(head, head, FullVersion{}, FullVersion{}));
}

/// A whole compilation with the data points that the catalogue gives each message, as dynamic Values.
TEST_P(ClientStreamTest, EveryQueryOfTheCatalogueInValues) {
  const MessageTable& table = *headDialect()->table;
  const auto defaults = [&](const std::optional<std::vector<WireType>>& types) {
    return defaultValues(types.value());
  };
  const MessageType& request_type = *table.find("compilationRequest");
  std::vector<const MessageType*> queries;
  for (const MessageType& type : table.types()) {
    if (type.direction == MessageType::Direction::query && type.request && type.reply)
      queries.push_back(&type);
  }
  ASSERT_GT(queries.size(), 200U);
  std::size_t answered = 0;
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(defaults(request_type.request));
        while (!stream.dialect().endsCompilation(stream.read())) {
          const MessageType& query = *table.find(stream.message().type());
          EXPECT_EQ(toValues(stream.message()), defaults(query.request)) << query.name;
          stream.write(query.number, defaults(query.reply));
          ++answered;
        }
        EXPECT_EQ(stream.message().type(), stream.dialect().compilation_code);
      },
      [&](ServerStream& stream) {
        EXPECT_EQ(toValues(stream.readCompileRequestMessage()), defaults(request_type.request));
        for (const MessageType* query : queries) {
          stream.write(query->number, defaults(query->request));
          EXPECT_EQ(toValues(stream.readReply()), defaults(query->reply)) << query->name;
        }
        stream.write(stream.dialect().compilation_code, defaults(table.find("compilationCode")->request));
      });
  EXPECT_EQ(answered, queries.size());
}

TEST_P(ClientStreamTest, ValuesGoAsSpanVectorAndArray) {
  const std::uint16_t type = numberOf("VM_isClassArray");
  const std::vector<Value> expected{Value(std::uint64_t{5}), Value(true)};
  converse(
      [&](ClientStream& stream) {
        const std::array<Value, 2> array{Value(std::uint64_t{5}), Value(true)};
        stream.buildCompileRequest(std::span<const Value>(expected));
        stream.read();
        stream.write(type, array);
      },
      [&](ServerStream& stream) {
        EXPECT_EQ((stream.readCompileRequest<std::uint64_t, bool>()), std::tuple(std::uint64_t{5}, true));
        stream.write(type, expected);
        EXPECT_EQ(toValues(stream.readReply()), expected);
      });
}

TEST_P(ClientStreamTest, InterruptionKeepsTheStream) {
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        stream.writeError(stream.dialect().compilation_interrupted);
        stream.buildCompileRequest(std::uint64_t{2});
        EXPECT_EQ(stream.read(), stream.dialect().compilation_failure);
      },
      [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf("VM_isClassArray"), RemotePointer{1});
        thrownBy<StreamInterrupted>([&] { stream.read<bool>(); });
        EXPECT_EQ(stream.message().size(), Message::kHeaderSize);
        EXPECT_EQ(stream.message().numDataPoints(), 0);
        EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{2}));
        stream.writeError(1);
      });
}

TEST_P(ClientStreamTest, BodylessMessagesSayThatTheyHaveNoDataPoints) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
    const auto writer = runtime.spawn("client", [&] {
      stream.buildCompileRequest(std::uint64_t{1}, true, true);
      stream.writeError(stream.dialect().connection_terminate);
    });
    const std::size_t request_size =
        messageBytes(numberOf("compilationRequest"), std::uint64_t{1}, true, true).size();
    const auto received = readExactly(runtime, *pair.server, request_size + Message::kHeaderSize);
    writer->join();
    // After a request with three data points: a real client leaves that count here, ours writes 0.
    EXPECT_EQ(std::vector(received.end() - 16, received.end()),
              messageBytes(numberOf("connectionTerminate")));
  });
}

TEST_P(ClientStreamTest, WriteErrorRefusesTypesWithABody) {
  run([&](Runtime& runtime, StreamPair pair) {
    ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
    const auto error = thrownBy<std::invalid_argument>(
        [&] { stream.writeError(stream.dialect().client_session_terminate); });
    EXPECT_THAT(error.what(), AllOf(HasSubstr("clientSessionTerminate"), HasSubstr("compilationInterrupted"),
                                    HasSubstr("connectionTerminate")));
    thrownBy<std::invalid_argument>([&] { stream.writeError(999); });
  });
}

TEST_P(ClientStreamTest, SessionTerminateNamesTheClient) {
  converse([&](ClientStream& stream) { stream.writeClientSessionTerminate(0xfeed); },
           [&](ServerStream& stream) {
             const auto end =
                 thrownBy<StreamClientSessionTerminate>([&] { stream.readCompileRequestMessage(); });
             EXPECT_EQ(end.clientUid(), 0xfeedU);
           });
}

TEST_P(ClientStreamTest, AOTCacheMapRequestIsAnsweredWithAMap) {
  const Strings methods{"java/lang/Object.<init>()V", "java/lang/String.hashCode()I"};
  converse(
      [&](ClientStream& stream) {
        stream.write(*stream.dialect().aot_cache_map_request, std::string("default"));
        EXPECT_EQ(stream.read(), *stream.dialect().aot_cache_map_reply);
        EXPECT_EQ(stream.getRecvData<Strings>(), std::tuple(methods));
      },
      [&](ServerStream& stream) {
        const auto request = thrownBy<StreamAOTCacheMapRequest>([&] { stream.readCompileRequestMessage(); });
        EXPECT_EQ(request.cacheName(), "default");
        stream.write(*stream.dialect().aot_cache_map_reply, methods);
      });
}

TEST_P(ClientStreamTest, CompilationFailureHasOneDataPointUpTo0_24) {
  for (const auto& [release, arity] : {std::pair{"0.24.0", 1}, std::pair{"0.25.0", 2}}) {
    const auto table = Catalogue::builtIn().table(release).value();
    client_dialect = server_dialect = Dialect::make(table, table->release().defaultVersion()).value();
    converse(
        [&](ClientStream& stream) {
          stream.buildCompileRequest(std::uint64_t{1});
          EXPECT_EQ(stream.read(), stream.dialect().compilation_failure);
          EXPECT_EQ(stream.message().numDataPoints(), arity) << release;
          if (arity == 1) {
            EXPECT_EQ(stream.getRecvData<std::uint32_t>(), std::tuple(33U));
          } else {
            EXPECT_EQ((stream.getRecvData<std::uint32_t, std::uint64_t>()), std::tuple(33U, 2U));
          }
        },
        [&](ServerStream& stream) {
          stream.readCompileRequestMessage();
          stream.writeError(33, 2);
        });
  }
}

TEST_P(ClientStreamTest, TypedReadsNameWhatWasReceivedAndExpected) {
  converse(
      [&](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        const auto arity =
            thrownBy<StreamArityMismatch>([&] { stream.getRecvData<std::uint64_t, std::uint64_t>(); });
        EXPECT_THAT(arity.what(), AllOf(HasSubstr("VM_isClassArray"), HasSubstr("received 1, expected 2"),
                                        HasSubstr(stream.name())));
        EXPECT_EQ(arity.cause(), StreamFailure::Cause::malformed);
        const auto type = thrownBy<StreamTypeMismatch>([&] { stream.getRecvData<bool>(); });
        EXPECT_THAT(type.what(), AllOf(HasSubstr("VM_isClassArray"), HasSubstr("offset 16"),
                                       HasSubstr("received OBJECT, expected BOOL")));
        const auto size = thrownBy<StreamArityMismatch>([&] { stream.getRecvData<std::uint16_t>(); });
        EXPECT_THAT(size.what(),
                    AllOf(HasSubstr("VM_isClassArray"), HasSubstr("received 8 bytes, expected 2")));
        // The message is still there for a better guess.
        EXPECT_EQ(stream.getRecvData<RemotePointer>(), std::tuple(RemotePointer{7}));
      },
      [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf("VM_isClassArray"), RemotePointer{7});
      });
}

TEST_P(ClientStreamTest, RefusesWhatNoServerSends) {
  for (const std::uint16_t type :
       std::vector<std::uint16_t>{numberOf("compilationRequest"), numberOf("clientSessionTerminate"),
                                  numberOf("AOTCacheMap_request"), numberOf("compilationInterrupted"),
                                  numberOf("connectionTerminate"), 237, 305, 65535}) {
    run([&](Runtime& runtime, StreamPair pair) {
      ClientStream stream(runtime, std::move(pair.client), headDialect(), {});
      const bool bodyless = stream.dialect().bodyless.contains(type);
      const auto peer = runtime.spawn("peer", [&] {
        const auto bytes = bodyless ? messageBytes(type) : messageBytes(type, std::uint64_t{1});
        EXPECT_TRUE(writeAll(*pair.server, bytes, patience(runtime)).has_value());
      });
      const auto error = thrownBy<StreamMessageTypeMismatch>([&] { stream.read(); });
      EXPECT_THAT(error.what(), AllOf(HasSubstr("received " + stream.dialect().typeName(type)),
                                      HasSubstr("expected a query"), HasSubstr(stream.name())));
    });
  }
}

class ClientStreamConnectTest : public testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, ClientStreamConnectTest, testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ClientStreamConnectTest, ConnectsToAListeningPort) {
  GetParam().run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto stream = ClientStream::connect(runtime, {"127.0.0.1", acceptor->port()}, headDialect(), {});
    EXPECT_THAT(stream->name(), HasSubstr("-> 127.0.0.1:" + std::to_string(acceptor->port())));
    EXPECT_FALSE(stream->hasBufferedInput());
    EXPECT_EQ(&stream->runtime(), &runtime);
  });
}

TEST_P(ClientStreamConnectTest, ARefusedConnectionIsAFailureToConnect) {
  GetParam().run([](Runtime& runtime) {
    auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const Endpoint nobody{"127.0.0.1", acceptor->port()};
    acceptor.reset();
    const auto failure = failureOf(StreamFailure::Cause::connect,
                                   [&] { ClientStream::connect(runtime, nobody, headDialect(), {}); });
    EXPECT_EQ(failure.netError(), NetErrc::refused);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr(toString(nobody)), HasSubstr("refused")));
  });
}

}  // namespace
}  // namespace jitrig
