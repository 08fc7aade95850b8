#include "scenarios/checkers/threads_at_work.h"

#include <algorithm>

namespace jitrig {

/// From the first byte of what a thread read to the last message of it.
ThreadsAtWork::ThreadsAtWork(const Judgement& judgement, std::size_t server) {
  for (const EndHistory& history : judgement.histories()) {
    const RecordedEnd& end = judgement.end(history.end);
    if (history.end.local != Direction::server || end.persona != server) continue;
    for (const Exchange& exchange : history.exchanges) {
      if (exchange.jit_dump) continue;  // the diagnostic thread's
      Busy& times = busy_.emplace_back(end.read.frames[exchange.request].begin_ns,
                                       end.read.frames[exchange.request].time_ns);
      for (const Question& question : exchange.questions) {
        times.end_ns = std::max(times.end_ns, end.written.frames[question.query].time_ns);
        if (question.reply) times.end_ns = std::max(times.end_ns, end.read.frames[*question.reply].time_ns);
      }
      if (exchange.final_message) {
        times.end_ns = std::max(times.end_ns, end.written.frames[*exchange.final_message].time_ns);
      }
      if (exchange.interruption) {
        times.end_ns = std::max(times.end_ns, end.read.frames[*exchange.interruption].time_ns);
      }
      // What never came: the thread waited for it until the stream ended.
      if (!exchange.final_message && !exchange.interruption) times.end_ns = end.closed_ns;
    }
    if (history.goodbye) {
      const RecordedFrame& frame = end.read.frames[*history.goodbye];
      busy_.push_back({.begin_ns = frame.begin_ns, .end_ns = frame.time_ns});
    }
    // Nor is a request for the map of an AOT cache an exchange.
    const Dialect& dialect = *judgement.personaOf(end).dialect;
    for (const RecordedFrame& frame : end.read.frames) {
      if (frame.type != dialect.aot_cache_map_request) continue;
      const std::int64_t answered_ns =
          end.written.frames.empty() ? end.closed_ns : end.written.frames.back().time_ns;
      busy_.push_back({.begin_ns = frame.begin_ns, .end_ns = std::max(frame.time_ns, answered_ns)});
    }
    // A request that was refused is no exchange.
    for (std::size_t i = 0; history.refused && i < end.read.frames.size(); ++i) {
      busy_.push_back({.begin_ns = end.read.frames[i].begin_ns, .end_ns = end.read.frames[i].time_ns});
    }
    if (end.read.rest() != 0 && !end.read.frames.empty()) {
      busy_.push_back({.begin_ns = end.read.frames.back().time_ns, .end_ns = end.closed_ns});
    } else if (end.read.rest() != 0) {
      busy_.push_back({.begin_ns = end.opened_ns, .end_ns = end.closed_ns});
    }
  }
}

std::size_t ThreadsAtWork::at(std::int64_t time_ns) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      busy_, [&](const Busy& one) { return one.begin_ns <= time_ns && time_ns <= one.end_ns; }));
}

/// There are fewer only behind an end. Who begins when another ends leaves no gap.
std::size_t ThreadsAtWork::leastBetween(std::int64_t from_ns, std::int64_t to_ns) const {
  std::size_t least = at(from_ns);
  for (const Busy& one : busy_) {
    if (one.end_ns >= from_ns && one.end_ns + 1 < to_ns) least = std::min(least, at(one.end_ns + 1));
  }
  return least;
}

}  // namespace jitrig
