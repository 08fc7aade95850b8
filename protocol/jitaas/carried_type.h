#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/release.h"
#include "protocol/catalogue/wire_type.h"
#include "protocol/jitaas/any_data.h"

namespace jitrig {

/// A C++ type known only at run time, as both generations carry it: the member and the tag of this one, the
/// data point of protocol/wire.
struct CarriedType {
  AnyKind kind = AnyKind::none;  ///< at the top of a message or in a tuple; in a vector it is other things
  std::uint64_t tag = 0;
  WireType::Kind shape = WireType::Kind::int32;
  std::uint32_t object_size = 0;  ///< object only
  std::string name;               ///< "TR_OpaqueClassBlock *"
  /// vector: what its elements are as those of a SIMPLE_VECTOR, in bytes each; 0: they are data points.
  std::uint32_t simple_element_size = 0;
  std::vector<CarriedType> elements;  ///< vector: one; tuple: each

  bool isVoid() const { return kind == AnyKind::boolean && shape == WireType::Kind::object; }
};

/// Of a type as the catalogue spells it, whose data point has the shape `shape`. An object of four bytes
/// whose layout the release does not give is an enumeration; the tag of what type_tag.h does not name is made
/// of its name as there.
CarriedType carriedTypeOf(std::string_view cpp_type, const WireType& shape, const Release& release);

}  // namespace jitrig
