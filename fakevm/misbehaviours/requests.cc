#include <cstring>

#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// The compilationRequest is due.
namespace jitrig {
namespace {

constexpr auto kRequestStep = ConversationStep::request;
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
  const std::uint16_t query = typeNamed(misstep.dialect(), "VM_isClassArray");
  misstep.send(concatenated(misstep.due(), encodedRequest(misstep.dialect(), query)));
}

void sendRequestUnread(Misstep& misstep) {
  misstep.sendDue();
  misstep.staySilent();
}

constexpr Misbehaviour kRequestTable[] = {
    {{"request_not_at_all", "Instead of the request nothing comes.", waits}, kRequestStep, sendNothing},
    {{"request_late", "The request comes after a third of the timeout.", harmless}, kRequestStep, sendLate},
    {{"request_unknown_type", "The request has a type that no release has.", ends},
     kRequestStep,
     sendUnknownType},
    {{"request_wrong_type", "The request has the type of a query.", ends},
     kRequestStep,
     [](Misstep& misstep) {
       misstep.send(withType(misstep.due(), typeNamed(misstep.dialect(), "VM_isClassArray")));
     }},
    {{"request_no_data_points", "The request has no data points.", ends},
     kRequestStep,
     sendSpoiled<withoutDataPoints>},
    {{"request_too_few_data_points", "The request lacks its last data point.", ends},
     kRequestStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"request_too_many_data_points", "The request has one data point too many.", ends},
     kRequestStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"request_wrong_data_type", "The request's client UID is a string.", ends},
     kRequestStep,
     sendSpoiled<withWrongDataType>},
    {{"request_wrong_data_size", "The request's client UID is an object of nine bytes.", ends},
     kRequestStep,
     sendSpoiled<withWrongDataSize>},
    {{"request_huge_size", "The request announces two gigabytes.", ends}, kRequestStep, sendHugeSize},
    {{"request_too_small_size", "The request announces 15 bytes, less than a header.", ends},
     kRequestStep,
     sendTooSmallSize},
    {{"request_unaligned_size", "The request announces one byte less than it has.", ends},
     kRequestStep,
     sendUnalignedSize},
    {{"request_count_too_high", "The request's header counts one data point more than there is.", ends},
     kRequestStep,
     sendCountTooHigh},
    {{"request_count_too_low", "The request's header counts one data point less than there is.", ends},
     kRequestStep,
     sendCountTooLow},
    {{"request_descriptor_beyond_end", "The request's first descriptor claims more than the message.", ends},
     kRequestStep,
     sendSpoiled<withDescriptorBeyondEnd>},
    {{"request_nested_lie", "A string in a tuple of the request claims more bytes than the tuple has.", ends},
     kRequestStep,
     sendSpoiled<withNestedLie>},
    {{"request_vector_count_lie", "A vector in the request says that it has two billion elements.", ends},
     kRequestStep,
     sendSpoiled<withVectorCountLie>},
    {{"request_enum_data_point", "The request has a data point of type ENUM, which nobody writes.", ends},
     kRequestStep,
     sendSpoiled<withEnumDataPoint>},
    {{"request_dirty_padding", "The request's padding and filler hold what memory held.", harmless},
     kRequestStep,
     sendSpoiled<withDirtyPadding>},
    {{"request_byte_swapped", "The request's header is big-endian.", ends},
     kRequestStep,
     sendSpoiled<withSwappedBytes>},
    {{"request_forgets_version", "The request carries neither version nor configuration.", harmless},
     kRequestStep,
     [](Misstep& misstep) { misstep.send(withVersion(misstep.due(), {})); }},
    {{"request_repeats_version", "The request carries the version although it was checked before.", harmless},
     kRequestStep,
     sendWithVersion},
    {{"request_other_version", "The request announces version 99.99.", ends},
     kRequestStep,
     sendWithOtherVersion},
    {{"request_other_configuration", "The request announces Java 8 without compressed references.", ends},
     kRequestStep,
     sendWithOtherConfiguration},
    {{"request_uid_zero", "The request's client UID is 0.", harmless}, kRequestStep, sendWithUidZero},
    {{"request_other_uid", "The request's client UID is another client's, one higher.", harmless},
     kRequestStep,
     sendWithOtherUid},
    {{"request_repeats_sequence_number", "The request's sequence number is 1 again.", harmless},
     kRequestStep,
     sendWithFirstSequenceNumber},
    {{"request_last_sequence_number", "The request's sequence number is the highest there is.", harmless},
     kRequestStep,
     sendWithLastSequenceNumber},
    {{"request_in_two_pieces", "The request is cut inside its size field, with a pause.", harmless},
     kRequestStep,
     sendInTwoPieces},
    {{"request_byte_by_byte", "Each byte of the request is written by itself.", harmless},
     kRequestStep,
     sendByteByByte},
    {{"request_twice", "The request is sent twice in one write.", ends, true}, kRequestStep, sendTwice},
    {{"request_and_reply", "With the request comes the answer to a query that was not asked yet.", depends,
      true},
     kRequestStep,
     sendWithReply},
    {{"request_and_interrupt", "With the request comes its own interruption.", depends, true},
     kRequestStep,
     sendWithInterruption},
    {{"request_and_goodbye", "With the request comes connectionTerminate.", depends, true},
     kRequestStep,
     sendWithGoodbye},
    {{"request_half_and_close", "The request ends in the middle, and the connection with it.", ends},
     kRequestStep,
     sendHalfAndClose},
    {{"request_half_and_wait", "After half of the request nothing more comes.", waits},
     kRequestStep,
     sendHalfAndWait},
    {{"request_and_close", "The VM sends its request and closes.", ends}, kRequestStep, sendAndClose},
    {{"request_and_reset", "The VM sends its request and resets the connection.", ends},
     kRequestStep,
     sendAndReset},
    {{"request_and_half_close", "The VM sends its request and closes its side.", ends},
     kRequestStep,
     sendAndCloseWrite},
    {{"request_unread", "The VM sends its request and never reads.", waits}, kRequestStep, sendRequestUnread},
};

}  // namespace

std::span<const Misbehaviour> requestMisbehaviours() {
  return kRequestTable;
}

}  // namespace jitrig
