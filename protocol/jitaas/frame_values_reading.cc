#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/jitaas/frame_values.h"
#include "protocol/jitaas/type_tag.h"

// What calls itself here is as deep as containers are inside each other: ProtobufLimits::max_nesting.
// NOLINTBEGIN(misc-no-recursion)

namespace jitrig {
namespace {

using jitaas_detail::Place;
using JITServer::Any;
using JITServer::AnyData;
using Shape = WireType::Kind;

constexpr std::size_t kMaxSimpleElementSize = 255;

std::span<const std::byte> bytesOfAny(const Any& any) {
  return std::as_bytes(std::span(any_data::bytes(any)));
}

/// Whether the number is one of an enumeration of that size, signed or not.
bool fitsEnumeration(std::uint64_t number, std::uint32_t size_bytes) {
  const unsigned unused_bits = 64U - 8U * size_bytes;
  const std::uint64_t low = number << unused_bits;
  return low >> unused_bits == number ||
         static_cast<std::uint64_t>(static_cast<std::int64_t>(low) >> unused_bits) == number;
}

/// Compares values with types; of the first that does not fit it says what is wrong, if that is asked for.
class Fit {
 public:
  Fit(TagCheck tags, FormatMisfit* misfit) : options_{.tags = tags}, misfit_(misfit) {}

  /// The members of a tuple, or with nullptr the values of a message.
  bool sequence(const AnyData& data, const std::vector<CarriedType>& types, const Place* place) const {
    if (any_data::size(data) != types.size()) {
      return refuse(true, [&] { return describeArityMismatch(place, any_data::size(data), types.size()); });
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (!tagged(any_data::at(data, i), types[i], {options_, place, i})) return false;
    }
    return true;
  }

  bool tagged(const Any& any, const CarriedType& type, const Place& place) const {
    if (options_.tags == TagCheck::strict && any_data::tag(any) != type.tag)
      return refuse(false, [&] { return describeTagMismatch(place, any, type.tag, type.name); });
    if (!hasKind(any, type.kind, type, place)) return false;
    if (type.shape == Shape::object) return object(any, type, place);
    return content(any, type, place);
  }

 private:
  template <class Describe>
  bool refuse(bool is_arity, Describe&& describe) const {
    if (misfit_ != nullptr) *misfit_ = {is_arity, std::forward<Describe>(describe)()};
    return false;
  }

  bool hasKind(const Any& any, AnyKind kind, const CarriedType& type, const Place& place) const {
    if (any_data::kind(any) == kind) return true;
    return refuse(false, [&] { return describeKindMismatch(place, any, kind, type.name); });
  }

  bool hasSize(const Any& any, std::size_t size_bytes, const CarriedType& type, const Place& place) const {
    const std::size_t size = any_data::bytes(any).size();
    if (size == size_bytes) return true;
    return refuse(false, [&] { return describeSizeMismatch(place, size, size_bytes, type.name); });
  }

  bool object(const Any& any, const CarriedType& type, const Place& place) const {
    if (type.kind == AnyKind::bytes) return hasSize(any, type.object_size, type, place);
    if (type.kind != AnyKind::uint64 || fitsEnumeration(any_data::uint64(any), type.object_size)) return true;
    return refuse(false, [&] {
      return describeContentMismatch(place, "the number " + std::to_string(any_data::uint64(any)), type.name);
    });
  }

  bool content(const Any& any, const CarriedType& type, const Place& place) const {
    if (type.shape == Shape::tuple) return sequence(any_data::vector(any), type.elements, &place);
    if (type.shape != Shape::vector) return true;
    const AnyData& elements = any_data::vector(any);
    for (std::size_t i = 0; i < any_data::size(elements); ++i) {
      if (!element(any_data::at(elements, i), type, {options_, &place, i})) return false;
    }
    return true;
  }

  /// Elements of vectors have no tags, and integers among them are bytes.
  bool element(const Any& any, const CarriedType& vector, const Place& place) const {
    const CarriedType& type = vector.elements.front();
    const bool is_container = type.shape == Shape::tuple || type.shape == Shape::vector;
    if (!hasKind(any, is_container ? AnyKind::vector : AnyKind::bytes, type, place)) return false;
    if (vector.simple_element_size != 0) return hasSize(any, vector.simple_element_size, type, place);
    if (type.shape == Shape::object) return hasSize(any, type.object_size, type, place);
    return content(any, type, place);
  }

  ReceiveOptions options_;
  FormatMisfit* misfit_;
};

/// Appends values to a message.
class DataPoints {
 public:
  DataPoints(Message& message, const JitaasSignatures& signatures)
      : message_(message), signatures_(signatures) {}

  /// A value that fits its type.
  void add(const Any& any, const CarriedType& type) {
    switch (type.shape) {
      case Shape::object: return addObject(any, type);
      case Shape::tuple: return addTuple(any, type);
      case Shape::vector: return addVector(any, type);
      default: addPlain(any);
    }
  }

  /// A value of which only its tag is known.
  void addByTag(const Any& any) {
    const CarriedType* type = signatures_.byTag(any_data::tag(any));
    const ReceiveOptions options;
    if (type != nullptr && Fit(TagCheck::strict, nullptr).tagged(any, *type, {options, nullptr, 0})) {
      add(any, *type);
    } else {
      addPlain(any);
    }
  }

 private:
  template <class T>
  void addInteger(DataType type, T value) {
    message_.addDataPoint(type, std::as_bytes(std::span(&value, 1)));
  }

  void addObject(const Any& any, const CarriedType& type) {
    if (type.kind == AnyKind::bytes) return message_.addDataPoint(DataType::OBJECT, bytesOfAny(any));
    // A pointer or an enumeration, of which little-endian bytes are the first ones; a Void is zero.
    const std::uint64_t number = type.kind == AnyKind::uint64 ? any_data::uint64(any) : 0;
    message_.addDataPoint(DataType::OBJECT, std::as_bytes(std::span(&number, 1)).first(type.object_size));
  }

  void addTuple(const Any& any, const CarriedType& type) {
    const AnyData& members = any_data::vector(any);
    const std::size_t offset = message_.openTuple();
    for (std::size_t i = 0; i < type.elements.size(); ++i) add(any_data::at(members, i), type.elements[i]);
    message_.closeContainer(offset);
  }

  void addVector(const Any& any, const CarriedType& type) {
    const AnyData& elements = any_data::vector(any);
    const std::size_t count = any_data::size(elements);
    if (count == 0) return message_.addDataPoint(DataType::EMPTY_VECTOR, {});
    if (type.simple_element_size != 0) return addSimpleVector(elements, type.simple_element_size);
    const std::size_t offset = message_.openVector(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) addElement(any_data::at(elements, i), type.elements.front());
    message_.closeContainer(offset);
  }

  void addElement(const Any& any, const CarriedType& type) {
    if (type.shape == Shape::tuple || type.shape == Shape::vector) return add(any, type);
    const DataType carried = type.shape == Shape::string ? DataType::STRING : DataType::OBJECT;
    message_.addDataPoint(carried, bytesOfAny(any));
  }

  void addSimpleVector(const AnyData& elements, std::size_t element_size) {
    std::vector<std::byte> joined;
    joined.reserve(element_size * any_data::size(elements));
    for (std::size_t i = 0; i < any_data::size(elements); ++i) {
      const auto bytes = bytesOfAny(any_data::at(elements, i));
      joined.insert(joined.end(), bytes.begin(), bytes.end());
    }
    message_.addDataPoint(DataType::SIMPLE_VECTOR, joined, static_cast<std::uint8_t>(element_size));
  }

  /// By the member that carries it.
  void addPlain(const Any& any) {
    switch (any_data::kind(any)) {
      case AnyKind::int32: return addInteger(DataType::INT32, any_data::int32(any));
      case AnyKind::uint32: return addInteger(DataType::UINT32, any_data::uint32(any));
      case AnyKind::int64: return addInteger(DataType::INT64, any_data::int64(any));
      case AnyKind::uint64: return addInteger(DataType::UINT64, any_data::uint64(any));
      case AnyKind::boolean: return addInteger(DataType::BOOL, std::uint8_t{any_data::boolean(any)});
      case AnyKind::bytes: return addBytes(any, any_data::tag(any) == kTypeTag<std::string>);
      case AnyKind::vector: return addContainer(any_data::vector(any));
      case AnyKind::none: break;  // no message that was parsed has one
    }
    message_.addDataPoint(DataType::STRING, {});
  }

  /// An object has at least one byte.
  void addBytes(const Any& any, bool is_string) {
    const auto bytes = bytesOfAny(any);
    message_.addDataPoint(is_string || bytes.empty() ? DataType::STRING : DataType::OBJECT, bytes);
  }

  void addContainer(const AnyData& elements) {
    const std::size_t count = any_data::size(elements);
    if (count == 0) return message_.addDataPoint(DataType::EMPTY_VECTOR, {});
    if (!isVector(elements)) {
      const std::size_t offset = message_.openTuple();
      for (std::size_t i = 0; i < count; ++i) addByTag(any_data::at(elements, i));
      return message_.closeContainer(offset);
    }
    if (const std::size_t element_size = simpleElementSize(elements); element_size != 0)
      return addSimpleVector(elements, element_size);
    const std::size_t offset = message_.openVector(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) addUntagged(any_data::at(elements, i));
    message_.closeContainer(offset);
  }

  void addUntagged(const Any& any) {
    if (any_data::kind(any) == AnyKind::vector) return addContainer(any_data::vector(any));
    addBytes(any, true);
  }

  /// Only a vector's elements are bytes without a tag, or containers without one.
  static bool isVector(const AnyData& elements) {
    for (std::size_t i = 0; i < any_data::size(elements); ++i) {
      const Any& any = any_data::at(elements, i);
      const AnyKind kind = any_data::kind(any);
      if (any_data::tag(any) != 0 || (kind != AnyKind::bytes && kind != AnyKind::vector)) return false;
    }
    return true;
  }

  /// The size that all elements have, if they have one and it is one of a SIMPLE_VECTOR's; otherwise 0.
  static std::size_t simpleElementSize(const AnyData& elements) {
    const std::size_t size = any_data::bytes(any_data::at(elements, 0)).size();
    if (size > kMaxSimpleElementSize) return 0;
    for (std::size_t i = 0; i < any_data::size(elements); ++i) {
      const Any& any = any_data::at(elements, i);
      if (any_data::kind(any) != AnyKind::bytes || any_data::bytes(any).size() != size) return 0;
    }
    return size;
  }

  Message& message_;
  const JitaasSignatures& signatures_;
};

}  // namespace

std::optional<FormatMisfit> addDataPoints(Message& message, const AnyData& data,
                                          const JitaasSignatures::Types* types,
                                          const JitaasSignatures& signatures, TagCheck tags) {
  std::optional<FormatMisfit> misfit;
  if (types != nullptr) {
    FormatMisfit found;
    if (!Fit(tags, &found).sequence(data, *types, nullptr)) misfit = std::move(found);
  }
  DataPoints points(message, signatures);
  for (std::size_t i = 0; i < any_data::size(data); ++i) {
    if (types != nullptr && !misfit) {
      points.add(any_data::at(data, i), (*types)[i]);
    } else {
      points.addByTag(any_data::at(data, i));
    }
  }
  if (tags == TagCheck::ignore) misfit.reset();
  return misfit;
}

}  // namespace jitrig

// NOLINTEND(misc-no-recursion)
