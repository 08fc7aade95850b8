#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// The answer to the first query of a compilation is due; or its final message has been read.
namespace jitrig {
namespace {

constexpr auto kReplyStep = ConversationStep::reply;
using enum MisbehaviourEffect;

EncodedMessage interruption(const Misstep& misstep) {
  return encodedBodyless(misstep.dialect().compilation_interrupted);
}

EncodedMessage goodbye(const Misstep& misstep) {
  return encodedBodyless(misstep.dialect().connection_terminate);
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

constexpr Misbehaviour kReplyTable[] = {
    {{"reply_unknown_type", "The answer has a type that no release has.", ends}, kReplyStep, sendUnknownType},
    {{"reply_wrong_type", "The answer has the type of another query.", ends},
     kReplyStep,
     [](Misstep& misstep) {
       const std::uint16_t other = otherQueryThan(misstep.dialect(), typeOf(misstep.due()));
       misstep.send(withType(misstep.due(), other));
     }},
    {{"reply_final_type", "The answer has the type of a final message.", ends},
     kReplyStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), misstep.dialect().compilation_code)); }},
    {{"reply_echo", "The query is sent back as its own answer.", depends}, kReplyStep, sendEcho},
    {{"reply_no_data_points", "The answer has no data points.", ends},
     kReplyStep,
     sendSpoiled<withoutDataPoints>},
    {{"reply_too_few_data_points", "The answer lacks its last data point.", ends},
     kReplyStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"reply_too_many_data_points", "The answer has one data point too many.", ends},
     kReplyStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"reply_wrong_data_type", "The answer's first data point has another type.", ends},
     kReplyStep,
     sendSpoiled<withWrongDataType>},
    {{"reply_wrong_data_size", "The answer's first data point is an object of nine bytes.", ends},
     kReplyStep,
     sendSpoiled<withWrongDataSize>},
    {{"reply_huge_size", "The answer announces two gigabytes.", ends}, kReplyStep, sendHugeSize},
    {{"reply_too_small_size", "The answer announces 15 bytes, less than a header.", ends},
     kReplyStep,
     sendTooSmallSize},
    {{"reply_unaligned_size", "The answer announces one byte less than it has.", ends},
     kReplyStep,
     sendUnalignedSize},
    {{"reply_count_too_high", "The answer's header counts one data point more than there is.", ends},
     kReplyStep,
     sendCountTooHigh},
    {{"reply_count_too_low", "The answer's header counts one data point less than there is.", ends},
     kReplyStep,
     sendCountTooLow},
    {{"reply_descriptor_beyond_end", "The answer's first descriptor claims more than the message.", ends},
     kReplyStep,
     sendSpoiled<withDescriptorBeyondEnd>},
    {{"reply_nested_lie", "A string in a tuple of the answer claims more bytes than the tuple has.", ends},
     kReplyStep,
     sendSpoiled<withNestedLie>},
    {{"reply_vector_count_lie", "A vector in the answer says that it has two billion elements.", ends},
     kReplyStep,
     sendSpoiled<withVectorCountLie>},
    {{"reply_dirty_padding", "The answer's padding and filler hold what memory held.", harmless},
     kReplyStep,
     sendSpoiled<withDirtyPadding>},
    {{"reply_with_version", "The answer carries version and configuration.", harmless},
     kReplyStep,
     sendWithVersion},
    {{"reply_twice", "The answer is sent twice in one write.", depends, true}, kReplyStep, sendTwice},
    {{"reply_not_at_all", "The query is not answered.", waits}, kReplyStep, sendNothing},
    {{"reply_late", "The answer comes after a third of the timeout.", harmless}, kReplyStep, sendLate},
    {{"reply_too_late", "The answer comes after twice the timeout.", waits}, kReplyStep, sendTooLate},
    {{"reply_in_two_pieces", "The answer is cut inside its size field, with a pause.", harmless},
     kReplyStep,
     sendInTwoPieces},
    {{"reply_byte_by_byte", "Each byte of the answer is written by itself.", harmless},
     kReplyStep,
     sendByteByByte},
    {{"reply_half_and_close", "The answer ends in the middle, and the connection with it.", ends},
     kReplyStep,
     sendHalfAndClose},
    {{"reply_half_and_wait", "After half of the answer nothing more comes.", waits},
     kReplyStep,
     sendHalfAndWait},
    {{"reply_and_close", "The VM answers and closes.", ends}, kReplyStep, sendAndClose},
    {{"reply_and_half_close", "The VM answers and closes its side.", ends}, kReplyStep, sendAndCloseWrite},
    {{"reply_unread", "The VM answers, and never reads again.", waits}, kReplyStep, sendUnread},
    {{"reply_close", "The VM closes instead of answering.", ends}, kReplyStep, closeInstead},
    {{"reply_reset", "The VM resets the connection instead of answering.", ends}, kReplyStep, resetInstead},
    {{"reply_half_close", "The VM closes its side instead of answering.", waits},
     kReplyStep,
     closeWriteInstead},
    {{"reply_and_interrupt", "The VM answers, and interrupts as well.", depends, true},
     kReplyStep,
     [](Misstep& misstep) { misstep.send(concatenated(misstep.due(), interruption(misstep))); }},
    {{"reply_interrupt_and_answer", "The VM interrupts, and answers nevertheless.", ends},
     kReplyStep,
     [](Misstep& misstep) { misstep.send(concatenated(interruption(misstep), misstep.due())); }},
    {{"reply_interrupt_twice", "The VM interrupts twice.", ends},
     kReplyStep,
     [](Misstep& misstep) { misstep.send(concatenated(interruption(misstep), interruption(misstep))); }},
    {{"reply_interrupt_with_body", "The VM interrupts with a message that has a data point.", ends},
     kReplyStep,
     sendInterruptionWithBody},
    {{"reply_request", "Instead of the answer comes another request.", ends}, kReplyStep, sendRequestInside},
    {{"reply_goodbye", "Instead of the answer comes connectionTerminate.", ends},
     kReplyStep,
     [](Misstep& misstep) { misstep.send(goodbye(misstep)); }},
    {{"reply_session_goodbye", "Instead of the answer comes clientSessionTerminate.", ends},
     kReplyStep,
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
  return kReplyTable;
}

}  // namespace jitrig
