#include "scenarios/checkers/end_history.h"

#include <cstring>
#include <deque>
#include <fmt/format.h>
#include <span>

#include "protocol/wire/data_descriptor.h"

namespace jitrig {
namespace {

/// Room for them at once, instead of doubling up to it.
constexpr std::size_t kUsualQuestions = 32;

/// What is read in one message is dealt with when its turn comes: a peer may send more than was asked for,
/// and two messages may come in one read. So messages wait here until the end has to read one.
class Grammar {
 public:
  Grammar(EndHistory& history, const RecordedEnd& end, const Dialect& dialect)
      : history_(history), end_(end), dialect_(dialect) {}
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;
  virtual ~Grammar() = default;

  void play() {
    const auto& written = end_.written.frames;
    const auto& read = end_.read.frames;
    for (std::size_t next_written = 0, next_read = 0;;) {
      const bool can_write = next_written < written.size();
      const bool can_read = next_read < read.size();
      if (!can_write && !can_read) break;
      if (can_read && (!can_write || read[next_read].order < written[next_written].order)) {
        waiting_.push_back(next_read++);
        readWhatIsDue();
      } else {
        write(next_written++);
        readWhatIsDue();
      }
    }
    history_.unasked = waiting_.size();
  }

 protected:
  /// Whether this end would read now.
  virtual bool reads() const = 0;
  virtual void take(std::size_t frame) = 0;
  virtual void write(std::size_t frame) = 0;

  const RecordedFrame& read(std::size_t frame) const { return end_.read.frames[frame]; }
  const RecordedFrame& written(std::size_t frame) const { return end_.written.frames[frame]; }

  Exchange& begin(std::size_t request, const RecordedLane& lane) {
    Exchange& exchange = history_.exchanges.emplace_back();
    exchange.request = request;
    exchange.identity = identityOf(lane, lane.frames[request]);
    exchange.last_order = lane.frames[request].order;
    exchange.questions.reserve(kUsualQuestions);
    return exchange;
  }
  Exchange& current() { return history_.exchanges.back(); }
  void breach(std::size_t frame, Breach::Kind kind, std::string_view why) {
    history_.breaches.push_back(
        {.kind = kind,
         .frame = frame,
         .text = fmt::format("wrote {}, {}", dialect_.typeName(written(frame).type), why)});
  }
  const MessageType* find(std::uint16_t type) const { return dialect_.table->find(type); }
  /// Both questions with which a server tells of a crash were answered.
  bool tellsOfCrash() const {
    const auto& questions = history_.exchanges.back().questions;
    const auto& frames = end_.lane(Direction::server).frames;
    const auto asks = [&](std::size_t question, std::string_view name) {
      return questions[question].reply && dialect_.typeName(frames[questions[question].query].type) == name;
    };
    const std::size_t count = questions.size();
    return count >= 2 && asks(count - 1, "compilationThreadCrashed") && asks(count - 2, "jitDumpPrintIL");
  }
  bool isQuery(std::uint16_t type) const {
    const MessageType* known = find(type);
    return known != nullptr && known->direction == MessageType::Direction::query;
  }

  EndHistory& history_;
  const RecordedEnd& end_;
  const Dialect& dialect_;

 private:
  void readWhatIsDue() {
    while (reads() && !waiting_.empty()) {
      const std::size_t frame = waiting_.front();
      waiting_.pop_front();
      take(frame);
    }
  }

  std::deque<std::size_t> waiting_;
};

/// request, (query, reply)*, final message; then the next request or a goodbye.
class ClientGrammar final : public Grammar {
 public:
  using Grammar::Grammar;

 private:
  /// crashed: as waits, but the request for a JitDump may be written.
  enum class State : std::uint8_t { idle, waits, asked, crashed, asksForMap, over };

  bool reads() const override {
    return state_ == State::waits || state_ == State::crashed || state_ == State::asksForMap;
  }

  void take(std::size_t frame) override {
    const std::uint16_t type = read(frame).type;
    if (state_ == State::asksForMap) {
      state_ = State::over;
      return;
    }
    if (dialect_.endsCompilation(type)) {
      current().final_message = frame;
      current().last_order = read(frame).order;
      state_ = State::idle;
    } else if (isQuery(type)) {
      current().questions.push_back({.query = frame, .reply = std::nullopt});
      current().last_order = read(frame).order;
      asked_ = type;
      state_ = State::asked;
    } else {
      history_.out_of_step = frame;
      state_ = State::over;
    }
  }

  void write(std::size_t frame) override {
    const std::uint16_t type = written(frame).type;
    if (state_ == State::over) return breach(frame, Breach::Kind::alternation, overText());
    if (type == dialect_.compilation_request) return request(frame);
    if (type == dialect_.compilation_interrupted) return interrupt(frame);
    if (type == dialect_.connection_terminate || type == dialect_.client_session_terminate) {
      if (state_ != State::idle) breach(frame, Breach::Kind::alternation, turnText());
      history_.goodbye = frame;
      state_ = State::over;
      return;
    }
    if (type == dialect_.aot_cache_map_request) {
      if (state_ != State::idle || frame != 0) breach(frame, Breach::Kind::alternation, turnText());
      state_ = State::asksForMap;
      return;
    }
    reply(frame, type);
  }

  void request(std::size_t frame) {
    const bool dumps = state_ == State::crashed;
    if (state_ != State::idle && !dumps) {
      breach(frame, state_ == State::waits ? Breach::Kind::finalMessage : Breach::Kind::alternation,
             turnText());
    }
    begin(frame, end_.written).jit_dump = dumps;
    state_ = State::waits;
  }

  void interrupt(std::size_t frame) {
    if (state_ != State::asked) return breach(frame, Breach::Kind::alternation, turnText());
    current().interruption = frame;
    current().last_order = written(frame).order;
    state_ = State::idle;
  }

  void reply(std::size_t frame, std::uint16_t type) {
    if (state_ != State::asked) return breach(frame, Breach::Kind::alternation, turnText());
    if (type != asked_) {
      breach(frame, Breach::Kind::alternation, fmt::format("as the answer to {}", dialect_.typeName(asked_)));
    } else {
      current().questions.back().reply = frame;
    }
    current().last_order = written(frame).order;
    current().server_crashed = tellsOfCrash();
    state_ = current().server_crashed ? State::crashed : State::waits;
  }

  std::string_view turnText() const {
    switch (state_) {
      case State::idle: return "but nothing was asked: the compilation had ended, or not begun";
      case State::waits:
      case State::crashed: return "but it was the server's turn: the compilation had not ended";
      case State::asked: return "but a query had no answer yet";
      case State::asksForMap: return "but the map that was asked for had not come";
      case State::over: break;
    }
    return "but nothing may follow";
  }
  std::string_view overText() const {
    return history_.out_of_step ? "after a message that no server may send" : "after its goodbye";
  }

  State state_ = State::idle;
  std::uint16_t asked_ = 0;
};

class ServerGrammar final : public Grammar {
 public:
  ServerGrammar(EndHistory& history, const RecordedEnd& end, const Dialect& dialect, bool accept_any_version)
      : Grammar(history, end, dialect), accept_any_version_(accept_any_version) {}

 private:
  /// crashed: as compiles, but it reads the request for a JitDump when it comes.
  /// refuses: it may still write one compilationFailure. mayGoOn: the same, and the stream goes on behind it.
  enum class State : std::uint8_t { idle, compiles, asks, crashed, refuses, mayGoOn, answersMap, over };

  bool reads() const override {
    return state_ == State::idle || state_ == State::asks || state_ == State::crashed;
  }

  void take(std::size_t frame) override {
    return state_ == State::asks ? takeReply(frame) : takeFirst(frame);
  }

  void takeFirst(std::size_t frame) {
    const RecordedFrame& first = read(frame);
    const FullVersion theirs{first.version, first.config};
    if (!(theirs == FullVersion{}) && !(theirs == dialect_.announced) && !accept_any_version_) {
      history_.refused = true;
      state_ = State::refuses;
    } else if (first.type == dialect_.compilation_request) {
      begin(frame, end_.read).jit_dump = state_ == State::crashed;
      state_ = State::compiles;
    } else if (first.type == dialect_.connection_terminate ||
               first.type == dialect_.client_session_terminate) {
      history_.goodbye = frame;
      state_ = State::over;
    } else if (first.type == dialect_.aot_cache_map_request) {
      state_ = State::answersMap;
    } else {
      history_.refused = true;
      history_.out_of_step = frame;
      state_ = State::refuses;
    }
  }

  void takeReply(std::size_t frame) {
    const std::uint16_t type = read(frame).type;
    current().last_order = read(frame).order;
    if (type == asked_) {
      current().questions.back().reply = frame;
      current().server_crashed = tellsOfCrash();
      state_ = current().server_crashed ? State::crashed : State::compiles;
    } else if (type == dialect_.compilation_interrupted) {
      current().interruption = frame;
      state_ = State::idle;
    } else {
      history_.out_of_step = frame;
      state_ = type == dialect_.connection_terminate ? State::mayGoOn : State::refuses;
    }
  }

  void write(std::size_t frame) override {
    const std::uint16_t type = written(frame).type;
    switch (state_) {
      case State::compiles:
      case State::crashed: return say(frame, type);
      case State::refuses:
      case State::mayGoOn: return refuse(frame, type);
      case State::answersMap:
        if (type != dialect_.aot_cache_map_reply) {
          breach(frame, Breach::Kind::alternation, "as the answer to AOTCacheMap_request");
        }
        state_ = State::over;
        return;
      case State::idle:
        return breach(frame, Breach::Kind::finalMessage,
                      history_.exchanges.empty() ? "before any request"
                                                 : "after the compilation had ended, with no new request");
      case State::asks:
        breach(frame, Breach::Kind::alternation,
               fmt::format("while its query {} had no answer", dialect_.typeName(asked_)));
        return say(frame, type);
      case State::over: return breach(frame, Breach::Kind::alternation, "after the client's last word");
    }
  }

  void say(std::size_t frame, std::uint16_t type) {
    current().last_order = written(frame).order;
    if (dialect_.endsCompilation(type)) {
      current().final_message = frame;
      state_ = State::idle;
    } else if (isQuery(type)) {
      current().questions.push_back({.query = frame, .reply = std::nullopt});
      asked_ = type;
      state_ = State::asks;
    } else {
      breach(frame, Breach::Kind::alternation, "which is neither a query nor the end of a compilation");
    }
  }

  void refuse(std::size_t frame, std::uint16_t type) {
    if (type != dialect_.compilation_failure) {
      breach(frame, Breach::Kind::alternation, "as the answer to what it had to refuse");
    }
    // What is refused before it is a request has no exchange.
    if (!history_.exchanges.empty() && !history_.refused) {
      current().final_message = frame;
      current().last_order = written(frame).order;
    }
    state_ = state_ == State::mayGoOn ? State::idle : State::over;
  }

  bool accept_any_version_;
  State state_ = State::idle;
  std::uint16_t asked_ = 0;
};

/// A descriptor and its payload behind it.
struct FirstDataPoint {
  DataDescriptor descriptor;
  std::span<const std::byte> payload;  ///< as far as it was kept
};

std::optional<FirstDataPoint> dataPointAt(std::span<const std::byte> kept, std::size_t offset) {
  if (kept.size() < offset + sizeof(DataDescriptor)) return std::nullopt;
  FirstDataPoint point;
  std::memcpy(static_cast<void*>(&point.descriptor), kept.data() + offset, sizeof(DataDescriptor));
  const std::size_t begin = offset + sizeof(DataDescriptor) + point.descriptor.data_offset;
  if (begin > kept.size()) return std::nullopt;
  point.payload = kept.subspan(begin);
  return point;
}

constexpr std::size_t kHeaderSize = 16;

template <class T>
std::optional<T> valueAt(std::span<const std::byte> kept, std::size_t offset, DataType type) {
  const auto point = dataPointAt(kept, offset);
  if (!point || point->descriptor.type != type || point->payload.size() < sizeof(T)) return std::nullopt;
  T value = 0;
  std::memcpy(&value, point->payload.data(), sizeof value);
  return value;
}

std::optional<std::size_t> offsetOfSecond(std::span<const std::byte> kept) {
  const auto first = dataPointAt(kept, kHeaderSize);
  if (!first) return std::nullopt;
  return kHeaderSize + sizeof(DataDescriptor) + first->descriptor.size;
}

}  // namespace

std::optional<RequestIdentityOnWire> identityOf(const RecordedLane& lane, const RecordedFrame& frame) {
  const auto kept = lane.keptOf(frame);
  const auto client_uid = valueAt<std::uint64_t>(kept, kHeaderSize, DataType::UINT64);
  const auto second = offsetOfSecond(kept);
  if (!client_uid || !second) return std::nullopt;
  const auto sequence_number = valueAt<std::uint32_t>(kept, *second, DataType::UINT32);
  if (!sequence_number) return std::nullopt;
  return RequestIdentityOnWire{.client_uid = *client_uid, .sequence_number = *sequence_number};
}

std::optional<std::uint32_t> criticalNumberOf(const RecordedLane& lane, const RecordedFrame& frame) {
  const auto kept = lane.keptOf(frame);
  const auto second = offsetOfSecond(kept);
  if (!second) return std::nullopt;
  constexpr std::size_t kNumberSize = sizeof(DataDescriptor) + sizeof(std::uint32_t);
  return valueAt<std::uint32_t>(kept, *second + kNumberSize, DataType::UINT32);
}

std::optional<std::uint32_t> firstUInt32(const RecordedLane& lane, const RecordedFrame& frame) {
  return valueAt<std::uint32_t>(lane.keptOf(frame), kHeaderSize, DataType::UINT32);
}

std::optional<std::uint64_t> firstUInt64(const RecordedLane& lane, const RecordedFrame& frame) {
  return valueAt<std::uint64_t>(lane.keptOf(frame), kHeaderSize, DataType::UINT64);
}

std::optional<std::uint64_t> firstStringSize(const RecordedLane& lane, const RecordedFrame& frame) {
  const auto point = dataPointAt(lane.keptOf(frame), kHeaderSize);
  if (!point || point->descriptor.type != DataType::STRING) return std::nullopt;
  return std::uint64_t{point->descriptor.size} - point->descriptor.data_offset - point->descriptor.padding;
}

EndHistory readHistory(const RecordedConnection& connection, EndReference end, const Dialect& dialect,
                       bool accept_any_version) {
  EndHistory history;
  history.end = end;
  const auto& recorded = connection.end(end.local);
  if (!recorded) return history;
  if (end.local == Direction::client) {
    ClientGrammar(history, *recorded, dialect).play();
  } else {
    ServerGrammar(history, *recorded, dialect, accept_any_version).play();
  }
  return history;
}

}  // namespace jitrig
