#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/wire/text_error.h"
#include "protocol/wire/value.h"

namespace JITServer {  // NOLINT(readability-identifier-naming): the package of compile.proto
class AnyData;
}

namespace jitrig {

class JsonReader;

/// A value of the older generation whose C++ type is known only at run time: a Value, and the number by which
/// the sender's build knew the type.
///
/// What travels does not say everything. Bytes are a String if their tag is the string's, otherwise an
/// Object; values inside a value are a Vector if none of them has a tag, otherwise a Tuple.
struct TaggedValue {
  /// Elements have no tags. A tuple inside still has members with tags.
  struct Vector {
    std::vector<TaggedValue> elements;
    friend bool operator==(const Vector&, const Vector&) = default;
  };
  /// Members have tags each.
  struct Tuple {
    std::vector<TaggedValue> elements;
    friend bool operator==(const Tuple&, const Tuple&) = default;
  };
  using Data = std::variant<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, bool, Value::String,
                            Value::Object, Vector, Tuple>;

  std::uint64_t tag = 0;  ///< 0 where there is none
  Data data;

  friend bool operator==(const TaggedValue&, const TaggedValue&) = default;
};

/// All values of a message (JitaasMessage::data()) that was parsed.
std::vector<TaggedValue> toTaggedValues(const JITServer::AnyData& data);

/// Appends each, in order.
void addTaggedValues(JITServer::AnyData& data, std::span<const TaggedValue> values);

/// The same without tags: what scripts, checkers and the text form (value_text.h) know.
Value withoutTags(const TaggedValue& value);
std::vector<Value> withoutTags(std::span<const TaggedValue> values);

}  // namespace jitrig
