// Each checker finds what it is there for: good runs, of which the record is made wrong in one place, as a
// defect would make it.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "scenarios/checkers/recorded_world_test_support.h"

namespace jitrig {
namespace {

using namespace test;

/// What is wrong, and who must find it.
struct Plant {
  std::string name;
  std::string checker;
  std::string text;  ///< a part of the finding's text
  std::function<void(RunRecord&)> spoil;
  ClientLife life = ClientLife::oneTry;
};

/// For gtest's failure messages.
void PrintTo(const Plant& plant, std::ostream* out) {
  *out << plant.name;
}

/// A connection on which something was compiled.
RecordedConnection& busyConnection(RunRecord& record) {
  return *std::ranges::find_if(record.connections, [](const RecordedConnection& connection) {
    return connection.end(Direction::client)->written.frames.size() > 5;
  });
}
RecordedEnd& clientOf(RecordedConnection& connection) {
  return *connection.ends[static_cast<std::size_t>(Direction::client)];
}
RecordedEnd& serverOf(RecordedConnection& connection) {
  return *connection.ends[static_cast<std::size_t>(Direction::server)];
}

/// As if the end had written that message twice.
void doubleFrame(RecordedLane& lane, std::size_t index) {
  const RecordedFrame frame = lane.frames[index];
  lane.frames.insert(lane.frames.begin() + static_cast<std::ptrdiff_t>(index), frame);
}

std::size_t firstOfType(const RecordedLane& lane, std::uint16_t type) {
  return static_cast<std::size_t>(std::ranges::find(lane.frames, type, &RecordedFrame::type) -
                                  lane.frames.begin());
}

/// As if this end had been there for so long without a byte.
void openSilentlyFor(RecordedEnd& end, std::int64_t time_ns) {
  end.read = {};
  end.written = {};
  end.opened_ns = end.closed_ns - time_ns;
}

/// As if no connection had come about for it.
void loseServer(CompilationReport& report) {
  report.result = CompilationResult::terminated;
  report.stream_loss = {.cause = StreamFailure::Cause::connect, .net_error = NetErrc::refused};
  report.connected = {};
}

/// Of the request with these numbers, as its client reports it.
ClassChangeCounts& changesOf(RunRecord& record, const RequestNumbers& numbers) {
  for (VMRecord& vm : record.vms) {
    if (vm.client_uid != numbers.client_uid) continue;
    for (auto& told : vm.reports) {
      if (told.report.sequence_number == numbers.sequence_number) return told.report.changes;
    }
  }
  throw std::logic_error("no client reports that request");
}

std::vector<Plant> plants() {
  const std::uint16_t code = headDialect()->compilation_code;
  return {
      {"two_queries", "alternation", "while its query",
       [](RunRecord& record) { doubleFrame(serverOf(busyConnection(record)).written, 1); }},
      {"two_replies", "alternation", "but it was the server's turn",
       [](RunRecord& record) { doubleFrame(clientOf(busyConnection(record)).written, 1); }},
      {"reply_of_another_type", "alternation", "as the answer to",
       [](RunRecord& record) { ++clientOf(busyConnection(record)).written.frames[2].type; }},
      {"crash_without_a_jit_dump", "jit_dumps", "asked for no JitDump",
       [](RunRecord& record) {
         // As if its first compilation had crashed at its end.
         RecordedEnd& client = clientOf(busyConnection(record));
         std::vector<RecordedFrame>& read = client.read.frames;
         std::vector<RecordedFrame>& written = client.written.frames;
         const auto end_of_it =
             std::ranges::find(read, headDialect()->compilation_code, &RecordedFrame::type);
         const auto last = static_cast<std::size_t>(end_of_it - read.begin()) - 1;
         // Behind the request, one reply for each query.
         const auto become = [&](std::size_t query, std::string_view name) {
           read[query].type = headDialect()->table->numberOf(name).value();
           written[query + 1].type = read[query].type;
         };
         become(last - 1, "jitDumpPrintIL");
         become(last, "compilationThreadCrashed");
       }},
      {"map_of_what_nobody_stored", "aot_map", "which nobody had stored",
       [](RunRecord& record) {
         const EndReference asked{.connection = busyConnection(record).index, .local = Direction::client};
         const AOTMapReport map{.stream = {}, .cache = "default", .signatures = {"A.f()V"}};
         record.vms[0].aot_maps.push_back({.when = record.over, .report = map, .end = asked});
       }},
      {"hit_that_nobody_stored", "aot_cache", "where nobody had stored it",
       [](RunRecord& record) {
         record.servers[0].has_aot_cache = true;
         AOTServing hit;
         hit.outcome = AOTServing::Outcome::hit;
         hit.load = true;
         record.servers[0].reports[0].report.aot = std::make_shared<AOTServing>(hit);
       }},
      {"purge_in_the_middle", "class_unloading", "goes on asking",
       [](RunRecord& record) {
         RequestOrderEvent purge;
         purge.kind = RequestOrderEvent::Kind::published;
         purge.numbers = {.client_uid = record.servers[0].reports[0].report.client_uid, .unloads = true};
         Told<RequestOrderEvent> told{.when = {}, .report = purge, .end = {}};
         for (RecordedConnection& connection : record.connections) {
           const auto& asked = serverOf(connection).written.frames;
           if (asked.size() < 5) continue;
           told.when.order = asked[4].order - 1;
           record.servers[0].order_events.push_back(told);
         }
       }},
      {"two_final_messages", "final_messages", "after the compilation had ended",
       [=](RunRecord& record) {
         RecordedLane& lane = serverOf(busyConnection(record)).written;
         doubleFrame(lane, firstOfType(lane, code));
       }},
      {"request_before_the_end", "final_messages", "it was the server's turn",
       [=](RunRecord& record) {
         RecordedLane& lane = clientOf(busyConnection(record)).read;
         lane.frames.erase(lane.frames.begin() + static_cast<std::ptrdiff_t>(firstOfType(lane, code)));
       }},
      {"reported_twice", "ended_once", "2 times, expected once",
       [](RunRecord& record) { record.vms[0].reports.push_back(record.vms[0].reports[0]); }},
      {"never_reported", "ended_once", "never reported",
       [](RunRecord& record) { record.vms[1].reports.pop_back(); }},
      {"request_taken_and_forgotten", "ended_once", "never reported how it ended",
       [](RunRecord& record) { record.servers[0].reports.pop_back(); }},
      {"compiled_without_code", "results", "without code from the server",
       [=](RunRecord& record) {
         for (RecordedFrame& frame : clientOf(busyConnection(record)).read.frames) {
           if (frame.type == code) frame.type = headDialect()->compilation_failure;
         }
       }},
      {"restored_with_the_old_uid", "checkpoints", "restored with the UID of",
       [](RunRecord& record) {
         record.vms[1].restored_from = 0;
         record.vms[1].client_uid = record.vms[0].client_uid;
       }},
      {"ends_too_late", "farewells", "ms after its last compilation, expected at most 5000",
       [](RunRecord& record) { record.vms[1].ended->time_ns += 6'000'000'000; }},
      {"wrong_code_size", "results", "bytes of code",
       [](RunRecord& record) { record.vms[2].reports[0].report.code_size_bytes += 8; }},
      {"wrong_count_of_queries", "results", "queries answered",
       [](RunRecord& record) { ++record.vms[2].reports[0].report.queries; }},
      {"wrong_client", "results", "but the request is",
       [](RunRecord& record) { ++record.servers[0].reports[3].report.client_uid; }},
      {"compiled_only_for_the_client", "agreement", "for the server",
       [](RunRecord& record) {
         record.servers[0].reports[1].report.outcome = CompilationOutcome::interrupted;
       }},
      {"request_that_nobody_wrote", "agreement", "the server took",
       [](RunRecord& record) {
         RecordedLane& lane = clientOf(busyConnection(record)).written;
         std::erase_if(lane.frames, [](const RecordedFrame& frame) {
           return frame.type == headDialect()->compilation_request;
         });
       }},
      {"reply_to_another_query", "own_replies", "the client answered message",
       [](RunRecord& record) {
         RecordedLane& lane = serverOf(busyConnection(record)).written;
         RecordedFrame unseen = lane.frames[0];
         unseen.order = lane.frames[0].order;
         lane.frames.insert(lane.frames.begin(), unseen);
       }},
      {"another_request", "own_replies", "another compilation's request",
       [](RunRecord& record) {
         RecordedLane& lane = serverOf(busyConnection(record)).read;
         lane.kept[lane.frames[0].kept_offset + 24] ^= std::byte{1};  // the client's UID
       }},
      {"changed_byte", "delivery", "was sent as 01 and received as 02",
       [](RunRecord& record) {
         busyConnection(record).deliveries[0].difference =
             ByteDifference{.offset = 100, .sent = 1, .received = 2, .time_ns = 5};
       }},
      {"lost_bytes", "delivery", "the end of the stream came after",
       [](RunRecord& record) {
         RecordedConnection& connection = busyConnection(record);
         serverOf(connection).read.bytes -= 3;
         serverOf(connection).read.error =
             RecordedError{.order = 1, .time_ns = 1, .code = NetErrc::endOfFile, .detail = "end of file"};
       }},
      {"no_close_notify", "delivery", "without TLS's close_notify",
       [](RunRecord& record) {
         clientOf(busyConnection(record)).read.error =
             RecordedError{.order = 1,
                           .time_ns = 1,
                           .code = NetErrc::endOfFile,
                           .detail = "the peer closed the connection without TLS's close_notify"};
       }},
      {"bytes_from_nowhere", "delivery", "and only",
       [](RunRecord& record) { clientOf(busyConnection(record)).read.bytes += 3; }},
      {"same_sequence_number", "sequence_numbers", "the same sequence number",
       [](RunRecord& record) {
         for (RecordedConnection& connection : record.connections) {
           RecordedLane& lane = clientOf(connection).written;
           if (lane.frames.size() > 5) lane.kept[lane.frames[0].kept_offset + 40] = std::byte{1};
         }
       }},
      {"another_uid", "sequence_numbers", "expected the UID",
       [](RunRecord& record) { ++record.vms[0].client_uid; }},
      {"version_too_late", "versions", "because the server has not confirmed it",
       [](RunRecord& record) { clientOf(busyConnection(record)).written.frames[0].version = 0; }},
      {"version_for_ever", "versions", "a compilationRequest carries a version",
       [](RunRecord& record) { clientOf(busyConnection(record)).written.frames[1].version = 0x01006900; }},
      {"value_not_aligned", "wire_form", "byte 26: a payload that is not aligned",
       [](RunRecord& record) {
         clientOf(busyConnection(record)).written.misform = RecordedMisform{
             .frame = 0,
             .problem = {.offset = 26, .what = "a payload that is not aligned as its type has to be"}};
       }},
      {"session_left", "sessions", "although its goodbye came after",
       [](RunRecord& record) {
         record.servers[0].rest->sessions.push_back({.client_uid = record.vms[0].client_uid, .session = {}});
         record.servers[0].rest->session_count = 1;
       }},
      {"session_of_nobody", "sessions", "of clients that were served",
       [](RunRecord& record) { record.servers[0].rest->session_count = 1; }},
      {"session_asked_twice", "sessions", "was asked",
       [](RunRecord& record) {
         const std::uint16_t question =
             headDialect()->table->numberOf("getUnloadedClassRangesAndCHTable").value();
         for (RecordedConnection& connection : record.connections) {
           RecordedEnd& end = serverOf(connection);
           if (end.written.frames.empty() || end.read.frames.size() < 2) continue;
           end.written.frames[0].type = question;
           end.read.frames[1].type = question;
         }
       }},
      {"session_renewed_while_in_use", "sessions", "was in use",
       [](RunRecord& record) {
         // As if its first two compilations, one after the other, had gone on at the same time.
         const std::uint16_t question =
             headDialect()->table->numberOf("getUnloadedClassRangesAndCHTable").value();
         RecordedEnd& server = serverOf(busyConnection(record));
         std::vector<RecordedFrame>& frames = server.written.frames;
         const auto end = std::ranges::find(frames, headDialect()->compilation_code, &RecordedFrame::type);
         frames.front().type = question;
         std::next(end)->type = question;
         end->order = record.over.order;
       }},
      {"session_never_purged", "sessions", "is there, although nobody used it",
       [](RunRecord& record) {
         ServerRecord& server = record.servers[0];
         const std::uint64_t client_uid = record.vms[0].client_uid;
         server.rest->sessions.push_back({.client_uid = client_uid, .session = {}});
         server.rest->session_count = 1;
         server.order_events.back().report.kind = RequestOrderEvent::Kind::arrived;
         constexpr std::int64_t kTwoHoursNs = 7'200'000'000'000;
         server.order_events.back().when.time_ns += kTwoHoursNs;
       }},
      {"session_kept_in_want_of_memory", "sessions", "is there, although nobody used it",
       [](RunRecord& record) {
         ServerRecord& server = record.servers[0];
         server.rest->sessions.push_back({.client_uid = record.vms[0].client_uid, .session = {}});
         server.rest->session_count = 1;
         server.memory.spans = {{.from_ms = 0, .to_ms = 1'200'000, .state = ServerMemoryState::veryLow}};
         server.order_events.back().report.kind = RequestOrderEvent::Kind::arrived;
         constexpr std::int64_t kTenMinutesNs = 600'000'000'000;
         server.order_events.back().when.time_ns += kTenMinutesNs;
       }},
      {"updates_doubled", "class_changes", "2 unloaded, 0 modified, 0 bytes",
       [](RunRecord& record) {
         RequestOrderEvent& arrived = record.servers[0].order_events[0].report;
         arrived.updates.unloaded_classes = 2;
         changesOf(record, arrived.numbers).unloaded_classes = 1;
       }},
      {"updates_lost_on_their_way", "class_changes", "0 bytes of the class hierarchy, and the client had",
       [](RunRecord& record) {
         changesOf(record, record.servers[0].order_events[0].report.numbers).class_hierarchy_bytes = 8;
       }},
      {"updates_not_in_the_caches", "class_changes", "the caches do not have them",
       [](RunRecord& record) {
         RequestOrderEvent& event = record.servers[0].order_events[1].report;
         event.kind = RequestOrderEvent::Kind::published;
         event.updates_known = false;
       }},
      {"parked_without_need", "request_order", "expected that request 1 runs",
       [](RunRecord& record) {
         record.servers[0].order_events[0].report.outcome = RequestOrderEvent::Outcome::parks;
       }},
      {"lost_without_need", "request_order", "expected that request 1 runs",
       [](RunRecord& record) {
         record.servers[0].order_events[0].report.outcome = RequestOrderEvent::Outcome::late;
       }},
      {"session_made_up", "request_order", "its session began with number 0",
       [](RunRecord& record) { record.servers[0].order_events[0].report.numbers.critical_number = 3; }},
      {"counted_after_the_end", "request_order", "requests are active, expected",
       [](RunRecord& record) {
         for (auto& told : record.servers[0].order_events) ++told.report.active;
       }},
      {"number_made_up", "request_order", "its session began with number 7",
       [](RunRecord& record) {
         for (auto& told : record.servers[0].order_events) told.report.last_processed = 7;
       }},
      {"stream_left", "leaks", "was never closed",
       [](RunRecord& record) { clientOf(busyConnection(record)).closed_order = 0; }},
      {"stream_kept", "leaks", "still open when all clients had gone",
       [](RunRecord& record) {
         serverOf(busyConnection(record)).closed_order = record.servers[0].rest->when.order + 1;
         record.servers[0].stopped.reset();
       }},
      {"stream_parked", "leaks", "streams are parked",
       [](RunRecord& record) { record.servers[0].rest->parked_streams = 1; }},
      {"refused_without_need", "leaks", "connections were refused",
       [](RunRecord& record) { record.servers[0].rest->refused_connections = 1; }},
      {"task_left", "leaks", "tasks: 3 at the end, 2 at the beginning",
       [](RunRecord& record) {
         record.at_begin.tasks = 2;
         record.at_end.tasks = 3;
       }},
      {"connection_left_below_the_taps", "leaks", "connections: 1 at the end, 0 at the beginning",
       [](RunRecord& record) {
         record.at_begin.connections = 0;
         record.at_end.connections = 1;
       }},
      {"wrong_sum", "statistics", "counted", [](RunRecord& record) { ++record.vms[0].summary->compiled; }},
      {"uncounted_message", "statistics", "messages sent",
       [](RunRecord& record) { --record.servers[0].summary->messages_sent; }},
      {"fresh_client_not_served", "fresh_client", "of a client that came when all faults were off",
       [](RunRecord& record) { record.vms.back().reports[0].report.result = CompilationResult::failed; }},
      {"stood_still", "progress", "nothing happened for",
       [](RunRecord& record) {
         for (RecordedFrame& frame : clientOf(busyConnection(record)).read.frames)
           frame.time_ns += 30'000'000'000;
       }},
      {"silent_connection_stays", "progress", "ms without a byte, expected at most 30000 ms",
       [](RunRecord& record) { openSilentlyFor(serverOf(busyConnection(record)), 31'000'000'000); }},
      {"ended_connection_stays", "progress", "not all compilation threads had something to do",
       [](RunRecord& record) {
         RecordedEnd& server = serverOf(busyConnection(record));
         openSilentlyFor(server, 31'000'000'000);
         server.read.error =
             RecordedError{.order = 1, .time_ns = server.closed_ns, .code = NetErrc::endOfFile, .detail = ""};
       }},
      {"failed_without_a_cause", "causes", "nothing that was done on purpose explains it",
       [](RunRecord& record) {
         record.vms[0].reports[1].report.result = CompilationResult::terminated;
         record.vms[0].reports[1].report.detail = "reading failed: connection reset by peer (reset)";
       }},
      {"no_connection_without_a_cause", "causes", "found no connection",
       [](RunRecord& record) { record.vms[0].reports[1].report.result = CompilationResult::local; }},
      {"fourth_attempt", "attempts", "a method has at most 3 attempts",
       [](RunRecord& record) { record.vms[0].reports[1].report.attempt = 4; }, ClientLife::asReal},
      {"attempt_after_the_last", "attempts", "the one before was the last",
       [](RunRecord& record) {
         CompilationReport& second = record.vms[0].reports.back().report;
         second.number = record.vms[0].reports.front().report.number;
         second.attempt = 2;
       },
       ClientLife::asReal},
      {"too_early", "attempts", "went to the server, though the server was to be left alone until",
       [](RunRecord& record) { loseServer(record.vms[0].reports[0].report); }, ClientLife::asReal},
      {"two_probes", "attempts", "another attempt was finding out",
       [](RunRecord& record) {
         loseServer(record.vms[0].reports[0].report);
         // As if all that came later had come late enough.
         for (auto& told : record.vms[0].reports) {
           if (told.report.began.step > record.vms[0].reports[0].report.ended.step)
             told.report.began.when = told.report.began.when + std::chrono::seconds(3);
           told.report.answered = false;
         }
       },
       ClientLife::asReal},
      {"local_for_no_reason", "attempts", "though nothing spoke against the server",
       [](RunRecord& record) { record.vms[0].reports[2].report.result = CompilationResult::local; },
       ClientLife::asReal},
      {"gave_up_too_early", "attempts", "was the last, expected 3",
       [](RunRecord& record) { loseServer(record.vms[0].reports[2].report); }, ClientLife::asReal},
      {"policy_does_not_follow", "activation", "the policy is suspend, expected aggressive",
       [](RunRecord& record) { record.vms[0].reports[1].report.policy = ActivationPolicy::suspend; },
       ClientLife::asReal},
      {"works_though_suspended", "activation", "which is suspended",
       [](RunRecord& record) { record.vms[0].reports[1].report.thread = 77; }, ClientLife::asReal},
      {"activated_too_often", "activation", "but it may have 1",
       [](RunRecord& record) {
         VMRecord& vm = record.vms[0];
         vm.compilation_threads = 1;
         for (const std::size_t thread : {8U, 9U}) {
           vm.activations.push_back(vm.activations[0]);
           vm.activations.back().report.thread = thread;
           vm.activations.back().report.moment.step += 1'000 + thread;
         }
       },
       ClientLife::asReal},
      {"memory_is_said_to_be_low", "server_states", "its memory is low, expected normal",
       [](RunRecord& record) {
         record.servers[0].reports[0].report.states->states.memory = ServerMemoryState::low;
       }},
      {"threads_are_said_to_be_few", "server_states", "active, expected normal",
       [](RunRecord& record) {
         record.servers[0].compilation_threads = 100;
         record.servers[0].reports[0].report.states->states.threads = ServerActiveThreadsState::high;
       }},
      {"more_active_threads_than_work", "server_states", "had something to do",
       [](RunRecord& record) {
         record.servers[0].compilation_threads = 100;
         record.servers[0].reports[0].report.states->active_threads = 50;
       }},
      {"client_hears_otherwise", "server_states", "but the client heard otherwise",
       [](RunRecord& record) {
         for (auto& told : record.vms[1].reports)
           told.report.server_states.memory = ServerMemoryState::veryLow;
       }},
      {"lost_whom_it_never_met", "attempts", "but no server was known",
       [](RunRecord& record) { record.vms[0].events[0].report.kind = ServerEvent::Kind::lost; },
       ClientLife::asReal},
      {"served_out_of_turn", "queue_order", "which was readable at least",
       [](RunRecord& record) {
         // As if the first request had waited until the last one had begun.
         const std::size_t connection = busyConnection(record).index;
         for (auto& told : record.servers[0].order_events) {
           if (told.end && told.end->connection == connection) told.when.time_ns += 1'000'000'000;
         }
       }},
      {"one_thread_too_many", "queue_order", "is served as one of",
       [](RunRecord& record) { record.servers[0].compilation_threads = 1; }},
      {"no_goodbye", "goodbyes", "closed without connectionTerminate",
       [](RunRecord& record) {
         RecordedLane& lane = clientOf(busyConnection(record)).written;
         lane.frames.pop_back();
       }},
      {"read_behind_the_goodbye", "goodbyes", "read on behind the client's goodbye",
       [](RunRecord& record) {
         serverOf(busyConnection(record)).read.error = RecordedError{
             .order = record.over.order, .time_ns = 1, .code = NetErrc::endOfFile, .detail = "end of file"};
       }},
      {"end_told_twice", "stream_ends", "reported 2 times",
       [](RunRecord& record) {
         auto& ends = record.servers[0].stream_ends;
         ends.push_back(ends[0]);
       }},
      {"end_not_told", "stream_ends", "and nobody was told",
       [](RunRecord& record) { record.servers[0].stream_ends.clear(); }},
      {"orderly_end_is_a_failure", "stream_ends", "although it came between two messages",
       [](RunRecord& record) {
         for (auto& told : record.servers[0].stream_ends) {
           told.report.failure = true;
           auto& connection = record.connections[told.end->connection];
           serverOf(connection).read.error =
               RecordedError{.order = 1, .time_ns = 1, .code = NetErrc::endOfFile, .detail = "end of file"};
           // As if the client had closed instead of saying goodbye.
           serverOf(connection).read.frames.pop_back();
           serverOf(connection).read.framed_bytes = serverOf(connection).read.bytes;
         }
       }},
      {"goodbye_is_a_failure", "stream_ends", "although the client said goodbye",
       [](RunRecord& record) { record.servers[0].stream_ends[0].report.failure = true; }},
      {"broken_stream_is_no_failure", "stream_ends", "is reported as no failure",
       [](RunRecord& record) {
         auto& connection = record.connections[record.servers[0].stream_ends[0].end->connection];
         serverOf(connection).read.error =
             RecordedError{.order = 1, .time_ns = 1, .code = NetErrc::reset, .detail = "reset"};
         serverOf(connection).read.frames.pop_back();
       }},
      {"script_cut_short", "scripts", "which is no compilation",
       [](RunRecord& record) { record.servers[0].script[0].queries.pop_back(); }},
      {"interrupted_as_asked", "scripts", "which is reported as the script wanted",
       [](RunRecord& record) {
         record.servers[0].reports[1].report.outcome = CompilationOutcome::interrupted;
       }},
      {"compiled_not_as_asked", "scripts", "which is reported not as the script wanted",
       [](RunRecord& record) { record.servers[0].reports[1].report.as_asked = false; }},
      {"script_not_played", "scripts", "was played 0 times",
       [](RunRecord& record) {
         auto& script = record.servers[0].script;
         script.push_back(script[0]);
         script.back().name = "another";
       }},
      {"deadlock", "world", "nobody could go on",
       [](RunRecord& record) { record.outcome = WorldOutcome::deadlock; }},
  };
}

class PlantedDefect : public ::testing::TestWithParam<Plant> {};

TEST_P(PlantedDefect, IsFound) {
  WorldOptions options;
  options.change_vm = [](FakeVMOptions& vm, std::size_t) { vm.life.life = GetParam().life; };
  // Nobody is told to suspend threads.
  if (GetParam().life == ClientLife::asReal) options.server_threads = 63;
  RunRecord record = recordSimulation(7, options);
  GetParam().spoil(record);
  const auto findings = judge(record);
  const auto found = std::ranges::find_if(findings, [&](const Finding& finding) {
    return finding.checker == GetParam().checker && finding.text.find(GetParam().text) != std::string::npos;
  });
  EXPECT_NE(found, findings.end()) << judged(record);
}

INSTANTIATE_TEST_SUITE_P(, PlantedDefect, ::testing::ValuesIn(plants()),
                         [](const auto& test) { return test.param.name; });

TEST(Checkers, EachHasAPlantedDefectHere) {
  const std::vector<Plant> all = plants();
  for (const Checker& checker : checkers()) {
    EXPECT_NE(std::ranges::find(all, checker.name, &Plant::checker), all.end()) << checker.name;
  }
}

TEST(Checkers, AreFoundByName) {
  EXPECT_EQ(findChecker("delivery")->name, "delivery");
  EXPECT_EQ(findChecker("nothing"), nullptr);
}

TEST(Checkers, SayNoMoreThanAFewFindingsEach) {
  RunRecord record = recordSimulation(3, {.compilations = 20});
  for (auto& told : record.vms[0].reports) ++told.report.code_size_bytes;
  const auto findings = judge(record);
  ASSERT_EQ(findings.size(), 6U);
  EXPECT_EQ(findings.back().text, "… and 15 more of this kind");
}

/// What a person gets to read: the finding, and the last that happened to those concerned.
TEST(Findings, AsText) {
  RunRecord record = recordSimulation(7, {.vms = 1, .compilations = 1, .client_threads = 1});
  doubleFrame(serverOf(record.connections[0]).written, 3);
  const auto findings = judge(record);
  ASSERT_FALSE(findings.empty());
  const auto finding = std::ranges::find(findings, "alternation", &Finding::checker);
  ASSERT_NE(finding, findings.end());
  EXPECT_THAT(
      toText(*finding, record),
      ::testing::StartsWith(
          "alternation: server's end of connection 1 (127.0.0.1:49153 -> 127.0.0.1:49152), "
          "server→client message 5: wrote ResolvedMethod_getRemoteROMClassAndMethods, while its query"));
  EXPECT_THAT(toText(*finding, record), ::testing::HasSubstr("ms  writes server→client message 4:"));
}

}  // namespace
}  // namespace jitrig
