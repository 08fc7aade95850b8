#include "protocol/jitaas/jitaas_dialect.h"

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/catalogue/remote_pointer.h"
#include "protocol/jitaas/any_data.h"
#include "protocol/jitaas/jitaas_format.h"
#include "protocol/jitaas/jitaas_goldens.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/jitaas_message_types.h"
#include "protocol/jitaas/protobuf_validation.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/jitaas/type_tag.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/value_text.h"

// Messages as frames and back.
namespace jitrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::jitaasGolden;

std::shared_ptr<const Dialect> dialectOf(const JitaasDialectOptions& options = {}) {
  auto dialect = makeJitaasDialect(options);
  if (!dialect) throw std::runtime_error(dialect.error());
  return *dialect;
}

struct Decoded {
  std::vector<Value> values;
  std::optional<FormatMisfit> misfit;
};

Decoded decode(const Dialect& dialect, std::span<const std::byte> frame, std::optional<Direction> sender) {
  Message message;
  auto misfit = dialect.format->decode(frame, sender, {}, message);
  if (!misfit) throw std::runtime_error(misfit.error());
  return {toValues(message), std::move(*misfit)};
}

std::string misfitOf(const Dialect& dialect, const std::string& golden, Direction sender) {
  const auto decoded = decode(dialect, jitaasGolden(golden).frame, sender);
  return decoded.misfit ? decoded.misfit->what : "";
}

TEST(JitaasDialect, EveryReleaseHasOne) {
  for (const JitaasMessageTypes& types : jitaasReleases()) {
    const auto dialect = dialectOf({.release = types.release});
    EXPECT_EQ(dialect->table->release().name, types.release);
    EXPECT_EQ(dialect->protocol(), "jitaas");
    for (const JitaasMessageType& type : types.types)
      EXPECT_EQ(dialect->table->numberOf(type.name), type.number) << types.release << ": " << type.name;
    EXPECT_TRUE(dialect->endsCompilation(dialect->compilation_code));
    EXPECT_FALSE(dialect->aot_cache_map_request) << "that generation had no AOT cache";
  }
}

TEST(JitaasDialect, AnnouncesWhatItsReleaseDid) {
  const FullVersion golden{.version = 0x100, .config = 0x100b};
  EXPECT_EQ(dialectOf()->announced, golden);
  EXPECT_EQ(dialectOf({.release = "0.19.0"})->announced.version, 0x400U);
  EXPECT_EQ(dialectOf({.announced = FullVersion{.version = 1, .config = 2}})->announced.config, 2U);
}

TEST(JitaasDialect, AReleaseThatIsNotThereIsAnError) {
  const auto dialect = makeJitaasDialect({.release = "0.20.0"});
  ASSERT_FALSE(dialect);
  EXPECT_THAT(dialect.error(), HasSubstr("'0.20.0' of jitaas; the nearest is 0.19.0"));
}

/// Otherwise one type would be read as another.
TEST(JitaasSignatures, ATagMeansOneType) {
  std::map<std::uint64_t, std::string> names;
  const std::function<void(const CarriedType&)> look = [&](const CarriedType& type) {
    const auto [found, is_new] = names.try_emplace(type.tag, type.name);
    // Several names of one type: uintptr_t and uint64_t, all pointers, vectors of such.
    const bool has_names = type.kind != AnyKind::bytes || type.tag == kTypeTag<std::string>;
    EXPECT_TRUE(is_new || has_names || found->second == type.name) << found->second << ", " << type.name;
    for (const CarriedType& element : type.elements) look(element);
  };
  const auto dialect = dialectOf();
  const JitaasSignatures signatures(*dialect->table);
  for (const MessageType& type : dialect->table->types()) {
    for (const Direction sender : {Direction::client, Direction::server}) {
      if (const auto* types = signatures.find(type.number, sender)) std::ranges::for_each(*types, look);
    }
  }
  EXPECT_GT(names.size(), 10U);
}

TEST(JitaasFormat, WritesWhatTheRealCodeWrote) {
  const auto dialect = dialectOf();
  Message query(*dialect->table->numberOf("VM_dereferenceStaticAddress"));
  setArgs(query, RemotePointer{139638282147448}, std::int32_t{4});
  EXPECT_EQ(toHex(dialect->encode(query, Direction::server)), toHex(jitaasGolden("pointer_int32").frame));

  const Message interrupted(dialect->compilation_interrupted);
  EXPECT_EQ(toHex(dialect->encode(interrupted, Direction::client)), "0400000008061200");
}

/// An enumeration is a number, a class of its size is bytes.
TEST(JitaasFormat, TheCatalogueSaysAsWhatAnObjectTravels) {
  const auto dialect = dialectOf();
  const auto carried = [&](const char* type) {
    Message query(*dialect->table->numberOf(type));
    for (const std::size_t size : {8U, 4U}) addValue(query, Value::Object{std::vector<std::byte>(size)});
    const auto frame = dialect->encode(query, Direction::server);
    EXPECT_FALSE(decode(*dialect, frame, Direction::server).misfit) << type;
    const auto message = JitaasMessage::parse(frame).value();
    std::vector<AnyKind> kinds;
    for (std::size_t i = 0; i < any_data::size(message.data()); ++i)
      kinds.push_back(any_data::kind(any_data::at(message.data(), i)));
    return kinds;
  };
  using enum AnyKind;
  EXPECT_THAT(carried("ResolvedMethod_setRecognizedMethodInfo"), ElementsAre(uint64, uint64));
  EXPECT_THAT(carried("VM_dereferenceStaticAddress"), ElementsAre(uint64, bytes));
}

/// Of the goldens that are what their message type says; the others show the conversion only.
TEST(JitaasFormat, ReadsAndWritesTheGoldensAsTheyAre) {
  const auto dialect = dialectOf();
  for (const char* const name : {"pointer_null", "bool_true", "string_nuls", "string_empty", "void",
                                 "clientSessionTerminate", "uint32_max"}) {
    const testing::JitaasGolden& golden = jitaasGolden(name);
    const Direction sender =
        golden.type_name == "VM_getClassClassPointer" ? Direction::server : Direction::client;
    Message message;
    const auto misfit = dialect->format->decode(golden.frame, sender, {}, message);
    ASSERT_TRUE(misfit) << name << ": " << misfit.error();
    EXPECT_EQ(misfit->value_or(FormatMisfit{}).what, "") << name;
    EXPECT_EQ(toHex(dialect->encode(message, sender)), toHex(golden.frame)) << name;
  }
}

TEST(JitaasFormat, AGoldenWithoutItsSignatureIsReadByItsTags) {
  const auto dialect = dialectOf();
  const auto text = [&](const char* name) {
    return toText(decode(*dialect, jitaasGolden(name).frame, std::nullopt).values);
  };
  EXPECT_EQ(text("pointer_int32"), "object(78563412007f0000), int32(4)");
  EXPECT_EQ(text("tuple"), "tuple(uint32(1), uint64(2), bool(true), string(\"t\"))");
  EXPECT_EQ(text("vec_string"), "string(\"n\"), vector(string(\"a\"), string(\"\"), string(\"hello\"))");
  EXPECT_EQ(text("vec_empty_u32"), "empty_vector");
}

/// Values that differ from zero and from each other, whatever their type; vectors have two elements.
class FullValues {
 public:
  std::vector<Value> of(const std::vector<WireType>& types) {
    std::vector<Value> values;
    for (const WireType& type : types) values.push_back(of(type));
    return values;
  }

 private:
  Value of(const WireType& type) {
    using Kind = WireType::Kind;
    switch (type.kind) {
      case Kind::int32: return -static_cast<std::int32_t>(next());
      case Kind::int64: return -static_cast<std::int64_t>(next());
      case Kind::uint32: return ~next();
      case Kind::uint64: return ~std::uint64_t{next()};
      case Kind::boolean: return true;
      case Kind::string: return Value::String{std::string(next() % 300, 's')};
      case Kind::object:
        return Value::Object{type.object_size == 1 ? std::vector<std::byte>(1)  // it may be a Void
                                                   : bytes(type.object_size)};
      case Kind::tuple: return Value::Tuple{of(type.elements)};
      case Kind::vector: break;
    }
    const WireType& element = type.elements.front();
    const std::size_t size = simpleVectorElementSize(element);
    if (size != 0)
      return Value::SimpleVector{.element_size = static_cast<std::uint8_t>(size), .bytes = bytes(2 * size)};
    return Value::Vector{of({element, element})};
  }

  std::vector<std::byte> bytes(std::size_t size) {
    std::vector<std::byte> made(size);
    for (std::byte& byte : made) byte = static_cast<std::byte>(next());
    return made;
  }
  std::uint32_t next() { return ++last_; }

  std::uint32_t last_ = 0;
};

/// Each message type of every release, with the zeros of its types, and with values.
TEST(JitaasFormat, EveryMessageComesBackAsItWas) {
  for (const JitaasMessageTypes& types : jitaasReleases()) {
    const auto dialect = dialectOf({.release = types.release});
    for (const MessageType& type : dialect->table->types()) {
      for (const bool reply : {false, true}) {
        const auto& shapes = reply ? type.reply : type.request;
        if (!shapes) continue;
        const bool from_client = reply || type.direction == MessageType::Direction::clientToServer;
        const Direction sender = from_client ? Direction::client : Direction::server;
        for (const auto& values : {defaultValues(*shapes), FullValues().of(*shapes)}) {
          Message message(type.number);
          addValues(message, values);
          const Decoded decoded = decode(*dialect, dialect->encode(message, sender), sender);
          EXPECT_FALSE(decoded.misfit) << type.name << ": " << decoded.misfit->what;
          EXPECT_EQ(toText(decoded.values), toText(values)) << type.name;
        }
      }
    }
  }
}

std::vector<Value> oneOfEach() {
  const auto object = [](std::size_t size, int byte) {
    return Value(Value::Object{std::vector<std::byte>(size, std::byte(byte))});
  };
  const auto vector = [](std::uint8_t element_size, std::size_t size) {
    return Value(Value::SimpleVector{.element_size = element_size, .bytes = std::vector<std::byte>(size)});
  };
  const Value::String string{"text"};
  const Value::String long_string{std::string(256, 'x')};  // longer than an element of a SIMPLE_VECTOR
  return {Value(std::int32_t{-1}),
          Value(std::int64_t{-2}),
          Value(std::uint32_t{3}),
          Value(~std::uint64_t{0}),
          Value(true),
          Value(string),
          Value(Value::String{""}),
          object(8, 9),
          object(1, 0),
          object(1, 1),
          object(5, 0),
          object(300, 7),
          Value(Value::EmptyVector{}),
          vector(3, 6),
          vector(8, 16),
          Value(Value::Vector{{string, Value::String{"more"}, Value::String{""}}}),
          Value(Value::Vector{{Value(Value::Vector{{long_string, long_string}})}}),
          Value(Value::Vector{{Value(Value::Vector{{string, Value::String{"m"}}})}}),
          Value(Value::Tuple{{Value(std::int32_t{1}), Value(std::int32_t{2})}}),
          Value(Value::Tuple{{Value(Value::Tuple{{Value(true)}}), Value(string)}}),
          Value(Value::Vector{{Value(Value::Tuple{{Value(std::int32_t{1}), Value(true)}}),
                               Value(Value::Tuple{{Value(std::int32_t{2}), Value(false)}})}})};
}

/// Values of types that the release does not know go by their tags alone. (Of a vector's objects of more than
/// 255 bytes they do not say that they are no strings.)
TEST(JitaasFormat, OtherValuesComeBackAsTheyWere) {
  const auto dialect = dialectOf();
  const std::uint16_t no_type = 60'000;
  for (const Value& value : oneOfEach()) {
    Message message(no_type);
    addValue(message, value);
    addValue(message, Value::Tuple{{value, value}});
    const Decoded decoded = decode(*dialect, dialect->encode(message, Direction::client), Direction::client);
    EXPECT_EQ(toText(decoded.values), toText(toValues(message)));
    EXPECT_FALSE(decoded.misfit);
  }
}

/// Whatever a message holds, and be it not what its type has, its frame can be read.
TEST(JitaasFormat, AnyValuesMakeAFrame) {
  const auto dialect = dialectOf();
  for (std::uint16_t type = 0; type < 400; ++type) {
    for (const Value& value : oneOfEach()) {
      Message message(type);
      addValue(message, value);
      addValue(message, Value::Vector{{value, value, std::uint32_t{1}}});
      const Decoded decoded =
          decode(*dialect, dialect->encode(message, Direction::server), Direction::server);
      ASSERT_EQ(decoded.values.size(), 2U) << type << ": " << toText(value);
      if (value == Value(Value::Object{{std::byte{1}}})) continue;  // a Void's byte means nothing
      ASSERT_EQ(toText(decoded.values[0]), toText(toValues(message)[0])) << type;
    }
  }
}

TEST(JitaasFormat, AnotherTagThanTheTypesIsAMisfit) {
  const auto strict = dialectOf();
  EXPECT_EQ(misfitOf(*strict, "pointer_int32", Direction::server),
            "data[1]: received int32_v (tag 0, an int32), expected TR::DataType (tag 474187)");
  EXPECT_EQ(misfitOf(*strict, "pointer_int32", Direction::client), "data: received 2 values, expected 1");
  EXPECT_THAT(misfitOf(*strict, "compilationRequest_with_version", Direction::client),
              "data[4]: received bytes_v (tag 10), expected TR_OptimizationPlan (tag 811848)");
  EXPECT_EQ(
      misfitOf(*dialectOf({.tags = TagCheck::ignore}), "compilationRequest_with_version", Direction::client),
      "")
      << "who reads its values finds what does not fit";
}

TEST(JitaasFormat, WithoutTagsThePlacesSayWhatIsMeant) {
  const auto dialect = dialectOf({.tags = TagCheck::ignore});
  Message query(*dialect->table->numberOf("VM_isClassArray"));
  setArgs(query, RemotePointer{17});
  auto frame = dialect->encode(query, Direction::server);
  const auto tag = std::ranges::find(frame.begin() + 10, frame.end(), std::byte{7});
  ASSERT_NE(tag, frame.end());
  *tag = std::byte{99};
  const Decoded decoded = decode(*dialect, frame, Direction::server);
  EXPECT_EQ(toText(decoded.values), "object(1100000000000000)");
  EXPECT_EQ(decode(*dialectOf(), frame, Direction::server).misfit->what,
            "data[0]: received uint64_v (tag 99), expected TR_OpaqueClassBlock * (tag 7)");
}

TEST(JitaasFormat, FirstBytesSayTheType) {
  const auto dialect = dialectOf();
  const auto& format = *dialect->format;
  for (const testing::JitaasGolden& golden : testing::jitaasGoldens()) {
    const auto begin = std::span(golden.frame).first(std::min(golden.frame.size(), format.headerSize()));
    EXPECT_EQ(format.typeOf(begin), golden.type) << golden.name;
  }
  const Message younger(5);
  const auto raw = younger.serialize();
  EXPECT_EQ(format.typeOf(raw), std::nullopt);
  const auto announced = format.announcement()(raw, {});
  ASSERT_FALSE(announced);
  EXPECT_THAT(toString(announced.error()), HasSubstr("a message of JITServer looks like that"));
}

/// Their first four bytes are the size of a frame, too: 66,330 and 197,397 bytes.
TEST(JitaasFormat, TlsIsToldFromALongFrame) {
  const auto announced = dialectOf()->format->announcement();
  const auto errorOf = [&](std::string_view hex) {
    const auto size = announced(*parseHex(hex), {});
    return size ? "" : toString(size.error());
  };
  EXPECT_THAT(errorOf("16030100c2010000be0303"), HasSubstr("this is a TLS handshake"));
  EXPECT_THAT(errorOf("160303007a020000760303"), HasSubstr("this is a TLS handshake"));
  EXPECT_THAT(errorOf("15030300020228"), HasSubstr("this is a TLS alert"));
  EXPECT_EQ(errorOf("16030100c201"), "") << "more bytes will tell";
  EXPECT_EQ(errorOf("1603010008011200"), "") << "a frame of that size";
  EXPECT_EQ(errorOf("1603010012020a00"), "") << "another one, of type 0";
  EXPECT_EQ(errorOf("1503030008021200"), "");
}

TEST(JitaasFormat, LimitsOfThePeerHold) {
  const auto dialect = dialectOf();
  Message message(*dialect->table->numberOf("VM_isClassArray"));
  const auto errorOf = [&](const std::vector<Value>& values, const WireLimits& limits) {
    Message sent(*dialect->table->numberOf("VM_isClassArray"));
    addValues(sent, values);
    const auto frame = dialect->encode(sent, Direction::server);
    const auto decoded = dialect->format->decode(frame, std::nullopt, limits, message);
    return decoded ? "" : decoded.error();
  };
  const std::vector<Value> three(3, std::uint32_t{1});
  EXPECT_EQ(errorOf(three, {}), "");
  EXPECT_EQ(errorOf(three, {.max_vector_length = 3}), "");
  EXPECT_THAT(errorOf(three, {.max_vector_length = 2}), HasSubstr("max_values"));
  const std::vector<Value> nested{Value::Tuple{{Value::Tuple{{true}}}}};
  EXPECT_EQ(errorOf(nested, {.max_nesting = 2}), "");
  EXPECT_THAT(errorOf(nested, {.max_nesting = 1}), HasSubstr("max_nesting"));
  const auto size = dialect->encode(message, Direction::server).size() - kJitaasFrameHeaderSize;
  EXPECT_THAT(errorOf(nested, {.max_message_size_bytes = size - 1}), HasSubstr("max_message_size"));
}

TEST(JitaasFormat, NoMoreValuesThanAMessageCounts) {
  const auto dialect = dialectOf();
  Message message;
  const auto decoded = [&](std::size_t count) {
    JitaasMessage frame(5, 0);
    addTaggedValues(frame.data(), std::vector<TaggedValue>(count, TaggedValue{4, true}));
    return dialect->format->decode(frame.serialize(), std::nullopt, {}, message);
  };
  EXPECT_TRUE(decoded(65'535));
  EXPECT_EQ(decoded(65'536).error(), "data: 65536 values, but a message has no more than 65535");
}

TEST(JitaasFormat, WhatIsNoMessageIsAnError) {
  const auto dialect = dialectOf();
  Message message;
  const auto errorOf = [&](std::string_view hex) {
    const auto frame = parseHex(hex);
    const auto decoded = dialect->format->decode(*frame, Direction::client, {}, message);
    return decoded ? "" : decoded.error();
  };
  EXPECT_EQ(errorOf("0400000008061200"), "");
  EXPECT_THAT(errorOf("05000000088080041200"), HasSubstr("size"));
  EXPECT_THAT(errorOf("06000000088080041200"), "type 65536: no message has this number");
  EXPECT_THAT(errorOf("0d000000088580fcffffffffffff011200"), "type -65531: no message has this number");
  EXPECT_THAT(errorOf("0200000012ff"), HasSubstr("a number that does not end"));
}

}  // namespace
}  // namespace jitrig
