#include <algorithm>
#include <stdexcept>

#include "bench/codec/hand_written.h"
#include "bench/codec/operations.h"
#include "protocol/wire/message_buffer.h"

namespace jitrig::bench {
namespace {

using namespace hand_written;

// ---- (1) pointer and int32: every place is known ----------------------------------------------------------

void write(const ValuesOf<MessageId::pointerAndInt>& values, MessageBuffer& buffer) {
  const auto& [address, number] = values;
  buffer.resize(44);
  std::byte* message = buffer.data();
  storeHeader(message, 70, 2, 44);
  store(message + 16, descriptor(6, 8));
  store(message + 24, address.address);
  store(message + 32, descriptor(0, 4));
  store(message + 40, number);
}

bool read(std::span<const std::byte> bytes, ValuesOf<MessageId::pointerAndInt>& values) {
  const std::byte* message = bytes.data();
  if (bytes.size() != 44 || load<std::uint32_t>(message) != 44 || load<std::uint16_t>(message + 14) != 2 ||
      load<std::uint64_t>(message + 16) != descriptor(6, 8) ||
      load<std::uint64_t>(message + 32) != descriptor(0, 4)) {
    return false;
  }
  std::get<0>(values).address = load<std::uint64_t>(message + 24);
  std::get<1>(values) = load<std::int32_t>(message + 40);
  return true;
}

// ---- (2) eight scalars: every place is known, too
// ----------------------------------------------------------

void write(const ValuesOf<MessageId::eightScalars>& values, MessageBuffer& buffer) {
  buffer.resize(140);
  std::byte* message = buffer.data();
  storeHeader(message, 71, 8, 140);
  store(message + 16, descriptor(0, 4));
  store(message + 24, std::get<0>(values));
  store(message + 28, descriptor(1, 12, 0, 4));
  store(message + 36, std::uint32_t{0});
  store(message + 40, std::get<1>(values));
  store(message + 48, descriptor(2, 4));
  store(message + 56, std::get<2>(values));
  store(message + 60, descriptor(3, 12, 0, 4));
  store(message + 68, std::uint32_t{0});
  store(message + 72, std::get<3>(values));
  store(message + 80, descriptor(4, 4, 3));
  store(message + 88, std::uint32_t{std::get<4>(values)});
  store(message + 92, descriptor(6, 12, 0, 4));
  store(message + 100, std::uint32_t{0});
  store(message + 104, std::get<5>(values).address);
  store(message + 112, descriptor(6, 8));
  store(message + 120, std::get<6>(values));
  store(message + 128, descriptor(6, 4, 2));
  store(message + 136, std::uint32_t{std::get<7>(values)});
}

bool read(std::span<const std::byte> bytes, ValuesOf<MessageId::eightScalars>& values) {
  const std::byte* message = bytes.data();
  if (bytes.size() != 140 || load<std::uint32_t>(message) != 140 || load<std::uint16_t>(message + 14) != 8 ||
      load<std::uint64_t>(message + 16) != descriptor(0, 4) ||
      load<std::uint64_t>(message + 28) != descriptor(1, 12, 0, 4) ||
      load<std::uint64_t>(message + 48) != descriptor(2, 4) ||
      load<std::uint64_t>(message + 60) != descriptor(3, 12, 0, 4) ||
      load<std::uint64_t>(message + 80) != descriptor(4, 4, 3) ||
      load<std::uint64_t>(message + 92) != descriptor(6, 12, 0, 4) ||
      load<std::uint64_t>(message + 112) != descriptor(6, 8) ||
      load<std::uint64_t>(message + 128) != descriptor(6, 4, 2)) {
    return false;
  }
  values = {load<std::int32_t>(message + 24),  load<std::int64_t>(message + 40),
            load<std::uint32_t>(message + 56), load<std::uint64_t>(message + 72),
            message[88] != std::byte{0},       RemotePointer{load<std::uint64_t>(message + 104)},
            load<double>(message + 120),       load<std::uint16_t>(message + 136)};
  return true;
}

// ---- (3) to (6): behind the first string or vector every place depends on what came before
// -----------------

/// Also for the result types that own: In has an overload for each.
bool header(std::span<const std::byte> bytes, std::uint16_t count) {
  return bytes.size() >= 16 && load<std::uint32_t>(bytes.data()) == bytes.size() &&
         load<std::uint16_t>(bytes.data() + 14) == count;
}

void finish(const Out& out, std::uint16_t type, std::uint16_t count, MessageBuffer& buffer) {
  storeHeader(buffer.data(), type, count, out.size());
  buffer.resize(out.size());
}

void write(const ValuesOf<MessageId::stringAndScalars>& values, MessageBuffer& buffer) {
  const auto& [text, address, number, flag] = values;
  buffer.resize(80 + text.size());
  Out out(buffer.data());
  out.string(text);
  out.eight(6, address.address);
  out.four(0, static_cast<std::uint32_t>(number));
  out.boolean(flag);
  finish(out, 72, 4, buffer);
}

template <class Values>
bool readStringAndScalars(std::span<const std::byte> bytes, Values& values) {
  auto& [text, address, number, flag] = values;
  In in(bytes.data(), 16, bytes.size());
  return header(bytes, 4) && in.string(text) && in.eight(6, address) && in.four(0, number) &&
         in.boolean(flag) && in.atEnd();
}

void write(const ValuesOf<MessageId::hundredTuples>& values, MessageBuffer& buffer) {
  const auto& elements = std::get<0>(values);
  std::size_t size = 36;
  for (const auto& [text, number, flag] : elements) size += 8 + 8 + 3 + text.size() + 20 + 12;
  buffer.resize(size);
  Out out(buffer.data());
  std::byte* vector = out.open();
  out.four(2, static_cast<std::uint32_t>(elements.size()));
  for (const auto& [text, number, flag] : elements) {
    std::byte* tuple = out.open();
    out.string(text);
    out.eight(3, number);
    out.boolean(flag);
    out.close(11, tuple);
  }
  out.close(8, vector);
  finish(out, 130, 1, buffer);
}

template <class Values>
bool readTuples(std::span<const std::byte> bytes, Values& values) {
  auto& elements = std::get<0>(values);
  In in(bytes.data(), 16, bytes.size());
  In vector = in;
  std::uint32_t count = 0;
  if (!header(bytes, 1) || !in.open(8, vector) || !vector.four(2, count)) return false;
  if (count > vector.left() / 44) return false;  // what a tuple takes at least
  elements.resize(count);
  for (auto& [text, number, flag] : elements) {
    In tuple = vector;
    if (!vector.open(11, tuple) || !tuple.string(text) || !tuple.eight(3, number) || !tuple.boolean(flag) ||
        !tuple.atEnd()) {
      return false;
    }
  }
  return vector.atEnd() && in.atEnd();
}

template <class T>
std::span<const T> spanOf(const std::vector<T>& values) {
  return values;
}

std::size_t sizeOf(const head::ClassInfoTuple& info) {
  return 27 * 23 + std::get<0>(info).size() + std::get<22>(info).size() + std::get<24>(info).size() +
         8 * (std::get<5>(info).size() + std::get<21>(info).size()) + std::get<6>(info).size();
}

[[gnu::always_inline]] inline void write(const head::ClassInfoTuple& info, Out& out) {
  const auto& [rom_class, rom_pointer, base, dimensions, parent, interfaces, method_flags, finalizable, depth,
               initialized, offset, loader, host, component, array, volatile_class, instance_size,
               byte_offset, flags, modifiers, extra, constant_pool, name, name_length, chain, record, hash] =
      info;
  std::byte* tuple = out.open();
  out.string(rom_class);
  out.eight(6, rom_pointer.address);
  out.eight(6, base.address);
  out.four(0, static_cast<std::uint32_t>(dimensions));
  out.eight(6, parent.address);
  out.vector(spanOf(interfaces));
  out.vector(spanOf(method_flags));
  out.boolean(finalizable);
  out.eight(3, depth);
  out.boolean(initialized);
  out.four(2, offset);
  out.eight(6, loader.address);
  out.eight(6, host.address);
  out.eight(6, component.address);
  out.eight(6, array.address);
  out.eight(6, volatile_class.address);
  out.eight(3, instance_size);
  out.eight(6, byte_offset.address);
  out.eight(3, flags);
  out.eight(3, modifiers);
  out.eight(3, extra);
  out.vector(spanOf(constant_pool));
  out.string(name);
  out.four(0, static_cast<std::uint32_t>(name_length));
  out.string(chain);
  out.eight(6, record.address);
  out.eight(3, hash);
  out.close(11, tuple);
}

template <class Info>
[[gnu::always_inline]] inline bool readClassInfo(In& in, Info& info) {
  auto& [rom_class, rom_pointer, base, dimensions, parent, interfaces, method_flags, finalizable, depth,
         initialized, offset, loader, host, component, array, volatile_class, instance_size, byte_offset,
         flags, modifiers, extra, constant_pool, name, name_length, chain, record, hash] = info;
  In tuple = in;
  return in.open(11, tuple) && tuple.string(rom_class) && tuple.eight(6, rom_pointer) &&
         tuple.eight(6, base) && tuple.four(0, dimensions) && tuple.eight(6, parent) &&
         tuple.vector(interfaces) && tuple.vector(method_flags) && tuple.boolean(finalizable) &&
         tuple.eight(3, depth) && tuple.boolean(initialized) && tuple.four(2, offset) &&
         tuple.eight(6, loader) && tuple.eight(6, host) && tuple.eight(6, component) &&
         tuple.eight(6, array) && tuple.eight(6, volatile_class) && tuple.eight(3, instance_size) &&
         tuple.eight(6, byte_offset) && tuple.eight(3, flags) && tuple.eight(3, modifiers) &&
         tuple.eight(3, extra) && tuple.vector(constant_pool) && tuple.string(name) &&
         tuple.four(0, name_length) && tuple.string(chain) && tuple.eight(6, record) &&
         tuple.eight(3, hash) && tuple.atEnd();
}

void write(const ValuesOf<MessageId::request>& values, MessageBuffer& buffer) {
  const auto& [client, sequence, critical, method, clazz, plan, details, details_type, unloaded, illegal,
               info, options, aot_header, updates, removals, is_aot, first, method_handle, cached, classes,
               generation, reserved, extended, uncached, ranges, last] = values;
  std::size_t size =
      26 * 23 + sizeof plan + details.size() + sizeOf(info) + options.size() + aot_header.size() +
      updates.size() + removals.size() +
      8 * (unloaded.size() + illegal.size() + reserved.size() + extended.size() + ranges.size());
  for (const auto& other : uncached) size += sizeOf(other);
  buffer.resize(size);
  Out out(buffer.data());
  out.eight(3, client);
  out.four(2, sequence);
  out.four(2, critical);
  out.eight(6, method.address);
  out.eight(6, clazz.address);
  out.object<sizeof plan>(&plan);
  out.string(details);
  out.object<4>(&details_type);
  out.vector(spanOf(unloaded));
  out.vector(spanOf(illegal));
  write(info, out);
  out.string(options);
  out.string(aot_header);
  out.string(updates);
  out.string(removals);
  out.boolean(is_aot);
  out.boolean(first);
  out.boolean(method_handle);
  out.boolean(cached);
  out.four(2, classes);
  out.eight(3, generation);
  out.vector(spanOf(reserved));
  out.vector(spanOf(extended));
  if (uncached.empty()) {
    out.vector(std::span<const std::byte>());
  } else {
    std::byte* vector = out.open();
    out.four(2, static_cast<std::uint32_t>(uncached.size()));
    for (const auto& other : uncached) write(other, out);
    out.close(8, vector);
  }
  out.vector(spanOf(ranges));
  out.eight(3, last);
  finish(out, 8, 26, buffer);
}

/// A VECTOR that `read_element` reads, or an EMPTY_VECTOR. `least` is what an element takes at least.
template <class T, class ReadElement>
bool readVector(In& in, std::vector<T>& values, std::size_t least, ReadElement read_element) {
  std::span<const std::byte> none;
  if (in.vector(none)) {
    values.clear();
    return none.empty();
  }
  In vector = in;
  std::uint32_t count = 0;
  if (!in.open(8, vector) || !vector.four(2, count) || count > vector.left() / least) return false;
  values.resize(count);
  for (T& value : values) {
    if (!read_element(vector, value)) return false;
  }
  return vector.atEnd();
}

template <class Values>
bool readRequest(std::span<const std::byte> bytes, Values& values) {
  auto& [client, sequence, critical, method, clazz, plan, details, details_type, unloaded, illegal, info,
         options, aot_header, updates, removals, is_aot, first, method_handle, cached, classes, generation,
         reserved, extended, uncached, ranges, last] = values;
  In in(bytes.data(), 16, bytes.size());
  return header(bytes, 26) && in.eight(3, client) && in.four(2, sequence) && in.four(2, critical) &&
         in.eight(6, method) && in.eight(6, clazz) && in.eight(6, plan) && in.string(details) &&
         in.four(6, details_type) && in.vector(unloaded) && in.vector(illegal) && readClassInfo(in, info) &&
         in.string(options) && in.string(aot_header) && in.string(updates) && in.string(removals) &&
         in.boolean(is_aot) && in.boolean(first) && in.boolean(method_handle) && in.boolean(cached) &&
         in.four(2, classes) && in.eight(3, generation) && in.vector(reserved) && in.vector(extended) &&
         readVector(in, uncached, 8 + 27 * 8,
                    [](In& element, auto& other) { return readClassInfo(element, other); }) &&
         in.vector(ranges) && in.eight(3, last) && in.atEnd();
}

void write(const ValuesOf<MessageId::code>& values, MessageBuffer& buffer) {
  const auto& [code, data, table, classes, log, methods, plan, assumptions, memory, threads, fields, labels] =
      values;
  const auto& [t0, t1, t2, sites, guards, load_checks, t6, t7, t8, t9, t10, t11, t12] = table;
  std::size_t size = 25 * 23 + code.size() + data.size() + log.size() + sizeof plan + 24 * sites.size() +
                     32 * assumptions.size() + 24 * labels.size() + 24 * t9.size() +
                     8 * (classes.size() + methods.size() + fields.size() + t0.size() + t1.size() +
                          t2.size() + t6.size() + t7.size() + t8.size() + t10.size() + t11.size());
  for (const auto& [guard, guard_sites, inner] : guards) {
    size += 64 + sizeof guard + 24 * guard_sites.size() + 96 * inner.size();
  }
  for (const auto& name : load_checks) size += 11 + name.size();
  buffer.resize(size);
  Out out(buffer.data());
  out.string(code);
  out.string(data);
  std::byte* tuple = out.open();
  out.vector(spanOf(t0));
  out.vector(spanOf(t1));
  out.vector(spanOf(t2));
  out.vector(spanOf(sites));
  if (guards.empty()) {
    out.vector(std::span<const std::byte>());
  } else {
    std::byte* vector = out.open();
    out.four(2, static_cast<std::uint32_t>(guards.size()));
    for (const auto& [guard, guard_sites, inner] : guards) {
      std::byte* element = out.open();
      out.object<sizeof guard>(&guard);
      out.vector(spanOf(guard_sites));
      out.vector(spanOf(inner));
      out.close(11, element);
    }
    out.close(8, vector);
  }
  if (load_checks.empty()) {
    out.vector(std::span<const std::byte>());
  } else {
    std::byte* vector = out.open();
    out.four(2, static_cast<std::uint32_t>(load_checks.size()));
    for (const auto& name : load_checks) out.string(name);
    out.close(8, vector);
  }
  out.vector(spanOf(t6));
  out.vector(spanOf(t7));
  out.vector(spanOf(t8));
  out.vector(spanOf(t9));
  out.vector(spanOf(t10));
  out.vector(spanOf(t11));
  out.eight(6, t12.address);
  out.close(11, tuple);
  out.vector(spanOf(classes));
  out.string(log);
  out.vector(spanOf(methods));
  out.object<sizeof plan>(&plan);
  out.vector(spanOf(assumptions));
  out.object<4>(&memory);
  out.object<4>(&threads);
  out.vector(spanOf(fields));
  out.vector(spanOf(labels));
  finish(out, 0, 12, buffer);
}

template <class Guard>
bool readGuard(In& in, Guard& element) {
  auto& [guard, sites, inner] = element;
  In tuple = in;
  return in.open(11, tuple) && tuple.eight(6, guard) && tuple.vector(sites) && tuple.vector(inner) &&
         tuple.atEnd();
}

template <class Values>
bool readCode(std::span<const std::byte> bytes, Values& values) {
  auto& [code, data, table, classes, log, methods, plan, assumptions, memory, threads, fields, labels] =
      values;
  auto& [t0, t1, t2, sites, guards, load_checks, t6, t7, t8, t9, t10, t11, t12] = table;
  In in(bytes.data(), 16, bytes.size());
  In tuple = in;
  return header(bytes, 12) && in.string(code) && in.string(data) && in.open(11, tuple) && tuple.vector(t0) &&
         tuple.vector(t1) && tuple.vector(t2) && tuple.vector(sites) &&
         readVector(tuple, guards, 8 + 104 + 16,
                    [](In& element, auto& guard) { return readGuard(element, guard); }) &&
         readVector(tuple, load_checks, 8, [](In& element, auto& name) { return element.string(name); }) &&
         tuple.vector(t6) && tuple.vector(t7) && tuple.vector(t8) && tuple.vector(t9) && tuple.vector(t10) &&
         tuple.vector(t11) && tuple.eight(6, t12) && tuple.atEnd() && in.vector(classes) && in.string(log) &&
         in.vector(methods) && in.eight(6, plan) && in.vector(assumptions) && in.four(6, memory) &&
         in.four(6, threads) && in.vector(fields) && in.vector(labels) && in.atEnd();
}

template <MessageId kId, class Values>
bool readMessage(std::span<const std::byte> bytes, Values& values) {
  if constexpr (kId == MessageId::stringAndScalars)
    return readStringAndScalars(bytes, values);
  else if constexpr (kId == MessageId::hundredTuples)
    return readTuples(bytes, values);
  else if constexpr (kId == MessageId::request)
    return readRequest(bytes, values);
  else if constexpr (kId == MessageId::code)
    return readCode(bytes, values);
  else
    return read(bytes, values);
}

// ---- the operations
// ----------------------------------------------------------------------------------------

template <MessageId kId>
MessageBuffer outgoing;
template <MessageId kId>
ViewsOf<kId> views;

template <MessageId kId>
void encode() {
  write(*source<kId>, outgoing<kId>);
  keep(outgoing<kId>.bytes());
}

template <MessageId kId>
void decode() {
  ValuesOf<kId> values;
  if (!readMessage<kId>(input<kId>, values)) throw std::runtime_error("hand-written: not read");
  keep(values);
}

template <MessageId kId>
void view() {
  if (!readMessage<kId>(input<kId>, views<kId>)) throw std::runtime_error("hand-written: not read");
  keep(views<kId>);
}

template <MessageId kId>
void check() {
  encode<kId>();
  if (!std::ranges::equal(outgoing<kId>.bytes(), encoded<kId>())) {
    throw std::logic_error(std::string("hand-written and jitrig write different bytes: ") +
                           MessageTraits<kId>::kName);
  }
  ValuesOf<kId> values;
  if (!readMessage<kId>(encoded<kId>(), values) || values != *source<kId>) {
    throw std::logic_error(std::string("hand-written does not read what was written: ") +
                           MessageTraits<kId>::kName);
  }
}

}  // namespace

void addHandWritten(std::vector<Operation>& operations) {
  forEachMessage([&]<MessageId kId>() {
    const std::string name = MessageTraits<kId>::kName;
    check<kId>();
    operations.push_back({name, "encode", "hand_written", encode<kId>});
    operations.push_back({name, "decode", "hand_written", decode<kId>});
    if constexpr (kHasViews<kId>) operations.push_back({name, "view", "hand_written", view<kId>});
  });
}

}  // namespace jitrig::bench
