#include "fuzz/protobuf_reference.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "protocol/grpc/compile_frames.h"
#include "protocol/jitaas/args_protobuf.h"
#include "protocol/jitaas/compile.pb.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/protobuf_validation.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/stream/stream_exceptions.h"

namespace jitrig::fuzz {
namespace {

using Reference = JITServer::J9ClientMessage;

bool reads(Reference& reference, InputBytes message) {
  return reference.ParseFromArray(message.data(), static_cast<int>(message.size()));
}

/// Nothing of ours: the size field, and what protobuf says of the rest.
bool readsFrame(Reference& reference, InputBytes frame) {
  std::uint32_t size = 0;
  if (frame.size() < kJitaasFrameHeaderSize) return false;
  std::memcpy(&size, frame.data(), sizeof size);
  return size == frame.size() - sizeof size && reads(reference, frame.subspan(sizeof size));
}

/// As whoever reads the frames of a carrier does. What is refused there need not have a type.
bool isAccepted(InputBytes message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  std::vector<std::byte> frame(sizeof size);
  std::memcpy(frame.data(), &size, sizeof size);
  frame.insert(frame.end(), message.begin(), message.end());
  return JitaasMessage::parse(frame).has_value();
}

/// protobuf_validation.h: values without content, groups, and what no field number is; and the limits.
bool isStricter(const ProtobufError& error) {
  constexpr std::array<std::string_view, 5> kOurs{"without content", "wire type", "no field number",
                                                  "max_nesting", "max_values"};
  return std::ranges::any_of(kOurs, [&](std::string_view words) { return error.message.contains(words); });
}

/// The type and version of a message without values, as protobuf writes them.
std::string headerOf(Reference reference) {
  reference.DiscardUnknownFields();
  reference.mutable_data()->Clear();
  return reference.SerializeAsString();
}

/// The values, or why they are none of these.
template <class... T>
std::pair<std::tuple<T...>, std::string> typed(const JitaasMessage& message) {
  try {
    return {getArgs<T...>(message), ""};
  } catch (const StreamFailure& failure) {
    return {{}, failure.what()};
  }
}

std::vector<TaggedValue> valuesOf(const JitaasMessage& message) {
  return toTaggedValues(message.data());
}

using Typed = bool (*)(const JitaasMessage&, const JitaasMessage&);

template <class... T>
bool sameTyped(const JitaasMessage& bytes, const JitaasMessage& objects) {
  return typed<T...>(bytes) == typed<T...>(objects);
}

using Members = std::tuple<std::uint32_t, bool, std::string>;

constexpr std::array<Typed, 8> kSignatures{sameTyped<std::uint64_t>,
                                           sameTyped<std::int32_t, bool>,
                                           sameTyped<std::string>,
                                           sameTyped<void*, std::int32_t>,
                                           sameTyped<std::vector<std::uint32_t>>,
                                           sameTyped<std::vector<std::string>, std::int64_t>,
                                           sameTyped<Members>,
                                           sameTyped<std::vector<Members>>};

}  // namespace

void requireAsProtobuf(InputBytes frame) {
  Reference reference;
  const bool is_read = readsFrame(reference, frame);
  const auto message = JitaasMessage::parse(frame);
  if (!message) return require(!is_read || isStricter(message.error()), "protobuf reads what we refuse");
  require(is_read, "we read what protobuf does not");
  require(message->type() == reference.type() && message->version() == reference.version(),
          "type and version are those that protobuf reads");
  const std::string header = headerOf(reference);
  const std::vector<std::byte> written = JitaasMessage(message->type(), message->version()).serialize();
  requireEqual(InputBytes(written).subspan(kJitaasFrameHeaderSize), std::as_bytes(std::span(header)),
               "around its values a message is written as by protobuf");
  const auto objects = JitaasMessage::parseWithData(frame);
  require(objects && toTaggedValues(message->data()) == toTaggedValues(reference.data()),
          "the values are those that protobuf reads");
  require(kSignatures.at(frame.size() % kSignatures.size())(*message, *objects),
          "bytes and protobuf's objects are the same as C++ types");
}

void requireBeginsAnew(const JitaasMessage& message) {
  for (const bool of_objects : {false, true}) {
    JitaasMessage used(1, 2);
    setArgs(used, std::string("before"), std::uint64_t{3});
    if (of_objects) addTaggedValues(used.data(), toTaggedValues(message.data()));
    used.start(message.type(), message.version());
    requireEqual(used.serialize(), JitaasMessage(message.type(), message.version()).serialize(),
                 "a message that begins anew has nothing of before");
    setArgs(used, true);
    const std::size_t one = valuesOf(used).size();
    setArgs(used, false);
    require(one == 1 && valuesOf(used).size() == 2, "values that are added are there");
  }
}

void requireReadAgain(InputBytes frame, const JitaasMessage& message) {
  for (const bool of_objects : {false, true}) {
    JitaasMessage used(1, 2);
    setArgs(used, std::string("before"), std::uint64_t{3});
    require(valuesOf(used).size() == 2, "values that are set are there");  // and stay with protobuf
    if (of_objects) addTaggedValues(used.data(), valuesOf(message));
    require(used.read(frame).has_value(), "what is read once is read again");
    require(valuesOf(used) == valuesOf(message), "a message that is used again has the values of its frame");
    std::vector<std::byte> written(64, std::byte{0xff});
    used.serialize(written);
    requireEqual(written, message.serialize(), "a message that is used again is written as a new one");
  }
}

void requireExplained(const ProtobufError& error, std::size_t size) {
  require(error.offset <= size && !error.field.empty() && !error.message.empty(),
          "an error names a field and a place in the message");
}

void requireSameData(InputBytes message, InputBytes other) {
  Reference first;
  Reference second;
  const bool is_read = reads(first, message);
  require(reads(second, other) == is_read, "protobuf reads both, or neither");
  if (!is_read) return;
  require(first.data().SerializeAsString() == second.data().SerializeAsString(), "the values are the same");
}

std::optional<std::int32_t> typeByProtobuf(InputBytes frame) {
  Reference reference;
  if (!readsFrame(reference, frame)) return std::nullopt;
  return reference.type();
}

std::optional<std::int32_t> serverTypeByProtobuf(InputBytes message) {
  Reference reference;
  if (!isAccepted(message) || !reads(reference, message)) return std::nullopt;
  const bool has_body = std::ranges::any_of(reference.data().data(), [](const JITServer::Any& value) {
    return value.has_bytes_v() || value.has_vector_v();
  });
  const bool is_failure = reference.type() == CompileFrameType::kCompilationCode && !has_body;
  return is_failure ? CompileFrameType::kCompilationFailure : reference.type();
}

std::optional<std::int32_t> clientTypeByProtobuf(InputBytes message, std::int32_t due) {
  JITServer::Any status;  // whose first field is a number, too, and of 64 bits, of which a bool looks at all
  if (!isAccepted(message) || !status.ParseFromArray(message.data(), static_cast<int>(message.size())))
    return std::nullopt;
  return status.extendedtypetag() != 0 ? due : CompileFrameType::kCompilationInterrupted;
}

}  // namespace jitrig::fuzz
