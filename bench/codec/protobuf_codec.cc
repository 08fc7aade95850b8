#include <google/protobuf/repeated_field.h>
#include <stdexcept>

#include "bench/codec/operations.h"
#include "messages.pb.h"

// As its documentation advises: message objects are used again and again, so that strings and sub-messages
// keep their storage. Encoding begins with the same values as everybody's, so filling the object belongs to
// it.
namespace jitrig::bench {
namespace {

template <class T>
std::string_view bytesOf(const T& object) {
  return {reinterpret_cast<const char*>(&object), sizeof object};
}
template <class T>
std::string_view bytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

void assign(std::string& field, std::string_view bytes) {
  field.assign(bytes);
}
void assign(google::protobuf::RepeatedField<std::uint64_t>& field, const std::vector<RemotePointer>& values) {
  for (const RemotePointer& value : values) field.Add(value.address);
}

void fill(const ValuesOf<MessageId::pointerAndInt>& values, proto::PointerAndInt& out) {
  out.set_address(std::get<0>(values).address);
  out.set_number(std::get<1>(values));
}

void fill(const ValuesOf<MessageId::eightScalars>& values, proto::EightScalars& out) {
  out.set_a(std::get<0>(values));
  out.set_b(std::get<1>(values));
  out.set_c(std::get<2>(values));
  out.set_d(std::get<3>(values));
  out.set_e(std::get<4>(values));
  out.set_address(std::get<5>(values).address);
  out.set_f(std::get<6>(values));
  out.set_g(std::get<7>(values));
}

void fill(const ValuesOf<MessageId::stringAndScalars>& values, proto::StringAndScalars& out) {
  assign(*out.mutable_text(), std::get<0>(values));
  out.set_address(std::get<1>(values).address);
  out.set_number(std::get<2>(values));
  out.set_flag(std::get<3>(values));
}

void fill(const ValuesOf<MessageId::hundredTuples>& values, proto::HundredTuples& out) {
  for (const auto& [text, number, flag] : std::get<0>(values)) {
    proto::Element& element = *out.add_elements();
    assign(*element.mutable_text(), text);
    element.set_number(number);
    element.set_flag(flag);
  }
}

void fill(const head::ClassInfoTuple& info, proto::ClassInfo& out) {
  const auto& [rom_class, rom_pointer, base, dimensions, parent, interfaces, method_flags, finalizable, depth,
               initialized, offset, loader, host, component, array, volatile_class, instance_size,
               byte_offset, flags, modifiers, extra, constant_pool, name, length_of_name, chain, record,
               hash] = info;
  assign(*out.mutable_rom_class(), rom_class);
  out.set_rom_pointer(rom_pointer.address);
  out.set_base(base.address);
  out.set_dimensions(dimensions);
  out.set_parent(parent.address);
  assign(*out.mutable_interfaces(), interfaces);
  assign(*out.mutable_method_flags(), bytesOf(method_flags));
  out.set_finalizable(finalizable);
  out.set_depth(depth);
  out.set_initialized(initialized);
  out.set_offset(offset);
  out.set_loader(loader.address);
  out.set_host(host.address);
  out.set_component(component.address);
  out.set_array(array.address);
  out.set_volatile_class(volatile_class.address);
  out.set_instance_size(instance_size);
  out.set_byte_offset(byte_offset.address);
  out.set_flags(flags);
  out.set_modifiers(modifiers);
  out.set_extra(extra);
  assign(*out.mutable_constant_pool(), constant_pool);
  assign(*out.mutable_name(), name);
  out.set_length_of_name(length_of_name);
  assign(*out.mutable_chain(), chain);
  out.set_record(record.address);
  out.set_hash(hash);
}

void fill(const ValuesOf<MessageId::request>& values, proto::Request& out) {
  const auto& [client, sequence, critical, method, clazz, plan, details, details_type, unloaded, illegal,
               info, options, aot_header, updates, removals, is_aot, first, method_handle, cached, classes,
               generation, reserved, extended, uncached, ranges, last] = values;
  out.set_client(client);
  out.set_sequence(sequence);
  out.set_critical(critical);
  out.set_method(method.address);
  out.set_clazz(clazz.address);
  assign(*out.mutable_plan(), bytesOf(plan));
  assign(*out.mutable_details(), details);
  assign(*out.mutable_details_type(), bytesOf(details_type));
  assign(*out.mutable_unloaded(), unloaded);
  assign(*out.mutable_illegal(), illegal);
  fill(info, *out.mutable_info());
  assign(*out.mutable_options(), options);
  assign(*out.mutable_aot_header(), aot_header);
  assign(*out.mutable_updates(), updates);
  assign(*out.mutable_removals(), removals);
  out.set_is_aot(is_aot);
  out.set_first(first);
  out.set_method_handle(method_handle);
  out.set_cached(cached);
  out.set_classes(classes);
  out.set_generation(generation);
  assign(*out.mutable_reserved_classes(), reserved);
  assign(*out.mutable_extended(), extended);
  for (const auto& other : uncached) fill(other, *out.add_uncached());
  for (const std::uint64_t range : ranges) out.add_ranges(range);
  out.set_last(last);
}

void fill(const head::CHTableCommitData& values, proto::CHTable& out) {
  const auto& [t0, t1, t2, sites, guards, load_checks, t6, t7, t8, t9, t10, t11, t12] = values;
  assign(*out.mutable_t0(), t0);
  assign(*out.mutable_t1(), t1);
  assign(*out.mutable_t2(), t2);
  assign(*out.mutable_sites(), bytesOf(sites));
  for (const auto& [guard, guard_sites, inner] : guards) {
    proto::Guard& element = *out.add_guards();
    assign(*element.mutable_guard(), bytesOf(guard));
    assign(*element.mutable_sites(), bytesOf(guard_sites));
    assign(*element.mutable_inner(), bytesOf(inner));
  }
  for (const std::string& name : load_checks) assign(*out.add_load_checks(), name);
  assign(*out.mutable_t6(), t6);
  assign(*out.mutable_t7(), t7);
  assign(*out.mutable_t8(), t8);
  assign(*out.mutable_t9(), bytesOf(t9));
  assign(*out.mutable_t10(), t10);
  assign(*out.mutable_t11(), t11);
  out.set_t12(t12.address);
}

void fill(const ValuesOf<MessageId::code>& values, proto::Code& out) {
  const auto& [code, data, table, classes, log, methods, plan, assumptions, memory, threads, fields, labels] =
      values;
  assign(*out.mutable_code(), code);
  assign(*out.mutable_data(), data);
  fill(table, *out.mutable_table());
  assign(*out.mutable_classes(), classes);
  assign(*out.mutable_log(), log);
  assign(*out.mutable_methods(), methods);
  assign(*out.mutable_plan(), bytesOf(plan));
  assign(*out.mutable_assumptions(), bytesOf(assumptions));
  assign(*out.mutable_memory(), bytesOf(memory));
  assign(*out.mutable_threads(), bytesOf(threads));
  assign(*out.mutable_fields(), fields);
  assign(*out.mutable_labels(), bytesOf(labels));
}

template <MessageId kId>
struct ProtoOf;
template <>
struct ProtoOf<MessageId::pointerAndInt> : std::type_identity<proto::PointerAndInt> {};
template <>
struct ProtoOf<MessageId::eightScalars> : std::type_identity<proto::EightScalars> {};
template <>
struct ProtoOf<MessageId::stringAndScalars> : std::type_identity<proto::StringAndScalars> {};
template <>
struct ProtoOf<MessageId::hundredTuples> : std::type_identity<proto::HundredTuples> {};
template <>
struct ProtoOf<MessageId::request> : std::type_identity<proto::Request> {};
template <>
struct ProtoOf<MessageId::code> : std::type_identity<proto::Code> {};
template <MessageId kId>
using Proto = typename ProtoOf<kId>::type;

/// Function-local, because protobuf's messages want to be made after its own static objects.
template <MessageId kId>
struct State {
  Proto<kId> outgoing;
  Proto<kId> received;
  std::string buffer;

  static State& instance() {
    static State state;
    return state;
  }
};

template <MessageId kId>
void encode() {
  State<kId>& state = State<kId>::instance();
  state.outgoing.Clear();
  fill(*source<kId>, state.outgoing);
  state.buffer.resize(state.outgoing.ByteSizeLong());
  state.outgoing.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(state.buffer.data()));
  keep(state.buffer);
}

template <MessageId kId>
void decode() {
  State<kId>& state = State<kId>::instance();
  if (!state.received.ParseFromArray(state.buffer.data(), static_cast<int>(state.buffer.size()))) {
    throw std::runtime_error("protobuf: not read");
  }
  keep(state.received);
}

template <MessageId kId>
void check() {
  encode<kId>();
  decode<kId>();
  const State<kId>& state = State<kId>::instance();
  if (state.received.SerializeAsString() != state.buffer) {
    throw std::logic_error(std::string("protobuf reads something else than it wrote: ") +
                           MessageTraits<kId>::kName);
  }
}

}  // namespace

void addProtobuf(std::vector<Operation>& operations) {
  forEachMessage([&]<MessageId kId>() {
    const std::string name = MessageTraits<kId>::kName;
    check<kId>();
    operations.push_back({name, "encode", "protobuf", encode<kId>});
    operations.push_back({name, "decode", "protobuf", decode<kId>});
  });
}

}  // namespace jitrig::bench
