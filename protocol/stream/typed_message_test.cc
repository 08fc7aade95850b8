#include "protocol/stream/typed_message.h"

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/messages.h"
#include "protocol/stream/conversation_test.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TypedMessageTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(TypedMessageTest);

TEST_P(TypedMessageTest, QueryReceivedReply) {
  converse(
      [](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        ASSERT_EQ(stream.read(), head::VM_isClassArray::kNumber);
        const auto [clazz] = received<head::VM_isClassArray>(stream);
        EXPECT_EQ(clazz, RemotePointer{0x7000});
        reply<head::VM_isClassArray>(stream, true);

        ASSERT_EQ(stream.read(), head::VM_transformJlrMethodInvoke::kNumber);
        EXPECT_EQ(received<head::VM_transformJlrMethodInvoke>(stream),
                  std::tuple(RemotePointer{1}, RemotePointer{2}));
        reply<head::VM_transformJlrMethodInvoke>(stream, head::TR_YesNoMaybe{{std::byte{2}}});
      },
      [](ServerStream& stream) {
        stream.readCompileRequestMessage();
        const auto [is_array] = query<head::VM_isClassArray>(stream, RemotePointer{0x7000});
        EXPECT_TRUE(is_array);
        const auto [answer] =
            query<head::VM_transformJlrMethodInvoke>(stream, RemotePointer{1}, RemotePointer{2});
        EXPECT_EQ(answer, head::TR_YesNoMaybe{{std::byte{2}}});
      });
}

TEST_P(TypedMessageTest, RequestAndEnd) {
  converse(
      [](ClientStream& stream) {
        head::compilationRequest::Request request{};
        std::get<0>(request) = 4711;
        std::get<4>(request) = RemotePointer{0x7000};
        std::apply([&stream](const auto&... each) { stream.buildCompileRequest(each...); }, request);
        ASSERT_EQ(stream.read(), head::compilationCode::kNumber);
        EXPECT_EQ(std::get<0>(received<head::compilationCode>(stream)), "code");
      },
      [](ServerStream& stream) {
        const auto request = readRequest<head::compilationRequest>(stream);
        EXPECT_EQ(std::get<0>(request), 4711U);
        EXPECT_EQ(std::get<4>(request), RemotePointer{0x7000});
        head::compilationCode::Request result{};
        std::get<0>(result) = "code";
        finish<head::compilationCode>(stream, result);
      });
}

TEST_P(TypedMessageTest, ARequestOfOtherDataPointsIsAMisfit) {
  converse([](ClientStream& stream) { stream.buildCompileRequest(std::uint64_t{1}); },
           [](ServerStream& stream) {
             thrownBy<StreamArityMismatch>([&] { readRequest<head::compilationRequest>(stream); });
           });
}

TEST_P(TypedMessageTest, WrongDataPointsAreMisfits) {
  converse(
      [](ClientStream& stream) {
        stream.buildCompileRequest(std::uint64_t{1});
        stream.read();
        thrownBy<StreamArityMismatch>([&] { received<head::VM_transformJlrMethodInvoke>(stream); });
        stream.write(head::VM_isClassArray::kNumber, std::string("yes"));
      },
      [](ServerStream& stream) {
        stream.readCompileRequestMessage();
        thrownBy<StreamTypeMismatch>([&] { query<head::VM_isClassArray>(stream, RemotePointer{1}); });
      });
}

/// Their numbers are head's: 67 is another message in 0.20.0, and in head's own j9 build.
TEST_P(TypedMessageTest, RefuseStreamsOfAnotherReleaseOrBuild) {
  for (const auto& [release, build] : {std::pair{"0.60.0", Build::openjdk}, std::pair{"head", Build::j9}}) {
    const auto table = Catalogue::builtIn().table(release, build).value();
    const auto dialect = Dialect::make(table, table->release().defaultVersion()).value();
    run([&](Runtime& runtime, StreamPair pair) {
      ServerStream server(runtime, std::move(pair.server), dialect, {});
      const auto error =
          thrownBy<std::logic_error>([&] { query<head::VM_isClassArray>(server, RemotePointer{1}); });
      EXPECT_THAT(error.what(), AllOf(HasSubstr(release), HasSubstr(toString(build))));
      thrownBy<std::logic_error>([&] { readRequest<head::compilationRequest>(server); });
      thrownBy<std::logic_error>([&] { finish<head::compilationCode>(server, {}); });
      ClientStream client(runtime, std::move(pair.client), dialect, {});
      thrownBy<std::logic_error>([&] { reply<head::VM_isClassArray>(client, true); });
      thrownBy<std::logic_error>([&] { received<head::VM_isClassArray>(client); });
    });
  }
}

}  // namespace
}  // namespace jitrig
