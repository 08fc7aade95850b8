#include <algorithm>
#include <stdexcept>

#include "bench/codec/operations.h"
#include "messages_generated.h"

// The builder is used again and again. Reading verifies the buffer and then touches every field in it;
// nothing is copied, which is what flatbuffers is for: it counts as reading into views.
namespace jitrig::bench {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
template <class T>
using Offset = flatbuffers::Offset<T>;
using Bytes = Offset<flatbuffers::Vector<std::uint8_t>>;
using Numbers = Offset<flatbuffers::Vector<std::uint64_t>>;

Bytes bytes(Builder& builder, const void* data, std::size_t size) {
  return builder.CreateVector(static_cast<const std::uint8_t*>(data), size);
}
Bytes bytes(Builder& builder, const std::string& text) {
  return bytes(builder, text.data(), text.size());
}
template <class T>
Bytes bytes(Builder& builder, const std::vector<T>& values) {
  return bytes(builder, values.data(), values.size() * sizeof(T));
}
template <std::size_t kSize>
Bytes bytes(Builder& builder, const ObjectBytes<kSize>& object) {
  return bytes(builder, &object, kSize);
}
Numbers numbers(Builder& builder, const std::vector<RemotePointer>& values) {
  static_assert(sizeof(RemotePointer) == sizeof(std::uint64_t));
  return builder.CreateVector(reinterpret_cast<const std::uint64_t*>(values.data()), values.size());
}

auto build(Builder& builder, const ValuesOf<MessageId::pointerAndInt>& values) {
  return flat::CreatePointerAndInt(builder, std::get<0>(values).address, std::get<1>(values));
}

auto build(Builder& builder, const ValuesOf<MessageId::eightScalars>& values) {
  return flat::CreateEightScalars(builder, std::get<0>(values), std::get<1>(values), std::get<2>(values),
                                  std::get<3>(values), std::get<4>(values), std::get<5>(values).address,
                                  std::get<6>(values), std::get<7>(values));
}

auto build(Builder& builder, const ValuesOf<MessageId::stringAndScalars>& values) {
  const auto& [text, address, number, flag] = values;
  return flat::CreateStringAndScalars(builder, bytes(builder, text), address.address, number, flag);
}

auto build(Builder& builder, const ValuesOf<MessageId::hundredTuples>& values) {
  static std::vector<Offset<flat::Element>> elements;
  elements.clear();
  for (const auto& [text, number, flag] : std::get<0>(values)) {
    elements.push_back(flat::CreateElement(builder, bytes(builder, text), number, flag));
  }
  return flat::CreateHundredTuples(builder, builder.CreateVector(elements));
}

Offset<flat::ClassInfo> build(Builder& builder, const head::ClassInfoTuple& info) {
  const auto& [rom_class, rom_pointer, base, dimensions, parent, interfaces, method_flags, finalizable, depth,
               initialized, offset, loader, host, component, array, volatile_class, instance_size,
               byte_offset, flags, modifiers, extra, constant_pool, name, length_of_name, chain, record,
               hash] = info;
  const Bytes rom = bytes(builder, rom_class);
  const Numbers interface_numbers = numbers(builder, interfaces);
  const Bytes flag_bytes = bytes(builder, method_flags);
  const Numbers pool = numbers(builder, constant_pool);
  const Bytes name_bytes = bytes(builder, name);
  return flat::CreateClassInfo(
      builder, rom, rom_pointer.address, base.address, dimensions, parent.address, interface_numbers,
      flag_bytes, finalizable, depth, initialized, offset, loader.address, host.address, component.address,
      array.address, volatile_class.address, instance_size, byte_offset.address, flags, modifiers, extra,
      pool, name_bytes, length_of_name, bytes(builder, chain), record.address, hash);
}

auto build(Builder& builder, const ValuesOf<MessageId::request>& values) {
  const auto& [client, sequence, critical, method, clazz, plan, details, details_type, unloaded, illegal,
               info, options, aot_header, updates, removals, is_aot, first, method_handle, cached, classes,
               generation, reserved, extended, uncached, ranges, last] = values;
  static std::vector<Offset<flat::ClassInfo>> infos;
  infos.clear();
  for (const auto& other : uncached) infos.push_back(build(builder, other));
  const auto info_offset = build(builder, info);
  const Bytes plan_bytes = bytes(builder, plan);
  const Bytes details_bytes = bytes(builder, details);
  const Bytes type_bytes = bytes(builder, details_type);
  const Numbers unloaded_numbers = numbers(builder, unloaded);
  const Numbers illegal_numbers = numbers(builder, illegal);
  const Bytes option_bytes = bytes(builder, options);
  const Bytes header_bytes = bytes(builder, aot_header);
  const Bytes update_bytes = bytes(builder, updates);
  const Bytes removal_bytes = bytes(builder, removals);
  const Numbers reserved_numbers = numbers(builder, reserved);
  const Numbers extended_numbers = numbers(builder, extended);
  const auto uncached_infos = builder.CreateVector(infos);
  const Numbers range_numbers = builder.CreateVector(ranges);
  return flat::CreateRequest(builder, client, sequence, critical, method.address, clazz.address, plan_bytes,
                             details_bytes, type_bytes, unloaded_numbers, illegal_numbers, info_offset,
                             option_bytes, header_bytes, update_bytes, removal_bytes, is_aot, first,
                             method_handle, cached, classes, generation, reserved_numbers, extended_numbers,
                             uncached_infos, range_numbers, last);
}

Offset<flat::CHTable> build(Builder& builder, const head::CHTableCommitData& values) {
  const auto& [t0, t1, t2, sites, guards, load_checks, t6, t7, t8, t9, t10, t11, t12] = values;
  static std::vector<Offset<flat::Guard>> guard_offsets;
  static std::vector<Offset<flatbuffers::String>> names;
  guard_offsets.clear();
  names.clear();
  for (const auto& [guard, guard_sites, inner] : guards) {
    const Bytes guard_bytes = bytes(builder, guard);
    const Bytes site_bytes = bytes(builder, guard_sites);
    guard_offsets.push_back(flat::CreateGuard(builder, guard_bytes, site_bytes, bytes(builder, inner)));
  }
  for (const std::string& name : load_checks) names.push_back(builder.CreateString(name));
  const Numbers n0 = numbers(builder, t0);
  const Numbers n1 = numbers(builder, t1);
  const Numbers n2 = numbers(builder, t2);
  const Bytes site_bytes = bytes(builder, sites);
  const auto guard_vector = builder.CreateVector(guard_offsets);
  const auto name_vector = builder.CreateVector(names);
  const Numbers n6 = numbers(builder, t6);
  const Numbers n7 = numbers(builder, t7);
  const Numbers n8 = numbers(builder, t8);
  const Bytes b9 = bytes(builder, t9);
  const Numbers n10 = numbers(builder, t10);
  const Numbers n11 = numbers(builder, t11);
  return flat::CreateCHTable(builder, n0, n1, n2, site_bytes, guard_vector, name_vector, n6, n7, n8, b9, n10,
                             n11, t12.address);
}

auto build(Builder& builder, const ValuesOf<MessageId::code>& values) {
  const auto& [code, data, table, classes, log, methods, plan, assumptions, memory, threads, fields, labels] =
      values;
  const Bytes code_bytes = bytes(builder, code);
  const Bytes data_bytes = bytes(builder, data);
  const auto table_offset = build(builder, table);
  const Numbers class_numbers = numbers(builder, classes);
  const Bytes log_bytes = bytes(builder, log);
  const Numbers method_numbers = numbers(builder, methods);
  const Bytes plan_bytes = bytes(builder, plan);
  const Bytes assumption_bytes = bytes(builder, assumptions);
  const Bytes memory_bytes = bytes(builder, memory);
  const Bytes thread_bytes = bytes(builder, threads);
  const Numbers field_numbers = numbers(builder, fields);
  return flat::CreateCode(builder, code_bytes, data_bytes, table_offset, class_numbers, log_bytes,
                          method_numbers, plan_bytes, assumption_bytes, memory_bytes, thread_bytes,
                          field_numbers, bytes(builder, labels));
}

// Reading: every field, from the verified buffer.

template <class T>
std::size_t sizeOf(const flatbuffers::Vector<T>* field) {
  return field == nullptr ? 0 : field->size();
}

void touch(const flat::PointerAndInt& in) {
  keep(in.address());
  keep(in.number());
}

void touch(const flat::EightScalars& in) {
  keep(in.a());
  keep(in.b());
  keep(in.c());
  keep(in.d());
  keep(in.e());
  keep(in.address());
  keep(in.f());
  keep(in.g());
}

void touch(const flat::StringAndScalars& in) {
  keep(in.text());
  keep(sizeOf(in.text()));
  keep(in.address());
  keep(in.number());
  keep(in.flag());
}

void touch(const flat::HundredTuples& in) {
  for (const flat::Element* element : *in.elements()) {
    keep(element->text());
    keep(sizeOf(element->text()));
    keep(element->number());
    keep(element->flag());
  }
}

void touch(const flat::ClassInfo& in) {
  for (const auto* field : {in.rom_class(), in.method_flags(), in.name(), in.chain()}) keep(sizeOf(field));
  for (const auto* field : {in.interfaces(), in.constant_pool()}) keep(sizeOf(field));
  for (const std::uint64_t field :
       {in.rom_pointer(), in.base(), in.parent(), in.depth(), in.loader(), in.host(), in.component(),
        in.array(), in.volatile_class(), in.instance_size(), in.byte_offset(), in.flags(), in.modifiers(),
        in.extra(), in.record(), in.hash()}) {
    keep(field);
  }
  keep(in.dimensions());
  keep(in.offset());
  keep(in.length_of_name());
  keep(in.finalizable());
  keep(in.initialized());
}

void touch(const flat::Request& in) {
  for (const auto* field : {in.plan(), in.details(), in.details_type(), in.options(), in.aot_header(),
                            in.updates(), in.removals()}) {
    keep(sizeOf(field));
  }
  for (const auto* field : {in.unloaded(), in.illegal(), in.reserved_classes(), in.extended(), in.ranges()}) {
    keep(sizeOf(field));
  }
  for (const std::uint64_t field : {in.client(), in.method(), in.clazz(), in.generation(), in.last()})
    keep(field);
  for (const std::uint32_t field : {in.sequence(), in.critical(), in.classes()}) keep(field);
  for (const bool field : {in.is_aot(), in.first(), in.method_handle(), in.cached()}) keep(field);
  touch(*in.info());
  for (const flat::ClassInfo* other : *in.uncached()) touch(*other);
}

void touch(const flat::Code& in) {
  for (const auto* field : {in.code(), in.data(), in.log(), in.plan(), in.assumptions(), in.memory(),
                            in.threads(), in.labels(), in.table()->sites(), in.table()->t9()}) {
    keep(sizeOf(field));
  }
  const flat::CHTable& table = *in.table();
  for (const auto* field : {in.classes(), in.methods(), in.fields(), table.t0(), table.t1(), table.t2(),
                            table.t6(), table.t7(), table.t8(), table.t10(), table.t11()}) {
    keep(sizeOf(field));
  }
  for (const flat::Guard* guard : *table.guards()) {
    for (const auto* field : {guard->guard(), guard->sites(), guard->inner()}) keep(sizeOf(field));
  }
  for (const flatbuffers::String* name : *table.load_checks()) keep(name->size());
  keep(table.t12());
}

template <MessageId kId>
struct FlatOf;
template <>
struct FlatOf<MessageId::pointerAndInt> : std::type_identity<flat::PointerAndInt> {};
template <>
struct FlatOf<MessageId::eightScalars> : std::type_identity<flat::EightScalars> {};
template <>
struct FlatOf<MessageId::stringAndScalars> : std::type_identity<flat::StringAndScalars> {};
template <>
struct FlatOf<MessageId::hundredTuples> : std::type_identity<flat::HundredTuples> {};
template <>
struct FlatOf<MessageId::request> : std::type_identity<flat::Request> {};
template <>
struct FlatOf<MessageId::code> : std::type_identity<flat::Code> {};

template <MessageId kId>
Builder builder;

template <MessageId kId>
void encode() {
  builder<kId>.Clear();
  builder<kId>.Finish(build(builder<kId>, *source<kId>));
  keep(builder<kId>.GetBufferPointer());
}

template <MessageId kId>
void view() {
  using Table = typename FlatOf<kId>::type;
  flatbuffers::Verifier verifier(builder<kId>.GetBufferPointer(), builder<kId>.GetSize());
  if (!verifier.VerifyBuffer<Table>(nullptr)) throw std::runtime_error("flatbuffers: not read");
  touch(*flatbuffers::GetRoot<Table>(builder<kId>.GetBufferPointer()));
}

void check() {
  encode<MessageId::stringAndScalars>();
  const auto* in =
      flatbuffers::GetRoot<flat::StringAndScalars>(builder<MessageId::stringAndScalars>.GetBufferPointer());
  const auto& [text, address, number, flag] = *source<MessageId::stringAndScalars>;
  if (!std::equal(text.begin(), text.end(), in->text()->begin(), in->text()->end(),
                  [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }) ||
      in->address() != address.address || in->number() != number || in->flag() != flag) {
    throw std::logic_error("flatbuffers reads something else than it wrote");
  }
}

}  // namespace

void addFlatbuffers(std::vector<Operation>& operations) {
  check();
  forEachMessage([&]<MessageId kId>() {
    const std::string name = MessageTraits<kId>::kName;
    encode<kId>();
    view<kId>();
    operations.push_back({name, "encode", "flatbuffers", encode<kId>});
    operations.push_back({name, kHasViews<kId> ? "view" : "decode", "flatbuffers", view<kId>});
  });
}

}  // namespace jitrig::bench
