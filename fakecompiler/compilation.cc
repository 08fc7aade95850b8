#include "fakecompiler/compilation.h"

#include <fmt/format.h>
#include <new>

#include "capture/message_comparison.h"
#include "fakecompiler/class_unloading.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/reached.h"

namespace jitrig {
namespace {

void requireFit(const ServerStream& stream, const ScriptQuery& query) {
  if (!query.expected_reply) return;
  const auto misfit = checkDataPoints(stream.message(), *query.expected_reply);
  if (!misfit) return;
  const std::string what = fmt::format("{}: reply to {}: {}", stream.name(),
                                       stream.dialect().typeName(query.type), toString(*misfit));
  if (misfit->path.empty()) throw StreamArityMismatch(what);
  throw StreamTypeMismatch(what);
}

void compareWithRecording(const ServerStream& stream, const ScriptQuery& query,
                          ServerCompilationReport& report) {
  if (!query.recorded_reply || report.difference) return;
  const auto difference = compareValues(*query.recorded_reply, toValues(stream.message()));
  if (!difference) return;
  report.difference = fmt::format("reply to query {}, {}: {}", report.queries,
                                  stream.dialect().typeName(query.type), *difference);
}

ConversationTurn turnOf(ServerCompilationReport& report, ConversationStep step, std::uint64_t index = 0) {
  return {.step = step, .compilation = report.number + 1, .index = index, .misbehaved = &report.misbehaved};
}

/// What a query or an end sends.
template <class Scripted>
std::span<const std::byte> encodeScripted(ServerStream& stream, const Scripted& scripted) {
  return scripted.encoded ? stream.encode(*scripted.encoded) : stream.encode(scripted.type, scripted.values);
}

void ask(ServerStream& stream, const ScriptQuery& query, ServerCompilationReport& report, Conduct& conduct) {
  conduct.write(stream, encodeScripted(stream, query),
                turnOf(report, ConversationStep::query, report.queries));
  stream.readReply();
  conduct.pass(stream, turnOf(report, ConversationStep::replyRead, report.queries));
  requireFit(stream, query);
  compareWithRecording(stream, query, report);
  ++report.queries;
}

void prepare(ServerStream& stream, SessionPreparation& session, ServerCompilationReport& report,
             Conduct& conduct) {
  try {
    while (const ScriptQuery* query = session.next()) {
      session.requireClasses();
      ask(stream, *query, report, conduct);
      session.answered(stream.message());
    }
  } catch (const StreamInterrupted&) {
    session.interrupted();
    throw;
  }
}

/// A final message that says how the server is. One that is healthy says what is encoded already.
std::span<const std::byte> encodeEnd(ServerStream& stream, const ScriptEnd& end,
                                     ServerCompilationReport& report, ServerLoad& load) {
  if (!end.says_states) return encodeScripted(stream, end);
  report.states = load.states();
  if (report.states->states == ServerStates{}) return encodeScripted(stream, end);
  JITRIG_REACHED("fakecompiler: a final message says that the server has much to do");
  std::vector<Value> values = end.values;
  putServerStates(stream.dialect(), end.type, values, report.states->states);
  return stream.encode(end.type, values);
}

void askForAOT(ServerStream& stream, AOTCompilation& aot, const SessionPreparation& session,
               ServerCompilationReport& report, Conduct& conduct) {
  while (const ScriptQuery* query = aot.next()) {
    session.requireClasses();
    ask(stream, *query, report, conduct);
    aot.answered(stream.message());
  }
}

ServerStreamFate finish(ServerStream& stream, const ScriptEnd& end, ServerCompilationReport& report,
                        Conduct& conduct, ServerLoad& load) {
  const Dialect& dialect = stream.dialect();
  switch (end.kind) {
    case ScriptEnd::Kind::message: {
      conduct.write(stream, encodeEnd(stream, end, report, load),
                    turnOf(report, ConversationStep::finalMessage));
      const bool success =
          end.type != dialect.compilation_failure && dialect.typeName(end.type) != "AOTCache_failure";
      report.outcome = success ? CompilationOutcome::compiled : CompilationOutcome::failed;
      if (!success) report.detail = fmt::format("the script ends with {}", dialect.typeName(end.type));
      conduct.pass(stream, turnOf(report, ConversationStep::parking));
      return ServerStreamFate::park;
    }
    case ScriptEnd::Kind::close:
      report.outcome = CompilationOutcome::failed;
      report.detail = "the script closes the connection";
      return ServerStreamFate::close;
    case ScriptEnd::Kind::nothing:
      report.outcome = CompilationOutcome::failed;
      report.detail = "the script gives no answer";
      return ServerStreamFate::park;
    case ScriptEnd::Kind::crash:
      report.outcome = CompilationOutcome::failed;
      report.detail = "its thread crashed";
      return ServerStreamFate::diagnose;
    case ScriptEnd::Kind::recordedServerStops:
      report.outcome = CompilationOutcome::failed;
      report.detail = "the recorded server stopped here, although it was its turn; this one goes on";
      stream.writeError(kStatusCompilationFailure);
      return ServerStreamFate::park;
    case ScriptEnd::Kind::recordedClientStops:
      report.outcome = CompilationOutcome::failed;
      report.as_asked = false;
      report.detail = "the recording ends here, the client went on: there is nothing more to ask";
      stream.writeError(kStatusCompilationFailure);
      return ServerStreamFate::park;
  }
  return ServerStreamFate::close;
}

/// Without the script.
ServerStreamFate finishByAOT(ServerStream& stream, const ScriptEnd& end, ServerCompilationReport& report,
                             Conduct& conduct, ServerLoad& load) {
  const ServerStreamFate fate = finish(stream, end, report, conduct, load);
  if (report.outcome == CompilationOutcome::failed)
    report.detail = "the AOT cache could not do what the client asked for";
  return fate;
}

/// Where the recorded client gave up, this one is expected to give up, too: at the script's last query.
bool endsWithRecording(const ScriptedCompilation& script, std::size_t of_session,
                       const ServerCompilationReport& report) {
  return script.end.kind == ScriptEnd::Kind::recordedClientStops &&
         report.queries + 1 == of_session + script.queries.size();
}

}  // namespace

std::string_view toString(CompilationOutcome outcome) {
  switch (outcome) {
    case CompilationOutcome::compiled: return "compiled";
    case CompilationOutcome::failed: return "failed";
    case CompilationOutcome::interrupted: return "interrupted";
    case CompilationOutcome::streamFailure: return "stream_failure";
  }
  return "unknown";
}

ServerStreamFate answerFailure(ServerStream& stream, std::uint32_t status, std::uint64_t other,
                               const std::string& reason, ServerCompilationReport& report) {
  report.outcome = CompilationOutcome::failed;
  report.as_asked = false;
  report.detail = reason;
  try {
    stream.writeError(status, other);
    return ServerStreamFate::park;
  } catch (const StreamFailure& failure) {
    report.outcome = CompilationOutcome::streamFailure;
    report.detail += fmt::format("; {}", failure.what());
    return ServerStreamFate::close;
  }
}

ServerStreamFate compile(ServerStream& stream, const ScriptedCompilation& script, SessionPreparation* session,
                         ServerCompilationReport& report, Conduct& conduct, ServerLoad& load,
                         AOTCompilation* aot) {
  std::size_t of_session = 0;
  try {
    conduct.pass(stream, turnOf(report, ConversationStep::requestRead));
    if (session != nullptr) prepare(stream, *session, report, conduct);
    if (aot != nullptr) askForAOT(stream, *aot, *session, report, conduct);
    of_session = report.queries;
    if (aot != nullptr && aot->end() != nullptr)
      return finishByAOT(stream, *aot->end(), report, conduct, load);
    for (const ScriptQuery& query : script.queries) {
      if (session != nullptr) session->requireClasses();
      ask(stream, query, report, conduct);
      if (session != nullptr) session->learn(query, stream.message());
    }
    if (load.outOfMemory()) throw std::bad_alloc();
    return finish(stream, aot != nullptr ? aot->endOf(script.end) : script.end, report, conduct, load);
  } catch (const StreamInterrupted& interrupted) {
    report.outcome = CompilationOutcome::interrupted;
    report.as_asked = endsWithRecording(script, of_session, report);
    report.detail = interrupted.what();
    return ServerStreamFate::park;
  } catch (const CompilationInterrupted& interrupted) {
    const auto status = stream.dialect().table->release().statusCode("compilationInterrupted");
    return answerFailure(stream, status.value_or(kStatusCompilationFailure), kNoOtherData, interrupted.what(),
                         report);
  } catch (const StreamMessageTypeMismatch& mismatch) {
    answerFailure(stream, stream.dialect().status_message_type_mismatch, kNoOtherData, mismatch.what(),
                  report);
    return ServerStreamFate::close;
  } catch (const StreamFailure& failure) {
    report.outcome = CompilationOutcome::streamFailure;
    report.as_asked =
        failure.cause() == StreamFailure::Cause::endOfStream && endsWithRecording(script, of_session, report);
    report.detail = failure.what();
    return ServerStreamFate::close;
  } catch (const StreamException& exception) {
    return answerFailure(stream, kStatusCompilationFailure, kNoOtherData, exception.what(), report);
  }
}

}  // namespace jitrig
