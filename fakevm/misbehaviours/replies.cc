#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// The answer to the first query of a compilation is due; or its final message has been read.
namespace jitrig {
namespace {

constexpr auto kStep = ConversationStep::reply;
using enum MisbehaviourEffect;

EncodedMessage interruption(const Misstep& misstep) {
  return encodedBodyless(misstep.dialect().compilation_interrupted);
}

EncodedMessage goodbye(const Misstep& misstep) {
  return encodedBodyless(misstep.dialect().connection_terminate);
}

/// A query of another type than the one that is answered.
std::uint16_t otherQuery(const Misstep& misstep) {
  const MessageTable& table = *misstep.dialect().table;
  const auto first = table.numberOf("VM_isClassArray").value_or(0);
  return typeOf(misstep.due()) == first ? table.numberOf("VM_isClassLibraryMethod").value_or(0) : first;
}

void sendEcho(Misstep& misstep) {
  misstep.send(misstep.stream().message().serialize());
}

void sendRequestInside(Misstep& misstep) {
  misstep.send(encodedRequest(misstep.dialect(), misstep.dialect().compilation_request));
}

void sendUnread(Misstep& misstep) {
  misstep.sendDue();
  misstep.staySilent();
}

void sendInterruptionWithBody(Misstep& misstep) {
  misstep.send(withTooManyDataPoints(interruption(misstep)));
}

constexpr Misbehaviour kTable[] = {
    {{"reply_unknown_type", "The answer has a type that no release has.", ends}, kStep, sendUnknownType},
    {{"reply_wrong_type", "The answer has the type of another query.", ends},
     kStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), otherQuery(misstep))); }},
    {{"reply_final_type", "The answer has the type of a final message.", ends},
     kStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), misstep.dialect().compilation_code)); }},
    {{"reply_echo", "The query is sent back as its own answer.", depends}, kStep, sendEcho},
    {{"reply_no_data_points", "The answer has no data points.", ends}, kStep, sendSpoiled<withoutDataPoints>},
    {{"reply_too_few_data_points", "The answer lacks its last data point.", ends},
     kStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"reply_too_many_data_points", "The answer has one data point too many.", ends},
     kStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"reply_wrong_data_type", "The answer's first data point has another type.", ends},
     kStep,
     sendSpoiled<withWrongDataType>},
    {{"reply_wrong_data_size", "The answer's first data point is an object of nine bytes.", ends},
     kStep,
     sendSpoiled<withWrongDataSize>},
    {{"reply_huge_size", "The answer announces two gigabytes.", ends}, kStep, sendHugeSize},
    {{"reply_too_small_size", "The answer announces 15 bytes, less than a header.", ends},
     kStep,
     sendTooSmallSize},
    {{"reply_unaligned_size", "The answer announces one byte less than it has.", ends},
     kStep,
     sendUnalignedSize},
    {{"reply_count_too_high", "The answer's header counts one data point more than there is.", ends},
     kStep,
     sendCountTooHigh},
    {{"reply_count_too_low", "The answer's header counts one data point less than there is.", ends},
     kStep,
     sendCountTooLow},
    {{"reply_descriptor_beyond_end", "The answer's first descriptor claims more than the message.", ends},
     kStep,
     sendSpoiled<withDescriptorBeyondEnd>},
    {{"reply_nested_lie", "A string in a tuple of the answer claims more bytes than the tuple has.", ends},
     kStep,
     sendSpoiled<withNestedLie>},
    {{"reply_vector_count_lie", "A vector in the answer says that it has two billion elements.", ends},
     kStep,
     sendSpoiled<withVectorCountLie>},
    {{"reply_dirty_padding", "The answer's padding and filler hold what memory held.", harmless},
     kStep,
     sendSpoiled<withDirtyPadding>},
    {{"reply_with_version", "The answer carries version and configuration.", harmless},
     kStep,
     sendWithVersion},
    {{"reply_twice", "The answer is sent twice in one write.", depends, true}, kStep, sendTwice},
    {{"reply_not_at_all", "The query is not answered.", waits}, kStep, sendNothing},
    {{"reply_late", "The answer comes after a third of the timeout.", harmless}, kStep, sendLate},
    {{"reply_too_late", "The answer comes after twice the timeout.", waits}, kStep, sendTooLate},
    {{"reply_in_two_pieces", "The answer is cut inside its size field, with a pause.", harmless},
     kStep,
     sendInTwoPieces},
    {{"reply_byte_by_byte", "Each byte of the answer is written by itself.", harmless},
     kStep,
     sendByteByByte},
    {{"reply_half_and_close", "The answer ends in the middle, and the connection with it.", ends},
     kStep,
     sendHalfAndClose},
    {{"reply_half_and_wait", "After half of the answer nothing more comes.", waits}, kStep, sendHalfAndWait},
    {{"reply_and_close", "The VM answers and closes.", ends}, kStep, sendAndClose},
    {{"reply_and_half_close", "The VM answers and closes its side.", ends}, kStep, sendAndCloseWrite},
    {{"reply_unread", "The VM answers, and never reads again.", waits}, kStep, sendUnread},
    {{"reply_close", "The VM closes instead of answering.", ends}, kStep, closeInstead},
    {{"reply_reset", "The VM resets the connection instead of answering.", ends}, kStep, resetInstead},
    {{"reply_half_close", "The VM closes its side instead of answering.", waits}, kStep, closeWriteInstead},
    {{"reply_and_interrupt", "The VM answers, and interrupts as well.", depends, true},
     kStep,
     [](Misstep& misstep) { misstep.send(concatenated(misstep.due(), interruption(misstep))); }},
    {{"reply_interrupt_and_answer", "The VM interrupts, and answers nevertheless.", ends},
     kStep,
     [](Misstep& misstep) { misstep.send(concatenated(interruption(misstep), misstep.due())); }},
    {{"reply_interrupt_twice", "The VM interrupts twice.", ends},
     kStep,
     [](Misstep& misstep) { misstep.send(concatenated(interruption(misstep), interruption(misstep))); }},
    {{"reply_interrupt_with_body", "The VM interrupts with a message that has a data point.", ends},
     kStep,
     sendInterruptionWithBody},
    {{"reply_request", "Instead of the answer comes another request.", ends}, kStep, sendRequestInside},
    {{"reply_goodbye", "Instead of the answer comes connectionTerminate.", ends},
     kStep,
     [](Misstep& misstep) { misstep.send(goodbye(misstep)); }},
    {{"reply_session_goodbye", "Instead of the answer comes clientSessionTerminate.", ends},
     kStep,
     [](Misstep& misstep) {
       misstep.send(encodedRequest(misstep.dialect(), misstep.dialect().client_session_terminate));
     }},
    {{"final_interrupt", "The VM interrupts a compilation that has ended.", harmless, true},
     ConversationStep::finalRead,
     [](Misstep& misstep) { misstep.send(interruption(misstep)); }},
    {{"final_answered", "The VM answers the final message with a message of the same type.", harmless, true},
     ConversationStep::finalRead,
     sendEcho},
    {{"final_half_close", "The VM closes its side after the final message, and keeps the connection.",
      harmless, true},
     ConversationStep::finalRead,
     [](Misstep& misstep) { misstep.closeWrite(); }},
};

}  // namespace

std::span<const Misbehaviour> replyMisbehaviours() {
  return kTable;
}

}  // namespace jitrig
