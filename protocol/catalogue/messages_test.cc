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

template <class Message>
concept HasRequest = requires { typename Message::Request; };
template <class Message>
concept HasReply = requires { typename Message::Reply; };

/// Sends data points of the types T and looks whether they are what the catalogue says, then receives them.
template <class... T>
std::string misfitOnTheWire(const std::tuple<T...>& values, std::uint16_t number,
                            const std::vector<WireType>& types) {
  Message message(number);
  std::apply([&](const T&... value) { setArgs(message, value...); }, values);
  if (const auto misfit = checkDataPoints(toValues(message), types)) return toString(*misfit);
  return getArgs<T...>(message) ? "" : "cannot be received";
}

template <class Declared>
void checkDeclaration(const MessageTable& table) {
  SCOPED_TRACE(Declared::kName);
  const MessageType* type = table.find(Declared::kNumber);
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->name, Declared::kName);
  EXPECT_EQ(type->direction, Declared::kDirection);
  EXPECT_EQ(type->has_reply, Declared::kHasReply);
  EXPECT_EQ(type->request.has_value(), HasRequest<Declared>);
  EXPECT_EQ(type->reply.has_value(), HasReply<Declared>);
  if constexpr (HasRequest<Declared>) {
    if constexpr (std::tuple_size_v<typename Declared::Request> != 0) {
      EXPECT_EQ(misfitOnTheWire(typename Declared::Request{}, type->number, *type->request), "");
    }
  }
  if constexpr (HasReply<Declared>) {
    EXPECT_EQ(misfitOnTheWire(typename Declared::Reply{}, type->number, *type->reply), "");
  }
}

template <class List>
struct EveryDeclaration;
template <class... Declared>
struct EveryDeclaration<std::tuple<Declared...>> {
  static constexpr std::size_t kCount = sizeof...(Declared);
  static void check(const MessageTable& table) { (checkDeclaration<Declared>(table), ...); }
};

TEST(MessagesTest, EveryDeclarationIsTheCataloguesOne) {
  const auto head_table = Catalogue::builtIn().defaultTable();
  EXPECT_EQ(EveryDeclaration<head::AllMessages>::kCount, head_table->types().size());
  EXPECT_EQ(versionWord(head::kProtocolMajor, head::kProtocolMinor), head_table->release().versionWord());
  EveryDeclaration<head::AllMessages>::check(*head_table);
}

TEST(MessagesTest, RemotePointersCompareByAddress) {
  EXPECT_LT((RemotePointer{1}), (RemotePointer{2}));
  EXPECT_EQ((RemotePointer{7}), (RemotePointer{7}));
}

}  // namespace
}  // namespace jitrig
