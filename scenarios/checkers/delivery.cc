#include <fmt/format.h>

#include "scenarios/checkers/all_checkers.h"
#include "scenarios/checkers/judgement.h"
#include "scenarios/fault/fault_stream.h"

namespace jitrig {
namespace {

class Direct {
 public:
  Direct(Judgement& judgement, const RecordedConnection& connection, Direction sender)
      : judgement_(judgement),
        writer_reference_{.connection = connection.index, .local = sender},
        reader_reference_{.connection = connection.index, .local = otherDirection(sender)},
        delivery_(connection.delivery(sender)),
        sent_(connection.end(sender)->written),
        received_(connection.end(otherDirection(sender))->read),
        reader_(*connection.end(otherDirection(sender))),
        touched_(judgement.disturbances().connection(connection.index)) {}

  void check() const {
    if (delivery_.difference && !touched_.altersBy(delivery_.difference->time_ns)) {
      const ByteDifference& difference = *delivery_.difference;
      find(fmt::format("byte {} was sent as {:02x} and received as {:02x}", difference.offset,
                       difference.sent, difference.received));
    }
    if (touched_.alters_ns != Touched::kUntouched) return;
    // A write that failed, or in which its persona was killed, may have sent a part, and does not say how
    // much.
    const bool was_killed = judgement_.personaOf(judgement_.end(writer_reference_)).killed.has_value();
    if (received_.bytes > sent_.bytes && !sent_.error && !was_killed) {
      find(fmt::format("{} bytes were received, and only {} sent", received_.bytes, sent_.bytes));
    }
    checkComplete();
    checkAnnounced();
  }

 private:
  /// The end of the stream comes behind all that was written.
  void checkComplete() const {
    if (!received_.error || received_.error->code != NetErrc::endOfFile) return;
    if (touched_.breaksBy(received_.error->time_ns) || received_.bytes >= sent_.bytes) return;
    // What a fault has held up when the stream ends is lost after a while.
    if (touched_.delays_ns <= received_.error->time_ns - kHeldBytesPatience.count()) return;
    find(fmt::format("the end of the stream came after {} bytes, but {} were sent", received_.bytes,
                     sent_.bytes));
  }

  /// Over TLS anybody could have ended the connection below it, so who closes in order says so first. A real
  /// system may have no room for that word.
  void checkAnnounced() const {
    if (!judgement_.record().network) return;
    if (!received_.error || received_.error->code != NetErrc::endOfFile) return;
    if (!received_.error->detail.contains("without TLS's close_notify")) return;
    const RecordedEnd& writer = judgement_.end(writer_reference_);
    const bool has_broken_off = judgement_.personaOf(writer).killed || writer.reset_order != 0 ||
                                writer.cancelled_order != 0 || sent_.error;
    if (has_broken_off || touched_.first() != Touched::kUntouched) return;
    find("the end of the stream came without TLS's close_notify");
  }

  void find(const std::string& what) const {
    const std::uint64_t order = received_.error ? received_.error->order : reader_.closed_order;
    judgement_.find(fmt::format("{}, {}: {}", judgement_.textOf(reader_reference_),
                                arrowText(writer_reference_.local), what),
                    {{.end = reader_reference_, .order = order}, {.end = writer_reference_, .order = order}});
  }

  Judgement& judgement_;
  EndReference writer_reference_;
  EndReference reader_reference_;
  const Delivery& delivery_;
  const RecordedLane& sent_;
  const RecordedLane& received_;
  const RecordedEnd& reader_;
  const Touched& touched_;
};

/// A message that is none, or of a type that is not its turn's, arrives as another one, or not at all.
bool isSpoilt(const Judgement& judgement, const RecordedConnection& connection) {
  const auto misbehaves = [&](Direction side) {
    return judgement.personaOf(*connection.end(side)).misbehaves();
  };
  return misbehaves(Direction::client) || misbehaves(Direction::server);
}

void check(Judgement& judgement) {
  for (const RecordedConnection& connection : judgement.record().connections) {
    if (!connection.hasBothEnds() || connection.ambiguous) continue;
    if (judgement.record().carries_values && isSpoilt(judgement, connection)) continue;
    for (const Direction sender : {Direction::client, Direction::server}) {
      Direct(judgement, connection, sender).check();
    }
  }
}

}  // namespace

const Checker kDelivery{
    "delivery",
    "Bytes are received as they were sent, in order, and all of them before the end of the "
    "stream, which TLS announces.",
    check, false};

}  // namespace jitrig
