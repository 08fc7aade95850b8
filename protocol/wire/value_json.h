#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/text_error.h"
#include "protocol/wire/value.h"

namespace jitrig {

class JsonReader;

/// The one JSON form: an object with one key, the wire type in lower case:
///
///   {"int32":-2}  {"uint64":18446744073709551615}  {"bool":true}  {"string":"abc"} {"string":{"hex":"00ff"}}
///   {"object":"0a0b"}  {"simple_vector":{"element_size":8,"hex":"…"}}  {"empty_vector":true}
///   {"vector":[…]}  {"tuple":[…]}
///
/// A string that is not valid UTF-8, or holds control characters (U+0000–U+001F, U+007F–U+009F), has the hex
/// form.
void appendJson(std::string& out, const Value& value);
void appendJson(std::string& out, std::span<const Value> values);  ///< a JSON array
std::string toJson(const Value& value);

/// The text as a JSON string, in quotes, escaped. Bytes that are not valid UTF-8 become U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

/// A JSON array of data points, as appendJson writes it. `path` names the array in errors.
TextResult<std::vector<Value>> parseValuesJson(std::string_view json, const std::string& path = "data");

/// The same where a JsonReader has come to: an array inside a larger text. False: json.error() says why.
bool readValuesJson(JsonReader& json, std::vector<Value>& values);

/// The one member of a data point's object, whose key was just read: for objects that have others beside it.
/// Appends the value.
bool readValueMember(JsonReader& json, std::string_view key, std::vector<Value>& values);

}  // namespace jitrig
