#include "bench/codec/values.h"

#include "protocol/wire/args_raw.h"

namespace jitrig::bench {
namespace {

/// Bytes that look like code or like a ROM class: all values, no runs.
std::string madeUpBytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 0x2545f491;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

RemotePointer pointer(std::uint64_t index) {
  return {0x7f30'1c00'0000 + index * 0x1000};
}

std::vector<RemotePointer> pointers(std::uint64_t count) {
  std::vector<RemotePointer> result;
  for (std::uint64_t index = 0; index < count; ++index) result.push_back(pointer(100 + index));
  return result;
}

/// The shape of the golden compilationRequest_first_with_version (testdata/goldens.jsonl).
head::ClassInfoTuple classInfo(std::size_t rom_class_size) {
  return {madeUpBytes(rom_class_size),
          pointer(1),
          pointer(2),
          0,
          pointer(3),
          pointers(2),
          {1, 1, 1, 1, 1, 1, 1, 1, 1},
          true,
          5,
          false,
          0x21,
          pointer(4),
          pointer(5),
          pointer(6),
          RemotePointer{0},
          pointer(7),
          0xe,
          pointer(8),
          8,
          9,
          10,
          {},
          "java/lang/String",
          7,
          "Ljava/lang/String;",
          pointer(9),
          11};
}

template <MessageId kId>
ValuesOf<kId> make();

template <>
ValuesOf<MessageId::pointerAndInt> make<MessageId::pointerAndInt>() {
  return {pointer(7), -5};
}

template <>
ValuesOf<MessageId::eightScalars> make<MessageId::eightScalars>() {
  return {-2, -3'000'000'000, 4'000'000'000, 0x1122'3344'5566'7788, true, pointer(3), 0.5, 0x8001};
}

template <>
ValuesOf<MessageId::stringAndScalars> make<MessageId::stringAndScalars>() {
  return {std::string(50, 'a') + std::string(50, 'z'), pointer(5), 17, true};
}

template <>
ValuesOf<MessageId::hundredTuples> make<MessageId::hundredTuples>() {
  ValuesOf<MessageId::hundredTuples> result;
  for (std::uint64_t index = 0; index < 100; ++index) {
    std::get<0>(result).emplace_back("element-" + std::to_string(index), index * 1000003, index % 2 == 1);
  }
  return result;
}

template <>
ValuesOf<MessageId::request> make<MessageId::request>() {
  return {0x1122'3344'5566'7788,
          0,
          0,
          pointer(10),
          pointer(11),
          {},
          "java/lang/String.hashCode()I",
          {{std::byte{1}}},
          pointers(2),
          {},
          classInfo(1024),
          std::string(300, 'o'),
          "",
          "chtUpd",
          "chtRem!",
          false,
          true,
          false,
          false,
          3,
          21930,
          {},
          pointers(1),
          {classInfo(65)},
          {1, 2, 3},
          2};
}

template <>
ValuesOf<MessageId::code> make<MessageId::code>() {
  const head::CHTableCommitData runtime_assumptions{pointers(1),
                                                    {},
                                                    {},
                                                    {{}},
                                                    {{{}, {{}, {}}, {}}, {{}, {{}}, {{}}}},
                                                    {"Foo", "com/acme/LongClassName"},
                                                    pointers(1),
                                                    {},
                                                    {},
                                                    {},
                                                    {},
                                                    {},
                                                    pointer(12)};
  return {madeUpBytes(65536), madeUpBytes(500), runtime_assumptions, pointers(1), "", {}, {}, {{}},
          {{std::byte{2}}},   {{std::byte{2}}}, pointers(1),         {{}}};
}

template <MessageId kId>
Message encode() {
  Message message(MessageTraits<kId>::kType);
  std::apply([&](const auto&... value) { setArgs(message, value...); }, values<kId>());
  return message;
}

}  // namespace

template <MessageId kId>
ValuesOf<kId>& values() {
  static ValuesOf<kId> instance = make<kId>();
  return instance;
}

template <MessageId kId>
std::span<const std::byte> encoded() {
  static const Message message = encode<kId>();
  return message.serialize();
}

// Every message, once.
#define JITRIG_BENCH_MESSAGE(id)                             \
  template ValuesOf<MessageId::id>& values<MessageId::id>(); \
  template std::span<const std::byte> encoded<MessageId::id>();
JITRIG_BENCH_MESSAGE(pointerAndInt)
JITRIG_BENCH_MESSAGE(eightScalars)
JITRIG_BENCH_MESSAGE(stringAndScalars)
JITRIG_BENCH_MESSAGE(hundredTuples)
JITRIG_BENCH_MESSAGE(request)
JITRIG_BENCH_MESSAGE(code)
#undef JITRIG_BENCH_MESSAGE

}  // namespace jitrig::bench
