#include <cstring>

#include "fakecompiler/fake_compiler_test_support.h"

// wire.md, "What a hostile or broken peer can send", through a whole FakeCompiler: the error is reported, the
// connection closed, and everybody else is served.
namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

std::string text(const Message& message) {
  const auto bytes = message.serialize();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string request() {
  Message message(headDialect()->compilation_request);
  addValues(message, requestOf(1));
  return text(message);
}

template <class T>
std::string patched(std::string bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

struct HostileBytes {
  const char* name;
  std::string bytes;
  const char* error;
  bool closes_itself = false;  ///< then the client closes, too: the bytes only end there
};

void PrintTo(const HostileBytes& hostile, std::ostream* out) {
  *out << hostile.name;
}

constexpr std::size_t kFirstDescriptor = 16;

std::vector<HostileBytes> hostileBytes() {
  return {
      {"size_below_a_header", patched(request(), 0, 15U), "16"},
      {"size_beyond_the_limit", patched(request(), 0, 0x7fffffffU), "offset 0"},
      {"size_that_never_arrives", request().substr(0, 100), "after 100 of 744 bytes", true},
      {"count_too_high", patched(request(), 14, std::uint16_t{27}), "offset"},
      {"count_too_low", patched(request(), 14, std::uint16_t{25}), "trailing"},
      {"type_of_data_point_enum", patched(request(), kFirstDescriptor, std::uint8_t{7}), "offset 16"},
      {"type_of_data_point_unknown", patched(request(), kFirstDescriptor, std::uint8_t{12}), "offset 16"},
      {"padding", patched(request(), kFirstDescriptor + 1, std::uint8_t{4}), "offset 17"},
      {"data_offset", patched(request(), kFirstDescriptor + 2, std::uint8_t{8}), "offset 18"},
      {"descriptor_past_the_end", patched(request(), kFirstDescriptor + 4, 0xfffffff0U), "offset 20"},
      {"wrong_type", patched(request(), kFirstDescriptor, std::uint8_t{1}), "data point 0: expected uint64"},
      {"http", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP"},
      {"tls", std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11), "TLS"},
      {"proxy", "PROXY TCP4 192.0.2.1 192.0.2.2 56324 38400\r\n", "PROXY"},
      {"big_endian", patched(request(), 0, __builtin_bswap32(static_cast<std::uint32_t>(request().size()))),
       "endian"},
      {"body_on_connection_terminate", patched(request(), 12, headDialect()->connection_terminate),
       "bodyNotAllowed"},
      {"unknown_type", patched(request(), 12, std::uint16_t{9999}), "received #9999"},
  };
}

/// As far as the server reads: that it closes before the end is what is expected of it.
void sendAndClose(ByteStream& stream, const std::string& bytes, bool close) {
  const auto written = writeAll(stream, std::as_bytes(std::span(bytes)), kNever);
  if (!written || !close) return;
  EXPECT_TRUE(stream.closeWrite());
}

class HostileClientTest : public ::testing::TestWithParam<std::tuple<RuntimeUnderTest, HostileBytes>> {};

TEST_P(HostileClientTest, IsReportedClosedAndForgotten) {
  const auto& [runtime_under_test, hostile] = GetParam();
  runtime_under_test.run([&](Runtime& runtime) {
    RunningCompiler compiler(runtime, scriptAsking({"VM_isClassArray"}), {}, 2);
    const auto innocent = compiler.connect();
    innocent->buildCompileRequest(requestOf(2));
    ASSERT_EQ(innocent->read(), numberOf("VM_isClassArray"));

    auto bytes = compiler.connectBytes();
    const auto writer =
        runtime.spawn("hostile client", [&] { sendAndClose(*bytes, hostile.bytes, hostile.closes_itself); });
    std::vector<std::byte> buffer(4096);
    NetResult<std::size_t> answer = bytes->readSome(buffer, runtime.now() + kPatience);
    while (answer) answer = bytes->readSome(buffer, runtime.now() + kPatience);
    EXPECT_EQ(answer.error().code, NetErrc::endOfFile);
    writer->join();

    EXPECT_TRUE(compiler.servesOthers());
    innocent->write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(innocent->read(), headDialect()->compilation_code);
    sayGoodbye(*innocent);
    compiler.compiler().stop();
    EXPECT_EQ(compiler.compiler().summary().stream_failures, 1U);
    const auto failed = std::ranges::find(compiler.reports.ends, true, &StreamEndReport::failure);
    ASSERT_NE(failed, compiler.reports.ends.end());
    EXPECT_THAT(failed->detail, HasSubstr(hostile.error));
    EXPECT_THAT(failed->detail, HasSubstr(failed->stream));
  });
}

constexpr auto kNameOfHostile = [](const auto& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
};

INSTANTIATE_TEST_SUITE_P(, HostileClientTest,
                         ::testing::Combine(::testing::ValuesIn(allRuntimes()),
                                            ::testing::ValuesIn(hostileBytes())),
                         kNameOfHostile);

class ManyHostileClientsTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, ManyHostileClientsTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ManyHostileClientsTest, MutatedRequestsHarmNobody) {
  GetParam().run([](Runtime& runtime) {
    RunningCompiler compiler(runtime, scriptAsking({}), {}, 2);
    RandomStream random(1);
    for (int i = 0; i < 300; ++i) {
      std::string bytes = request();
      const std::uint64_t changes = 1 + random.below(4);
      for (std::uint64_t change = 0; change < changes; ++change) {
        const std::size_t offset = random.below(bytes.size());
        bytes[offset] = static_cast<char>(random.draw());
      }
      const auto stream = compiler.connectBytes();
      const auto writer = runtime.spawn("hostile client", [&] { sendAndClose(*stream, bytes, true); });
      std::vector<std::byte> buffer(4096);
      while (stream->readSome(buffer, runtime.now() + kPatience)) {
      }
      writer->join();
    }
    EXPECT_TRUE(compiler.servesOthers());
    compiler.compiler().stop();
    const FakeCompilerSummary summary = compiler.compiler().summary();
    EXPECT_GT(summary.stream_failures, 100U);
    EXPECT_EQ(compiler.compiler().parkedStreams(), 0U);
  });
}

}  // namespace
}  // namespace jitrig::test
