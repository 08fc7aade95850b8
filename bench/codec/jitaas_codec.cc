#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "bench/codec/operations.h"
#include "protocol/jitaas/args_protobuf.h"
#include "protocol/jitaas/compile.pb.h"

// The older generation: jitrig's codec beside the generated classes filled and read by hand, both into a
// frame and from one, with a message made anew each time. By hand nothing is compared but the number of
// values: no tags, no members, no sizes, no limits.
namespace jitrig::bench {
namespace {

constexpr std::int32_t kType = 303;

using Pair = std::tuple<void*, std::int32_t>;
using Scalars = std::tuple<std::uint64_t, std::uint32_t, std::int64_t, std::int32_t, bool, void*,
                           std::uint64_t, std::int32_t>;
using Text = std::tuple<std::string, void*, std::int32_t, bool>;
using Element = std::tuple<std::string, std::int32_t, bool>;
using Elements = std::tuple<std::vector<Element>>;

void* const kPointer = reinterpret_cast<void*>(std::uintptr_t{0x7f0012345678});  // NOLINT: never followed

template <class Values>
const Values& valuesOf();
template <>
const Pair& valuesOf() {
  static const Pair values{kPointer, 4};
  return values;
}
template <>
const Scalars& valuesOf() {
  static const Scalars values{0x7f0011223344, 17, -5, 300, true, kPointer, 1, -1};
  return values;
}
template <>
const Text& valuesOf() {
  static const Text values{std::string(100, 's'), kPointer, 4, true};
  return values;
}
template <>
const Elements& valuesOf() {
  static const Elements values = [] {
    std::vector<Element> elements;
    for (int i = 0; i < 100; ++i)
      elements.emplace_back("java/lang/Object" + std::to_string(i), i, i % 2 == 0);
    return Elements{std::move(elements)};
  }();
  return values;
}

using Any = JITServer::Any;
using AnyData = JITServer::AnyData;

template <class T>
Any& fillTagged(AnyData& data) {
  Any& any = *data.add_data();
  any.set_extendedtypetag(kTypeTag<T>);
  return any;
}
void fill(AnyData& data, std::uint64_t value) {
  fillTagged<std::uint64_t>(data).set_uint64_v(value);
}
void fill(AnyData& data, std::uint32_t value) {
  fillTagged<std::uint32_t>(data).set_uint32_v(value);
}
void fill(AnyData& data, std::int64_t value) {
  fillTagged<std::int64_t>(data).set_int64_v(value);
}
void fill(AnyData& data, std::int32_t value) {
  fillTagged<std::int32_t>(data).set_int32_v(value);
}
void fill(AnyData& data, bool value) {
  fillTagged<bool>(data).set_bool_v(value);
}
void fill(AnyData& data, void* value) {
  fillTagged<void*>(data).set_uint64_v(reinterpret_cast<std::uintptr_t>(value));
}
void fill(AnyData& data, const std::string& value) {
  fillTagged<std::string>(data).set_bytes_v(value);
}
void fill(AnyData& data, const std::vector<Element>& values) {
  AnyData& elements = *fillTagged<std::vector<Element>>(data).mutable_vector_v();
  for (const auto& [text, number, flag] : values) {
    AnyData& members = *elements.add_data()->mutable_vector_v();
    fill(members, text);
    fill(members, number);
    fill(members, flag);
  }
}

void take(const Any& any, std::uint64_t& value) {
  value = any.uint64_v();
}
void take(const Any& any, std::uint32_t& value) {
  value = any.uint32_v();
}
void take(const Any& any, std::int64_t& value) {
  value = any.int64_v();
}
void take(const Any& any, std::int32_t& value) {
  value = any.int32_v();
}
void take(const Any& any, bool& value) {
  value = any.bool_v();
}
void take(const Any& any, void*& value) {
  value = reinterpret_cast<void*>(any.uint64_v());  // NOLINT: never followed
}
void take(const Any& any, std::string& value) {
  value = any.bytes_v();
}
void take(const Any& any, std::vector<Element>& values) {
  values.reserve(static_cast<std::size_t>(any.vector_v().data_size()));
  for (const Any& element : any.vector_v().data()) {
    auto& [text, number, flag] = values.emplace_back();
    take(element.vector_v().data(0), text);
    take(element.vector_v().data(1), number);
    take(element.vector_v().data(2), flag);
  }
}

template <class Values>
std::vector<std::byte> writtenByHand() {
  JITServer::J9ClientMessage message;
  message.set_type(kType);
  AnyData& data = *message.mutable_data();
  std::apply([&](const auto&... value) { (fill(data, value), ...); }, valuesOf<Values>());
  const auto size = static_cast<std::uint32_t>(message.ByteSizeLong());
  std::vector<std::byte> frame(sizeof size + size);
  std::memcpy(frame.data(), &size, sizeof size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(frame.data() + sizeof size));
  return frame;
}

template <class Values>
Values readByHand(std::span<const std::byte> frame) {
  JITServer::J9ClientMessage message;
  if (!message.ParseFromArray(frame.data() + 4, static_cast<int>(frame.size() - 4)) ||
      message.data().data_size() != std::tuple_size_v<Values>)
    throw std::runtime_error("by hand: not what was written");
  Values values;
  int index = 0;
  std::apply([&](auto&... value) { (take(message.data().data(index++), value), ...); }, values);
  return values;
}

template <class Values>
std::vector<std::byte> written() {
  JitaasMessage message(kType);
  std::apply([&](const auto&... value) { setArgs(message, value...); }, valuesOf<Values>());
  return message.serialize();
}

template <class... T>
std::tuple<T...> valuesIn(const JitaasMessage& message, std::type_identity<std::tuple<T...>> /*types*/) {
  return getArgs<T...>(message);
}

template <class Values>
Values read(std::span<const std::byte> frame) {
  const auto message = JitaasMessage::parse(frame);
  if (!message) throw std::runtime_error(toString(message.error()));
  return valuesIn(*message, std::type_identity<Values>{});
}

template <class Values>
const std::vector<std::byte>& frameOf() {
  static const std::vector<std::byte> frame = writtenByHand<Values>();
  return frame;
}

template <class Values>
void add(std::vector<Operation>& operations, const std::string& message) {
  if (written<Values>() != frameOf<Values>() || read<Values>(frameOf<Values>()) != valuesOf<Values>() ||
      readByHand<Values>(frameOf<Values>()) != valuesOf<Values>())
    throw std::logic_error(message + ": not the same as by hand");
  operations.push_back({message, "encode", "jitrig", [] { keep(written<Values>()); }});
  operations.push_back({message, "encode", "hand_written", [] { keep(writtenByHand<Values>()); }});
  operations.push_back({message, "decode", "jitrig", [] { keep(read<Values>(frameOf<Values>())); }});
  operations.push_back(
      {message, "decode", "hand_written", [] { keep(readByHand<Values>(frameOf<Values>())); }});
}

}  // namespace

void addJitaas(std::vector<Operation>& operations) {
  add<Pair>(operations, "jitaas_pointer_and_int32");
  add<Scalars>(operations, "jitaas_eight_scalars");
  add<Text>(operations, "jitaas_string_100_and_scalars");
  add<Elements>(operations, "jitaas_vector_of_100_tuples");
}

}  // namespace jitrig::bench
