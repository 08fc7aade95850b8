#include "fakevm/misbehaviours/tables.h"
#include "protocol/stream/missteps.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

// connectionTerminate or clientSessionTerminate is due: all compilations are over.
namespace jitrig {
namespace {

constexpr auto kGoodbyeStep = ConversationStep::goodbye;
constexpr auto kSession = ConversationStep::sessionGoodbye;
constexpr auto kHarmless = MisbehaviourEffect::harmless;

void sendSessionGoodbyeOf(Misstep& misstep, std::uint64_t uid) {
  Message message(misstep.dialect().client_session_terminate);
  addValue(message, uid);
  misstep.send(message.serialize());
}

std::uint64_t ownUid(const Misstep& misstep) {
  const auto parsed = Message::parse(misstep.due(), ParseOptions{});
  if (!parsed) return 0;
  const std::vector<Value> values = toValues(*parsed);
  const auto* uid = values.empty() ? nullptr : values[0].get<std::uint64_t>();
  return uid != nullptr ? *uid : 0;
}

void sendAndRequest(Misstep& misstep) {
  misstep.send(
      concatenated(misstep.due(), encodedRequest(misstep.dialect(), misstep.dialect().compilation_request)));
}

void sendAndWait(Misstep& misstep) {
  misstep.sendDue();
  misstep.staySilent();
}

constexpr Misbehaviour kGoodbyeTable[] = {
    {{"goodbye_not_at_all", "The VM closes its connections without connectionTerminate.", kHarmless},
     kGoodbyeStep,
     closeInstead},
    {{"goodbye_reset", "The VM resets its connections instead of saying goodbye.", kHarmless},
     kGoodbyeStep,
     resetInstead},
    {{"goodbye_twice", "connectionTerminate is sent twice in one write.", kHarmless},
     kGoodbyeStep,
     sendTwice},
    {{"goodbye_with_body", "connectionTerminate has a data point.", kHarmless},
     kGoodbyeStep,
     sendSpoiled<withTooManyDataPoints>},
    {{"goodbye_stale_count", "connectionTerminate counts three data points that it does not have.",
      kHarmless},
     kGoodbyeStep,
     [](Misstep& misstep) { misstep.send(withCount(misstep.due(), 3)); }},
    {{"goodbye_and_request", "Behind connectionTerminate comes another request.", kHarmless},
     kGoodbyeStep,
     sendAndRequest},
    {{"goodbye_stays", "After connectionTerminate the VM keeps the connection for twice the timeout.",
      kHarmless},
     kGoodbyeStep,
     sendAndWait},
    {{"session_goodbye_not_at_all", "The VM connects to say clientSessionTerminate, and closes.", kHarmless},
     kSession,
     closeInstead},
    {{"session_goodbye_twice", "clientSessionTerminate is sent twice in one write.", kHarmless},
     kSession,
     sendTwice},
    {{"session_goodbye_no_uid", "clientSessionTerminate has no data point.", kHarmless},
     kSession,
     sendSpoiled<withoutDataPoints>},
    {{"session_goodbye_wrong_data_type", "clientSessionTerminate has a string for a UID.", kHarmless},
     kSession,
     sendSpoiled<withWrongDataType>},
    {{"session_goodbye_uid_zero", "clientSessionTerminate is for the client UID 0.", kHarmless},
     kSession,
     [](Misstep& misstep) { sendSessionGoodbyeOf(misstep, 0); }},
    {{"session_goodbye_other_uid", "clientSessionTerminate is for another client, whose UID is one higher.",
      kHarmless},
     kSession,
     [](Misstep& misstep) { sendSessionGoodbyeOf(misstep, ownUid(misstep) + 1); }},
    {{"session_goodbye_and_request", "Behind clientSessionTerminate comes a request.", kHarmless},
     kSession,
     sendAndRequest},
};

}  // namespace

std::span<const Misbehaviour> goodbyeMisbehaviours() {
  return kGoodbyeTable;
}

}  // namespace jitrig
