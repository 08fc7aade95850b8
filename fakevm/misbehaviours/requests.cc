#include <cstring>

#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// The compilationRequest is due.
namespace jitrig {
namespace {

constexpr auto kStep = ConversationStep::request;
using enum MisbehaviourEffect;

// Payloads of a request that this VM writes: the client UID comes first, then the sequence number.
constexpr std::size_t kUidOffset = 24;
constexpr std::size_t kSequenceNumberOffset = 40;

template <class T>
EncodedMessage patched(std::span<const std::byte> message, std::size_t offset, T value) {
  EncodedMessage changed(message.begin(), message.end());
  std::memcpy(changed.data() + offset, &value, sizeof value);
  return changed;
}

void sendWithUidZero(Misstep& misstep) {
  misstep.send(patched(misstep.due(), kUidOffset, std::uint64_t{0}));
}

void sendWithOtherUid(Misstep& misstep) {
  std::uint64_t uid = 0;
  std::memcpy(&uid, misstep.due().data() + kUidOffset, sizeof uid);
  misstep.send(patched(misstep.due(), kUidOffset, uid + 1));
}

void sendWithFirstSequenceNumber(Misstep& misstep) {
  misstep.send(patched(misstep.due(), kSequenceNumberOffset, std::uint32_t{1}));
}

void sendWithLastSequenceNumber(Misstep& misstep) {
  misstep.send(patched(misstep.due(), kSequenceNumberOffset, ~std::uint32_t{0}));
}

void sendWithInterruption(Misstep& misstep) {
  misstep.send(concatenated(misstep.due(), encodedBodyless(misstep.dialect().compilation_interrupted)));
}

void sendWithGoodbye(Misstep& misstep) {
  misstep.send(concatenated(misstep.due(), encodedBodyless(misstep.dialect().connection_terminate)));
}

void sendWithReply(Misstep& misstep) {
  const auto query = misstep.dialect().table->numberOf("VM_isClassArray");
  misstep.send(concatenated(misstep.due(), encodedRequest(misstep.dialect(), query.value_or(0))));
}

void sendUnread(Misstep& misstep) {
  misstep.sendDue();
  misstep.staySilent();
}

constexpr Misbehaviour kTable[] = {
    {{"request_not_at_all", "Instead of the request nothing comes.", waits}, kStep, sendNothing},
    {{"request_late", "The request comes after a third of the timeout.", harmless}, kStep, sendLate},
    {{"request_unknown_type", "The request has a type that no release has.", ends}, kStep, sendUnknownType},
    {{"request_wrong_type", "The request has the type of a query.", ends},
     kStep,
     [](Misstep& misstep) {
       const auto query = misstep.dialect().table->numberOf("VM_isClassArray");
       misstep.send(withType(misstep.due(), query.value_or(0)));
     }},
    {{"request_no_data_points", "The request has no data points.", ends},
     kStep,
     sendSpoiled<withoutDataPoints>},
    {{"request_too_few_data_points", "The request lacks its last data point.", ends},
     kStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"request_too_many_data_points", "The request has one data point too many.", ends},
     kStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"request_wrong_data_type", "The request's client UID is a string.", ends},
     kStep,
     sendSpoiled<withWrongDataType>},
    {{"request_wrong_data_size", "The request's client UID is an object of nine bytes.", ends},
     kStep,
     sendSpoiled<withWrongDataSize>},
    {{"request_huge_size", "The request announces two gigabytes.", ends}, kStep, sendHugeSize},
    {{"request_too_small_size", "The request announces 15 bytes, less than a header.", ends},
     kStep,
     sendTooSmallSize},
    {{"request_unaligned_size", "The request announces one byte less than it has.", ends},
     kStep,
     sendUnalignedSize},
    {{"request_count_too_high", "The request's header counts one data point more than there is.", ends},
     kStep,
     sendCountTooHigh},
    {{"request_count_too_low", "The request's header counts one data point less than there is.", ends},
     kStep,
     sendCountTooLow},
    {{"request_descriptor_beyond_end", "The request's first descriptor claims more than the message.", ends},
     kStep,
     sendSpoiled<withDescriptorBeyondEnd>},
    {{"request_nested_lie", "A string in a tuple of the request claims more bytes than the tuple has.", ends},
     kStep,
     sendSpoiled<withNestedLie>},
    {{"request_vector_count_lie", "A vector in the request says that it has two billion elements.", ends},
     kStep,
     sendSpoiled<withVectorCountLie>},
    {{"request_enum_data_point", "The request has a data point of type ENUM, which nobody writes.", ends},
     kStep,
     sendSpoiled<withEnumDataPoint>},
    {{"request_dirty_padding", "The request's padding and filler hold what memory held.", harmless},
     kStep,
     sendSpoiled<withDirtyPadding>},
    {{"request_byte_swapped", "The request's header is big-endian.", ends},
     kStep,
     sendSpoiled<withSwappedBytes>},
    {{"request_forgets_version", "The request carries neither version nor configuration.", harmless},
     kStep,
     [](Misstep& misstep) { misstep.send(withVersion(misstep.due(), {})); }},
    {{"request_repeats_version", "The request carries the version although it was checked before.", harmless},
     kStep,
     sendWithVersion},
    {{"request_other_version", "The request announces version 99.99.", ends}, kStep, sendWithOtherVersion},
    {{"request_other_configuration", "The request announces Java 8 without compressed references.", ends},
     kStep,
     sendWithOtherConfiguration},
    {{"request_uid_zero", "The request's client UID is 0.", harmless}, kStep, sendWithUidZero},
    {{"request_other_uid", "The request's client UID is another client's, one higher.", harmless},
     kStep,
     sendWithOtherUid},
    {{"request_repeats_sequence_number", "The request's sequence number is 1 again.", harmless},
     kStep,
     sendWithFirstSequenceNumber},
    {{"request_last_sequence_number", "The request's sequence number is the highest there is.", harmless},
     kStep,
     sendWithLastSequenceNumber},
    {{"request_in_two_pieces", "The request is cut inside its size field, with a pause.", harmless},
     kStep,
     sendInTwoPieces},
    {{"request_byte_by_byte", "Each byte of the request is written by itself.", harmless},
     kStep,
     sendByteByByte},
    {{"request_twice", "The request is sent twice in one write.", ends, true}, kStep, sendTwice},
    {{"request_and_reply", "With the request comes the answer to a query that was not asked yet.", depends,
      true},
     kStep,
     sendWithReply},
    {{"request_and_interrupt", "With the request comes its own interruption.", depends, true},
     kStep,
     sendWithInterruption},
    {{"request_and_goodbye", "With the request comes connectionTerminate.", depends, true},
     kStep,
     sendWithGoodbye},
    {{"request_half_and_close", "The request ends in the middle, and the connection with it.", ends},
     kStep,
     sendHalfAndClose},
    {{"request_half_and_wait", "After half of the request nothing more comes.", waits},
     kStep,
     sendHalfAndWait},
    {{"request_and_close", "The VM sends its request and closes.", ends}, kStep, sendAndClose},
    {{"request_and_reset", "The VM sends its request and resets the connection.", ends}, kStep, sendAndReset},
    {{"request_and_half_close", "The VM sends its request and closes its side.", ends},
     kStep,
     sendAndCloseWrite},
    {{"request_unread", "The VM sends its request and never reads.", waits}, kStep, sendUnread},
};

}  // namespace

std::span<const Misbehaviour> requestMisbehaviours() {
  return kTable;
}

}  // namespace jitrig
