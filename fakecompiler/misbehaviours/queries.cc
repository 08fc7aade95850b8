#include "fakecompiler/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"

// The first query of a compilation is due, or its answer has been read.
namespace jitrig {
namespace {

constexpr auto kQueryStep = ConversationStep::query;
using enum MisbehaviourEffect;

EncodedMessage code(const Misstep& misstep) {
  return encodedRequest(misstep.dialect(), misstep.dialect().compilation_code);
}

void sendTwoQueries(Misstep& misstep) {
  const Dialect& dialect = misstep.dialect();
  const std::uint16_t other = otherQueryThan(dialect, typeOf(misstep.due()));
  misstep.send(concatenated(misstep.due(), encodedRequest(dialect, other)));
}

/// compilationThreadCrashed is answered, and ends the compilation, in releases that have it.
void sendCrash(Misstep& misstep) {
  misstep.send(encodedRequest(misstep.dialect(), typeNamed(misstep.dialect(), "compilationThreadCrashed")));
  misstep.close();
}

/// AOTCacheMap_reply is no query at all, even in releases that have it.
void sendMapReply(Misstep& misstep) {
  misstep.send(encodedRequest(misstep.dialect(), typeNamed(misstep.dialect(), "AOTCacheMap_reply")));
}

/// As a server that reads the same answer twice.
void readAgain(Misstep& misstep) {
  if (!misstep.stream().waitReadable(misstep.stream().runtime().now() + 2 * misstep.timeout()))
    misstep.close();
}

constexpr Misbehaviour kQueryTable[] = {
    {{"query_unknown_type", "The query has a type that no release has.", ends}, kQueryStep, sendUnknownType},
    {{"query_client_type", "The query has the type of a compilationRequest.", ends},
     kQueryStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), misstep.dialect().compilation_request)); }},
    {{"query_final_type", "The query has the type of a final message.", ends},
     kQueryStep,
     [](Misstep& misstep) { misstep.send(withType(misstep.due(), misstep.dialect().compilation_code)); }},
    {{"query_map_reply", "Instead of the query comes AOTCacheMap_reply, which nobody asked for.", ends},
     kQueryStep,
     sendMapReply},
    {{"query_no_data_points", "The query has no data points.", ends},
     kQueryStep,
     sendSpoiled<withoutDataPoints>},
    {{"query_too_few_data_points", "The query lacks its last data point.", ends},
     kQueryStep,
     sendSpoiled<withTooFewDataPoints>},
    {{"query_too_many_data_points", "The query has one data point too many.", ends},
     kQueryStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"query_wrong_data_type", "The query's first data point has another type.", ends},
     kQueryStep,
     sendSpoiled<withWrongDataType>},
    {{"query_wrong_data_size", "The query's first data point is an object of nine bytes.", ends},
     kQueryStep,
     sendSpoiled<withWrongDataSize>},
    {{"query_huge_size", "The query announces two gigabytes.", ends}, kQueryStep, sendHugeSize},
    {{"query_too_small_size", "The query announces 15 bytes, less than a header.", ends},
     kQueryStep,
     sendTooSmallSize},
    {{"query_unaligned_size", "The query announces one byte less than it has.", ends},
     kQueryStep,
     sendUnalignedSize},
    {{"query_count_too_high", "The query's header counts one data point more than there is.", ends},
     kQueryStep,
     sendCountTooHigh},
    {{"query_count_too_low", "The query's header counts one data point less than there is.", ends},
     kQueryStep,
     sendCountTooLow},
    {{"query_descriptor_beyond_end", "The query's first descriptor claims more than the message.", ends},
     kQueryStep,
     sendSpoiled<withDescriptorBeyondEnd>},
    {{"query_nested_lie", "A string in a tuple of the query claims more bytes than the tuple has.", ends},
     kQueryStep,
     sendSpoiled<withNestedLie>},
    {{"query_vector_count_lie", "A vector in the query says that it has two billion elements.", ends},
     kQueryStep,
     sendSpoiled<withVectorCountLie>},
    {{"query_dirty_padding", "The query's padding and filler hold what memory held.", harmless},
     kQueryStep,
     sendSpoiled<withDirtyPadding>},
    {{"query_byte_swapped", "The query's header is big-endian.", ends},
     kQueryStep,
     sendSpoiled<withSwappedBytes>},
    {{"query_with_version", "The query carries version and configuration.", harmless},
     kQueryStep,
     sendWithVersion},
    {{"query_other_version", "The query carries version 99.99, which only requests do.", harmless},
     kQueryStep,
     sendWithOtherVersion},
    {{"query_twice", "The query is sent twice in one write.", depends, true}, kQueryStep, sendTwice},
    {{"query_two_at_once", "Two queries are sent in one write.", depends, true}, kQueryStep, sendTwoQueries},
    {{"query_and_final", "With the query comes code, before the answer.", depends, true},
     kQueryStep,
     [](Misstep& misstep) { misstep.send(concatenated(misstep.due(), code(misstep))); }},
    {{"query_not_at_all", "Instead of the query nothing comes.", waits}, kQueryStep, sendNothing},
    {{"query_late", "The query comes after a third of the timeout.", harmless}, kQueryStep, sendLate},
    {{"query_too_late", "The query comes after twice the timeout.", waits}, kQueryStep, sendTooLate},
    {{"query_in_two_pieces", "The query is cut inside its size field, with a pause.", harmless},
     kQueryStep,
     sendInTwoPieces},
    {{"query_byte_by_byte", "Each byte of the query is written by itself.", harmless},
     kQueryStep,
     sendByteByByte},
    {{"query_half_and_close", "The query ends in the middle, and the connection with it.", ends},
     kQueryStep,
     sendHalfAndClose},
    {{"query_half_and_wait", "After half of the query nothing more comes.", waits},
     kQueryStep,
     sendHalfAndWait},
    {{"query_and_close", "The server asks and closes.", ends}, kQueryStep, sendAndClose},
    {{"query_and_reset", "The server asks and resets the connection.", ends}, kQueryStep, sendAndReset},
    {{"query_and_half_close", "The server asks and closes its side.", ends}, kQueryStep, sendAndCloseWrite},
    {{"query_close", "The server closes instead of asking.", ends}, kQueryStep, closeInstead},
    {{"query_crash", "The server tells that its compilation thread crashed, and closes.", ends},
     kQueryStep,
     sendCrash},
    {{"reply_read_twice", "The server reads the answer, and waits for another one.", waits},
     ConversationStep::replyRead,
     readAgain},
    {{"reply_close", "The server reads the answer and closes.", ends},
     ConversationStep::replyRead,
     closeInstead},
    {{"reply_reset", "The server reads the answer and resets the connection.", ends},
     ConversationStep::replyRead,
     resetInstead},
};

}  // namespace

std::span<const Misbehaviour> queryMisbehaviours() {
  return kQueryTable;
}

}  // namespace jitrig
