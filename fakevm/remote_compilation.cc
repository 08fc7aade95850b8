#include "fakevm/remote_compilation.h"

#include <exception>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "protocol/catalogue/data_point_fit.h"

namespace jitrig {
namespace {

/// Reads as the real client does, with the catalogue's types: a misfit ends the stream.
void requireFit(const ClientStream& stream, const MessageType& type) {
  if (!type.request) return;
  const auto misfit = checkDataPoints(stream.message(), *type.request);
  if (!misfit) return;
  const std::string what = fmt::format("{}: {}: {}", stream.name(), type.name, toString(*misfit));
  if (misfit->path.empty()) throw StreamArityMismatch(what);
  throw StreamTypeMismatch(what);
}

/// The types that end the answer loop although they are answered (wire.md, "Conversation rules").
bool isServerCrash(std::string_view name) {
  return name == "compilationThreadCrashed" || name == "jitDumpPrintIL";
}

class AnswerLoop {
 public:
  AnswerLoop(ClientStream& stream, CompilationFrontend& frontend, CompilationReport& report, Conduct& conduct)
      : stream_(stream), frontend_(frontend), report_(report), conduct_(conduct) {}

  StreamFate run(const RequestIdentity& identity) {
    const auto request =
        stream_.encodeCompileRequestBy([&](Message& message) { frontend_.addRequest(identity, message); });
    conduct_.write(stream_, request, turn(ConversationStep::request));
    return answerQueries();
  }

  /// Whether the first read of a message is what failed.
  bool readsNext() const { return reads_next_; }

 private:
  StreamFate answerQueries() {
    while (true) {
      reads_next_ = true;
      const auto next = readNext();
      if (!next) return serverCrashed(*crash_, StreamFate::close);
      reads_next_ = false;
      report_.answered = true;
      const std::uint16_t number = *next;
      const MessageType& type = *stream_.dialect().table->find(number);  // read() refuses what is not there
      requireFit(stream_, type);
      if (stream_.dialect().endsCompilation(number)) {
        const StreamFate fate = finish(number, type);
        conduct_.pass(stream_, turn(ConversationStep::finalRead));
        return fate;
      }
      requireQuery(type);
      if (const auto end = answer(number, type)) return *end;
      if (isDumpDue(type)) return serverCrashed(type, StreamFate::dump);
      if (isServerCrash(type.name)) listenOn(type);
    }
  }

  ConversationTurn turn(ConversationStep step) {
    const bool counts_queries = step == ConversationStep::reply;
    return {.step = step,
            .compilation = report_.number + 1,
            .index = counts_queries ? report_.queries : 0,
            .misbehaved = &report_.misbehaved};
  }

  void requireQuery(const MessageType& type) {
    if (type.direction == MessageType::Direction::query) return;
    throw StreamMessageTypeMismatch(fmt::format(
        "{}: received {}, expected a query or the end of the compilation", stream_.name(), type.name));
  }

  /// A front end that throws is what a handler of the real client is that throws: the compilation is given
  /// up, and the socket closed (semantics.md, section 2).
  std::optional<StreamFate> answer(std::uint16_t number, const MessageType& type) {
    try {
      std::span<const std::byte> reply = frontend_.encodedReply(stream_.message());
      if (reply.empty()) {
        const Answer answer = frontend_.answer(stream_.message());
        if (answer.kind != Answer::Kind::reply) return giveUp(answer.kind, type);
        reply = stream_.encode(number, answer.values);
      }
      conduct_.write(stream_, reply, turn(ConversationStep::reply));
      ++report_.queries;
      return std::nullopt;
    } catch (const StreamException&) {
      throw;
    } catch (const std::exception& exception) {
      giveUp(Answer::Kind::interrupt, type);
      report_.detail += fmt::format(": {}", exception.what());
      return StreamFate::close;
    }
  }

  StreamFate finish(std::uint16_t number, const MessageType& type) {
    const Dialect& dialect = stream_.dialect();
    report_.server_states = saidServerStates(dialect, stream_.message());
    if (number == dialect.compilation_failure) return failed();
    stream_.setVersionCheckStatus();
    const std::string useless = frontend_.accept(stream_.message());
    if (type.name == "AOTCache_failure") {
      report_.result = CompilationResult::failed;
      report_.detail = "the server's AOT cache could not do what was asked";
      return StreamFate::close;  // as the real client does (semantics.md, section 2)
    }
    report_.result = CompilationResult::compiled;
    if (!useless.empty()) {
      report_.result = CompilationResult::failed;
      report_.detail = useless;
    }
    const DataPointRange points = stream_.message().dataPoints();
    if (!points.empty() && (*points.begin()).type() == DataType::STRING) {
      report_.code_size_bytes = (*points.begin()).payload().size();
    }
    return StreamFate::keep;
  }

  StreamFate failed() {
    const Dialect& dialect = stream_.dialect();
    const auto values = toValues(stream_.message());
    const auto* status = values.empty() ? nullptr : values[0].get<std::uint32_t>();
    report_.result = CompilationResult::failed;
    report_.status = status != nullptr ? *status : 0;
    report_.detail = fmt::format("the server answered status {} ({})", *report_.status,
                                 dialect.table->release().statusName(*report_.status).value_or("unknown"));
    if (report_.status == dialect.status_version_incompatible ||
        report_.status == dialect.status_message_type_mismatch) {
      return StreamFate::close;  // the server closes as well
    }
    stream_.setVersionCheckStatus();
    return StreamFate::keep;
  }

  /// nullopt: after a crash, silence or the end of the stream.
  std::optional<std::uint16_t> readNext() {
    if (crash_ == nullptr) return stream_.read();
    if (!stream_.waitReadable(until_)) return std::nullopt;
    try {
      const std::uint16_t number = stream_.read();
      crash_ = nullptr;
      return number;
    } catch (const StreamFailure& failure) {
      if (failure.cause() == StreamFailure::Cause::endOfStream) return std::nullopt;
      throw;
    }
  }

  /// A crashed server asks nothing more, and the compilation has failed; one that merely tours all message
  /// types goes on at once.
  void listenOn(const MessageType& crash) {
    constexpr Duration kListenOn = std::chrono::seconds(1);
    crash_ = &crash;
    until_ = stream_.runtime().now() + kListenOn;
  }

  /// First the server tells that it is about to write its dump, then that it waits for the request.
  bool isDumpDue(const MessageType& answered) {
    const bool announced = std::exchange(dump_announced_, answered.name == "jitDumpPrintIL");
    return announced && answered.name == "compilationThreadCrashed" && frontend_.asksForJitDumps();
  }

  StreamFate serverCrashed(const MessageType& crash, StreamFate fate) {
    report_.result = CompilationResult::failed;
    report_.server_crashed = true;
    report_.detail = fmt::format("the server's compilation thread crashed ({})", crash.name);
    return fate;
  }

  StreamFate giveUp(Answer::Kind kind, const MessageType& query) {
    report_.result = CompilationResult::interrupted;
    if (kind == Answer::Kind::close) {
      report_.detail = fmt::format("the connection was closed instead of answering {}", query.name);
      return StreamFate::close;
    }
    stream_.writeError(stream_.dialect().compilation_interrupted);
    report_.detail = fmt::format("interrupted instead of answering {}", query.name);
    return StreamFate::keep;
  }

  ClientStream& stream_;
  CompilationFrontend& frontend_;
  CompilationReport& report_;
  Conduct& conduct_;
  const MessageType* crash_ = nullptr;  ///< the message that told of a crash, if it was the last one
  Instant until_;
  bool reads_next_ = false;
  bool dump_announced_ = false;  ///< by the last question
};

}  // namespace

std::string_view toString(CompilationResult result) {
  switch (result) {
    case CompilationResult::compiled: return "compiled";
    case CompilationResult::failed: return "failed";
    case CompilationResult::terminated: return "terminated";
    case CompilationResult::interrupted: return "interrupted";
    case CompilationResult::local: return "local";
  }
  return "unknown";
}

StreamFate compileRemotely(ClientStream& stream, CompilationFrontend& frontend,
                           const RequestIdentity& identity, CompilationReport& report, Conduct& conduct) {
  AnswerLoop loop(stream, frontend, report, conduct);
  try {
    return loop.run(identity);
  } catch (const StreamFailure& failure) {
    report.unanswered = !report.answered && (failure.cause() == StreamFailure::Cause::endOfStream ||
                                             failure.netError() == NetErrc::reset);
    const bool first_read = loop.readsNext() && failure.cause() != StreamFailure::Cause::truncated &&
                            failure.cause() != StreamFailure::Cause::malformed;
    report.stream_loss = {
        .cause = failure.cause(), .net_error = failure.netError(), .first_read = first_read};
    report.detail = failure.what();
  } catch (const StreamException& exception) {
    report.detail = exception.what();
  }
  report.result = CompilationResult::terminated;
  return StreamFate::close;
}

}  // namespace jitrig
