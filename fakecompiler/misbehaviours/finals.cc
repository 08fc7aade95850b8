#include "fakecompiler/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

// The message that ends the compilation is due, or has been sent.
namespace jitrig {
namespace {

constexpr auto kFinalStep = ConversationStep::finalMessage;
constexpr auto kParking = ConversationStep::parking;
using enum MisbehaviourEffect;

EncodedMessage failure(const Misstep& misstep, std::vector<Value> values) {
  Message message(misstep.dialect().compilation_failure);
  if (misstep.dialect().compilation_failure_arity == 1 && values.size() > 1) values.pop_back();
  addValues(message, values);
  return {message.serialize().begin(), message.serialize().end()};
}

EncodedMessage failureWithStatus(const Misstep& misstep, std::uint32_t status) {
  return failure(misstep, {status, ~std::uint64_t{0}});
}

EncodedMessage query(const Misstep& misstep) {
  return encodedRequest(misstep.dialect(), typeNamed(misstep.dialect(), "VM_isClassArray"));
}

void sendShortFailure(Misstep& misstep) {
  const std::size_t arity = misstep.dialect().compilation_failure_arity;
  misstep.send(failure(misstep, arity == 1 ? std::vector<Value>{} : std::vector<Value>{std::uint32_t{1}}));
}

constexpr Misbehaviour kFinalTable[] = {
    {{"final_unknown_type", "The final message has a type that no release has.", ends},
     kFinalStep,
     sendUnknownType},
    {{"final_client_type", "The final message has the type of a compilationRequest.", ends},
     kFinalStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), misstep.dialect().compilation_request)); }},
    {{"final_no_data_points", "The final message has no data points.", ends},
     kFinalStep,
     sendSpoiled<withoutDataPoints>},
    {{"final_too_few_data_points", "The final message lacks its last data point.", ends},
     kFinalStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"final_too_many_data_points", "The final message has one data point too many.", ends},
     kFinalStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"final_wrong_data_type", "The final message's first data point has another type.", ends},
     kFinalStep,
     sendSpoiled<withWrongDataType>},
    {{"final_wrong_data_size", "The final message's first data point is an object of nine bytes.", ends},
     kFinalStep,
     sendSpoiled<withWrongDataSize>},
    {{"final_huge_size", "The final message announces two gigabytes.", ends}, kFinalStep, sendHugeSize},
    {{"final_count_too_high", "The final message's header counts one data point too many.", ends},
     kFinalStep,
     sendCountTooHigh},
    {{"final_nested_lie", "A string in a tuple of the final message claims more bytes than the tuple has.",
      ends},
     kFinalStep,
     sendSpoiled<withNestedLie>},
    {{"final_dirty_padding", "The final message's padding and filler hold what memory held.", harmless},
     kFinalStep,
     sendSpoiled<withDirtyPadding>},
    {{"final_with_version", "The final message carries version and configuration.", harmless},
     kFinalStep,
     sendWithVersion},
    {{"final_twice", "The final message is sent twice in one write.", harmless, true}, kFinalStep, sendTwice},
    {{"final_and_failure", "Behind the final message comes compilationFailure.", harmless, true},
     kFinalStep,
     [](Misstep& misstep) { misstep.send(concatenated(misstep.due(), failureWithStatus(misstep, 1))); }},
    {{"final_after_failure", "compilationFailure comes before the final message.", ends, true},
     kFinalStep,
     [](Misstep& misstep) { misstep.send(concatenated(failureWithStatus(misstep, 1), misstep.due())); }},
    {{"final_and_query", "Behind the final message comes another query.", harmless, true},
     kFinalStep,
     [](Misstep& misstep) { misstep.send(concatenated(misstep.due(), query(misstep))); }},
    {{"final_not_at_all", "The final message does not come.", waits}, kFinalStep, sendNothing},
    {{"final_late", "The final message comes after a third of the timeout.", harmless}, kFinalStep, sendLate},
    {{"final_too_late", "The final message comes after twice the timeout.", waits}, kFinalStep, sendTooLate},
    {{"final_in_two_pieces", "The final message is cut inside its size field, with a pause.", harmless},
     kFinalStep,
     sendInTwoPieces},
    {{"final_byte_by_byte", "Each byte of the final message is written by itself.", harmless},
     kFinalStep,
     sendByteByByte},
    {{"final_half_and_close", "The final message ends in the middle, and the connection with it.", ends},
     kFinalStep,
     sendHalfAndClose},
    {{"final_half_and_wait", "After half of the final message nothing more comes.", waits},
     kFinalStep,
     sendHalfAndWait},
    {{"final_close", "The server closes instead of the final message.", ends}, kFinalStep, closeInstead},
    {{"final_reset", "The server resets the connection instead of the final message.", ends},
     kFinalStep,
     resetInstead},
    {{"failure_too_few_data_points", "compilationFailure comes without its last data point.", ends},
     kFinalStep,
     sendShortFailure},
    {{"failure_unknown_status", "compilationFailure comes with a status that no release has.", ends},
     kFinalStep,
     [](Misstep& misstep) { misstep.send(failureWithStatus(misstep, 7'777)); }},
    {{"failure_incompatible", "The server calls the version incompatible, and goes on.", ends},
     kFinalStep,
     [](Misstep& misstep) {
       misstep.send(failureWithStatus(misstep, misstep.dialect().status_version_incompatible));
     }},
    {{"parking_close", "After the final message the server closes instead of waiting for a request.",
      harmless, true},
     kParking,
     closeInstead},
    {{"parking_reset", "After the final message the server resets the connection.", depends, true},
     kParking,
     resetInstead},
    {{"parking_half_close", "After the final message the server closes its side, and goes on reading.",
      harmless, true},
     kParking,
     [](Misstep& misstep) { misstep.closeWrite(); }},
    {{"parking_forgotten", "After the final message the server forgets the connection, and never reads.",
      harmless, true},
     kParking,
     sendNothing},
    {{"parking_query", "After the final message the server asks something.", harmless, true},
     kParking,
     [](Misstep& misstep) { misstep.send(query(misstep)); }},
    {{"parking_final", "After the final message, and a pause, it comes again.", harmless, true},
     kParking,
     [](Misstep& misstep) {
       misstep.pause(misstep.timeout() / 10);
       misstep.send(encodedRequest(misstep.dialect(), misstep.dialect().compilation_code));
     }},
};

}  // namespace

std::span<const Misbehaviour> finalMisbehaviours() {
  return kFinalTable;
}

}  // namespace jitrig
