#include "protocol/catalogue/messages.h"

#include <gtest/gtest.h>
#include <type_traits>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/wire/args_raw.h"

namespace jitrig {
namespace {

static_assert(head::VM_isClassArray::kNumber == 67);
static_assert(std::is_same_v<head::VM_isClassArray::Request, std::tuple<RemotePointer>>);
static_assert(std::is_same_v<head::VM_isClassArray::Reply, std::tuple<bool>>);
static_assert(head::VM_isClassArray::kHasReply);
static_assert(!head::compilationCode::kHasReply);
static_assert(std::tuple_size_v<head::compilationRequest::Request> == 26);
static_assert(
    std::is_same_v<std::tuple_element_t<10, head::compilationRequest::Request>, head::ClassInfoTuple>);
static_assert(std::is_same_v<head::connectionTerminate::Request, std::tuple<>>);
static_assert(
    std::is_same_v<head::VM_getFields::Request,
                   std::tuple<RemotePointer, std::vector<std::int32_t>, std::vector<std::uint8_t>>>);
static_assert(std::is_same_v<std::tuple_element_t<0, head::VM_getVMInfo::Reply>, ObjectBytes<824>>);
static_assert(std::is_trivially_copyable_v<RemotePointer> && sizeof(RemotePointer) == 8);
static_assert(std::is_trivially_copyable_v<ObjectBytes<5>> && sizeof(ObjectBytes<5>) == 5);

// The shape that RawTypeConvert gives a C++ type, from the type alone: sending and receiving 470 different
// tuples here would take minutes to compile. The largest ones do travel, below.
template <class T>
struct Shape {
  static_assert(TravelsAsObject<T> || std::is_same_v<T, Void>);
  static WireType type() { return WireType::object(sizeof(T)); }
};
template <>
struct Shape<std::int32_t> {
  static WireType type() { return WireType::scalar(WireType::Kind::int32); }
};
template <>
struct Shape<std::int64_t> {
  static WireType type() { return WireType::scalar(WireType::Kind::int64); }
};
template <>
struct Shape<std::uint32_t> {
  static WireType type() { return WireType::scalar(WireType::Kind::uint32); }
};
template <>
struct Shape<std::uint64_t> {
  static WireType type() { return WireType::scalar(WireType::Kind::uint64); }
};
template <>
struct Shape<bool> {
  static WireType type() { return WireType::scalar(WireType::Kind::boolean); }
};
template <>
struct Shape<std::string> {
  static WireType type() { return WireType::scalar(WireType::Kind::string); }
};
template <class T>
struct Shape<std::vector<T>> {
  static WireType type() { return WireType::vectorOf(Shape<T>::type()); }
};
template <class... T>
struct Shape<std::tuple<T...>> {
  static std::vector<WireType> types() { return {Shape<T>::type()...}; }
  static WireType type() { return WireType::tupleOf(types()); }
};

/// What messages.h says of a message type.
struct Declaration {
  std::uint16_t number;
  std::string name;
  MessageType::Direction direction;
  bool has_reply;
  std::optional<std::vector<WireType>> request;
  std::optional<std::vector<WireType>> reply;
};

template <class Declared>
Declaration declarationOf() {
  Declaration declaration{
      Declared::kNumber, Declared::kName, Declared::kDirection, Declared::kHasReply, {}, {}};
  if constexpr (requires { typename Declared::Request; }) {
    declaration.request = Shape<typename Declared::Request>::types();
  }
  if constexpr (requires { typename Declared::Reply; })
    declaration.reply = Shape<typename Declared::Reply>::types();
  return declaration;
}

template <class List>
struct EveryDeclaration;
template <class... Declared>
struct EveryDeclaration<std::tuple<Declared...>> {
  static std::vector<Declaration> list() { return {declarationOf<Declared>()...}; }
};

TEST(MessagesTest, EveryDeclarationIsTheCataloguesOne) {
  const auto table = Catalogue::builtIn().defaultTable();
  EXPECT_EQ(versionWord(head::kProtocolMajor, head::kProtocolMinor), table->release().versionWord());
  const std::vector<Declaration> declarations = EveryDeclaration<head::AllMessages>::list();
  ASSERT_EQ(declarations.size(), table->types().size());
  for (std::size_t i = 0; i < declarations.size(); ++i) {
    const Declaration& declared = declarations[i];
    const MessageType& type = table->types()[i];
    EXPECT_EQ(declared.name, type.name);
    EXPECT_EQ(declared.number, type.number) << type.name;
    EXPECT_EQ(declared.direction, type.direction) << type.name;
    EXPECT_EQ(declared.has_reply, type.has_reply) << type.name;
    EXPECT_EQ(declared.request, type.request) << type.name;
    EXPECT_EQ(declared.reply, type.reply) << type.name;
  }
}

/// Sends data points of the types T, looks whether they are what the catalogue says, and receives them.
template <class... T>
void expectToTravel(const std::tuple<T...>& values, std::uint16_t number,
                    const std::vector<WireType>& types) {
  Message message(number);
  std::apply([&](const T&... value) { setArgs(message, value...); }, values);
  const auto misfit = checkDataPoints(toValues(message), types);
  EXPECT_FALSE(misfit) << toString(*misfit);
  const auto received = getArgs<T...>(message);
  ASSERT_TRUE(received);
  EXPECT_TRUE(*received == values);
}

TEST(MessagesTest, DeclaredTypesTravelAsTheCatalogueSays) {
  const auto table = Catalogue::builtIn().defaultTable();
  head::ClassInfoTuple class_info;
  std::get<5>(class_info) = {RemotePointer{1}, RemotePointer{2}};
  head::compilationRequest::Request request;
  std::get<5>(request).bytes[63] = std::byte{7};
  std::get<23>(request) = {class_info, class_info};
  expectToTravel(request, head::compilationRequest::kNumber, *table->find("compilationRequest")->request);

  head::compilationCode::Request code;
  std::get<4>(std::get<2>(code)).resize(2);
  std::get<2>(std::get<4>(std::get<2>(code))[1]).resize(3);
  expectToTravel(code, head::compilationCode::kNumber, *table->find("compilationCode")->request);

  expectToTravel(head::VM_getVMInfo::Reply{}, head::VM_getVMInfo::kNumber,
                 *table->find("VM_getVMInfo")->reply);
  expectToTravel(head::VM_getFields::Request{RemotePointer{9}, {1, 2}, {3, 4, 5}},
                 head::VM_getFields::kNumber, *table->find("VM_getFields")->request);
}

TEST(MessagesTest, RemotePointersCompareByAddress) {
  EXPECT_LT((RemotePointer{1}), (RemotePointer{2}));
  EXPECT_EQ((RemotePointer{7}), (RemotePointer{7}));
}

}  // namespace
}  // namespace jitrig
