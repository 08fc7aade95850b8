#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/wire/text_error.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// The one text form, used by logs, assertions, dumps and diffs alike:
///
///   int32(-2)  int64(7)  uint32(7)  uint64(18446744073709551615)  bool(true)
///   string("abc\"\\\x00")  object(0a0b)  simple_vector(8: 0102030405060708)  empty_vector
///   vector(string("a"), string("b"))  tuple(int32(1), bool(false))
///
/// A string shows valid UTF-8 as it is; control characters and bytes that are no UTF-8 as `\xNN`.
std::string toText(const Value& value);

/// "int32(-2), bool(true)".
std::string toText(std::span<const Value> values);

/// The text form back; blanks between the parts do not matter. Nesting and sizes are limited as on the wire.
TextResult<Value> parseValue(std::string_view text);
TextResult<std::vector<Value>> parseValues(std::string_view text);

}  // namespace jitrig
