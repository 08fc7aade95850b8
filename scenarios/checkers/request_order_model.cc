#include "scenarios/checkers/request_order_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jitrig {

using What = RequestOrderModel::Consequence::What;

/// "A request may run when lastProcessedCriticalSeqNo >= its critical number; otherwise it is parked in a
/// list ordered by seqNo and waits in steps of 1000 ms."
RequestOrderModel::Consequences RequestOrderModel::arrives(const Request& request) {
  if (last_processed_ >= request.critical_number) return {decide(request)};
  const auto place = std::ranges::upper_bound(
      parked_, request.sequence_number, {}, [](const Parked& each) { return each.request.sequence_number; });
  parked_.insert(place, {.request = request});
  return {{.id = request.id, .what = What::parks}};
}

/// "A request that is itself critical and whose critical number is smaller than the last processed one is too
/// late. Non-critical late requests just run."
RequestOrderModel::Consequence RequestOrderModel::decide(const Request& request) {
  if (request.critical && request.critical_number < last_processed_)
    return {.id = request.id, .what = What::lost};
  running_.push_back(request);
  return {.id = request.id, .what = What::runs};
}

/// "On a timeout the head of the list, if no thread of the session is active and it was not told to wait,
/// clears all caches of the session, sets lastProcessedCriticalSeqNo to its own critical number and goes on;
/// the next in the list is marked 'wait to be notified' so that only one clears. Others go back to sleep."
RequestOrderModel::Consequences RequestOrderModel::timePassed(RequestId id) {
  const auto parked = std::ranges::find(parked_, id, [](const Parked& each) { return each.request.id; });
  if (parked == parked_.end()) return {};
  const bool told = std::exchange(parked->told_to_wait, false);
  if (parked != parked_.begin() || !running_.empty() || told) return {{.id = id, .what = What::sleepsOn}};
  Consequences consequences{{.id = id, .what = What::clears}};
  std::ranges::copy(process(parked->request.critical_number), std::back_inserter(consequences));
  if (!parked_.empty()) parked_.front().told_to_wait = true;
  return consequences;
}

/// "Critical requests then publish their number and wake waiters." "If a critical request is interrupted
/// while the CH table is being fetched, its number is published nevertheless so that nobody waits for it."
RequestOrderModel::Consequences RequestOrderModel::updatesDone(RequestId id) {
  const auto request = std::ranges::find(running_, id, &Request::id);
  if (request == running_.end() || !request->critical) return {};
  return process(request->sequence_number);
}

void RequestOrderModel::ends(RequestId id) {
  std::erase_if(running_, [&](const Request& each) { return each.id == id; });
  std::erase_if(parked_, [&](const Parked& each) { return each.request.id == id; });
}

RequestOrderModel::Consequences RequestOrderModel::process(std::uint32_t number) {
  last_processed_ = std::max(last_processed_, number);
  Consequences consequences;
  while (!parked_.empty() && last_processed_ >= parked_.front().request.critical_number) {
    const Request first = parked_.front().request;
    parked_.erase(parked_.begin());
    consequences.push_back(decide(first));
  }
  return consequences;
}

}  // namespace jitrig
