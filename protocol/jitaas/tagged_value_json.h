#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/jitaas/protobuf_error.h"
#include "protocol/jitaas/tagged_value.h"

namespace jitrig {

class JsonReader;

/// The JSON form: that of the raw generation (protocol/wire/value_json.h), and the tag before it, but for a
/// vector's elements, which have none:
///
///   {"tag":7,"uint64":140}  {"tag":6,"string":"abc"}  {"tag":10,"object":"0a0b"}
///   {"tag":24,"tuple":[{"tag":1,"uint32":1},{"tag":4,"bool":true}]}  {"tag":20,"vector":[{"object":"01"}]}
void appendJson(std::string& out, std::span<const TaggedValue> values);

/// The same where a JsonReader has come to: an array inside a larger text. A tag may be left out, and is 0.
/// False: json.error() says why.
bool readTaggedValues(JsonReader& json, std::vector<TaggedValue>& values, const ProtobufLimits& limits);

}  // namespace jitrig
