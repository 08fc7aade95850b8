#include "cli/persona_events.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fakecompiler/log_lines.h"
#include "fakevm/log_lines.h"

namespace jitrig {
namespace {

/// "240 bytes", "1 query", "2 queries".
std::string count(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

/// Names of misbehaviours that befell a compilation.
void addMisbehaved(const std::vector<std::string>& names, std::string& text, JsonEvent& json) {
  if (names.empty()) return;
  const std::string joined = fmt::format("{}", fmt::join(names, ", "));
  text += fmt::format("; misbehaved: {}", joined);
  json.add("misbehaved", joined);
}

/// Its end and its replies beside those of the recording that its script is.
void addComparison(const ServerCompilationReport& report, std::string& text, JsonEvent& json) {
  json.addBool("as_recorded", report.as_asked && !report.difference);
  if (!report.as_asked) text += "; the recorded one ended otherwise";
  if (!report.difference) return;
  text += fmt::format("; differs from the recording: {}", *report.difference);
  json.add("difference", *report.difference);
}

std::string_view toString(TlsVersion version) {
  return version == TlsVersion::tls1_2 ? "TLSv1.2" : "TLSv1.3";
}

/// One line per TLS connection.
void printTlsSession(EventPrinter& printer, const std::string& prefix, const std::string& stream,
                     const TlsSessionInfo& session) {
  std::string text = fmt::format("{}{}: {}, {}", prefix, stream, toString(session.version), session.cipher);
  if (session.resumed) text += ", resumed";
  if (!session.peer_subject.empty()) text += fmt::format(", peer {}", session.peer_subject);
  JsonEvent json("tls");
  json.add("stream", stream)
      .add("version", toString(session.version))
      .add("cipher", session.cipher)
      .addBool("resumed", session.resumed)
      .add("peer", session.peer_subject);
  printer.print(text, json.done());
}

/// `of`: what it is the JitDump of.
void printJitDump(EventPrinter& printer, const std::string& prefix, std::uint64_t number,
                  const std::string& of, std::string_view result, const std::string& detail) {
  JsonEvent json("jit_dump");
  json.add("number", number).add("of", of).add("result", result);
  std::string text = fmt::format("{}JitDump {}: {}: {}", prefix, number, of, result);
  if (!detail.empty()) {
    text += fmt::format(" ({})", detail);
    json.add("detail", detail);
  }
  printer.print(text, json.done());
}

}  // namespace

void FakeCompilerEvents::onCompilation(const ServerCompilationReport& report) {
  std::string text = fmt::format("{}compilation {}: {} after {}", prefix_, report.number + 1,
                                 toString(report.outcome), count(report.queries, "query", "queries"));
  JsonEvent json("compilation");
  json.add("number", report.number + 1)
      .add("client_uid", report.client_uid)
      .add("stream", report.stream)
      .add("script", report.script)
      .add("result", toString(report.outcome))
      .add("queries", report.queries);
  if (!report.detail.empty()) {
    text += fmt::format(" ({})", report.detail);
    json.add("detail", report.detail);
  }
  addMisbehaved(report.misbehaved, text, json);
  if (compare_) addComparison(report, text, json);
  if (compare_ && report.difference) ++differences_;
  printer_.print(text, json.done());
}

void FakeCompilerEvents::onJitDump(const ServerCompilationReport& report) {
  printJitDump(printer_, prefix_, report.number + 1, report.script, toString(report.outcome), report.detail);
}

void FakeCompilerEvents::onStreamEnd(const StreamEndReport& report) {
  JsonEvent json("stream_end");
  json.add("stream", report.stream).addBool("failure", report.failure).add("detail", report.detail);
  // Failures name their stream themselves.
  const std::string text = report.detail.contains(report.stream)
                               ? report.detail
                               : fmt::format("{}: {}", report.stream, report.detail);
  printer_.print(prefix_ + text, json.done());
}

void FakeCompilerEvents::onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
  printTlsSession(printer_, prefix_, stream, session);
}

/// The rare ones: requests that do not just run. In the words of a real server's log.
void FakeCompilerEvents::onRequestOrder(const RequestOrderEvent& event) {
  using Kind = RequestOrderEvent::Kind;
  if (event.kind == Kind::arrived && event.outcome == RequestOrderEvent::Outcome::runs) return;
  for (const std::string& line : logLines(event)) {
    JsonEvent json("request_order");
    json.add("client_uid", event.numbers.client_uid)
        .add("sequence_number", event.numbers.sequence_number)
        .add("what", toString(event.kind))
        .add("outcome", toString(event.outcome))
        .add("log", line);
    printer_.print(prefix_ + line, json.done());
  }
}

void FakeCompilerEvents::onHeartbeat(const ServerHeartbeat& heartbeat) {
  JsonEvent json("heartbeat");
  json.add("clients", heartbeat.sessions)
      .add("connections", heartbeat.connections)
      .add("active_threads", heartbeat.active_threads)
      .add("usable_threads", heartbeat.usable_threads)
      .add("queue_length", heartbeat.queue_length)
      .add("free_memory_bytes", heartbeat.free_memory_bytes)
      .add("cleared_caches", heartbeat.cleared_caches)
      .add("compilations", heartbeat.compilations);
  printer_.print(prefix_ + toString(heartbeat), json.done());
}

void FakeCompilerEvents::onAOTCacheFile(const AOTCacheFileReport& report) {
  JsonEvent json("aot_cache_file");
  json.add("what", toString(report.kind)).add("cache", report.cache).add("methods", report.methods);
  if (!report.detail.empty()) json.add("detail", report.detail);
  printer_.print(prefix_ + toText(report), json.done());
}

void FakeCompilerEvents::printListening(const FakeCompiler& compiler, const std::string& host) {
  const auto health = compiler.healthPort();
  JsonEvent json("listening");
  json.add("host", host).add("port", compiler.port());
  if (health) {
    json.add("health_port", *health);
  } else {
    json.addNull("health_port");
  }
  json.addBool("tls", compiler.usesTls());
  if (!compiler.hasListener()) json.add("backend", "grpc");
  const std::string health_text = health ? fmt::format("{}", *health) : "off";
  const Endpoint endpoint{.host = host, .port = compiler.port()};
  const std::string_view backend = compiler.hasListener() ? "" : " for gRPC";
  printer_.print(fmt::format("{}listening on {} (health {}){}{}", prefix_, toString(endpoint), health_text,
                             backend, compiler.usesTls() ? " with TLS" : ""),
                 json.done());
}

void FakeCompilerEvents::printSummary(const FakeCompiler& compiler) {
  const FakeCompilerSummary summary = compiler.summary();
  JsonEvent json("summary");
  json.add("compiled", summary.compiled)
      .add("failed", summary.failed)
      .add("interrupted", summary.interrupted)
      .add("stream_failures", summary.stream_failures)
      .add("messages_received", summary.messages_received)
      .add("messages_sent", summary.messages_sent);
  std::string text =
      fmt::format("{}{} compiled, {} failed, {} interrupted, {}; {} received, {} sent", prefix_,
                  summary.compiled, summary.failed, summary.interrupted,
                  count(summary.stream_failures, "stream failure", "stream failures"),
                  count(summary.messages_received, "message", "messages"), summary.messages_sent);
  if (compiler.usesTls() && compiler.hasListener()) {
    const Listener& listener = compiler.listener();
    json.add("failed_handshakes", listener.failedHandshakes())
        .add("dropped_handshakes", listener.droppedHandshakes())
        .add("probes", listener.probes());
    text += fmt::format("; TLS: {}, {} dropped, {}",
                        count(listener.failedHandshakes(), "failed handshake", "failed handshakes"),
                        listener.droppedHandshakes(), count(listener.probes(), "probe", "probes"));
  }
  printer_.print(text, json.done());
}

void FakeVMEvents::onCompilation(const CompilationReport& report) {
  const std::string attempt = report.attempt > 1 ? fmt::format(", attempt {}", report.attempt) : "";
  std::string text = fmt::format("{}compilation {}{}, thread {}: {}: {} after {}", prefix_, report.number + 1,
                                 attempt, report.thread + 1, report.method, toString(report.result),
                                 count(report.queries, "query", "queries"));
  JsonEvent json("compilation");
  json.add("number", report.number + 1)
      .add("thread", report.thread + 1)
      .add("method", report.method)
      .add("result", toString(report.result))
      .add("queries", report.queries);
  if (report.result == CompilationResult::compiled) {
    text += fmt::format(", {} of code", count(report.code_size_bytes, "byte", "bytes"));
    json.add("code_size_bytes", report.code_size_bytes);
  }
  if (report.attempt > 1) json.add("attempt", report.attempt);
  if (report.tried_again) json.addBool("tried_again", true);
  if (report.status) json.add("status", *report.status);
  if (!report.detail.empty()) {
    text += fmt::format(" ({})", report.detail);
    json.add("detail", report.detail);
  }
  addMisbehaved(report.misbehaved, text, json);
  printer_.print(text, json.done());
  if (log_lines_) printLogLine(report);
}

void FakeVMEvents::onJitDump(const CompilationReport& report) {
  printJitDump(printer_, prefix_, report.number + 1, report.method, toString(report.result), report.detail);
}

void FakeVMEvents::printLogLine(const CompilationReport& report) {
  const std::string line = logLine(report);
  if (line.empty()) return;
  JsonEvent json("log");
  json.add("line", line);
  printer_.print(prefix_ + line, json.done());
}

void FakeVMEvents::onOutOfTurn(const std::string& stream) {
  const std::string_view detail =
      "the server sent something although it was not its turn; the connection is given up";
  JsonEvent json("out_of_turn");
  json.add("stream", stream).add("detail", detail);
  printer_.print(fmt::format("{}{}: {}", prefix_, stream, detail), json.done());
}

void FakeVMEvents::onServer(const ServerEvent& event) {
  const std::string text = toString(event);
  JsonEvent json("server");
  json.add("server_uid", event.server_uid)
      .add("wait_ms", static_cast<std::uint64_t>(event.wait_ms))
      .add("log", text);
  printer_.print(prefix_ + text, json.done());
}

/// Threads that are activated at first are no news.
void FakeVMEvents::onActivation(const ActivationEvent& event) {
  const bool activated = event.kind == ActivationEvent::Kind::activated;
  if (activated && event.policy == ActivationPolicy::aggressive) return;
  JsonEvent json("activation");
  json.add("policy", toString(event.policy)).add("active_threads", event.active);
  if (event.kind != ActivationEvent::Kind::policy)
    json.add("thread", event.thread).addBool("activated", activated);
  printer_.print(prefix_ + toString(event), json.done());
}

void FakeVMEvents::onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
  printTlsSession(printer_, prefix_, stream, session);
}

void FakeVMEvents::printSummary(const FakeVMSummary& summary) {
  JsonEvent json("summary");
  json.add("compiled", summary.compiled)
      .add("failed", summary.failed)
      .add("local", summary.local)
      .add("stream_failures", summary.stream_failures);
  if (summary.tried_again != 0) json.add("tried_again", summary.tried_again);
  if (summary.policy_changes != 0)
    json.add("policy_changes", summary.policy_changes)
        .add("activations", summary.activations)
        .add("suspensions", summary.suspensions);
  if (!summary.fatal.empty()) json.add("fatal", summary.fatal);
  printer_.print(fmt::format("{}{} compiled, {} failed, {} local, {}; {} received, {} sent", prefix_,
                             summary.compiled, summary.failed, summary.local,
                             count(summary.stream_failures, "stream failure", "stream failures"),
                             count(summary.messages_received, "message", "messages"), summary.messages_sent),
                 json.done());
}

}  // namespace jitrig
