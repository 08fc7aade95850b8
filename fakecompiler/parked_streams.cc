#include "fakecompiler/parked_streams.h"

#include "protocol/runtime/reached.h"

namespace jitrig {

ParkedStreams::ParkedStreams(Runtime& runtime, Handler readable, Handler silent)
    : runtime_(runtime),
      readable_(std::move(readable)),
      silent_(std::move(silent)),
      selector_(runtime.makeSelector("parked streams")),
      mutex_(runtime.makeMutex("parked streams")) {}

ParkedStreams::~ParkedStreams() {
  stop();
}

void ParkedStreams::start() {
  task_ = runtime_.spawn("parked streams", [this] { run(); });
}

void ParkedStreams::park(std::unique_ptr<ServerStream> stream, Instant deadline) {
  if (stream->hasBufferedInput()) {
    JITRIG_REACHED("parked streams: the next request is there already");
    return readable_(std::move(stream));
  }
  stream->releaseIdleMemory();
  Waitable& waitable = stream->waitable();
  {
    const Lock lock(*mutex_);
    if (stopping_) return;
    parked_.emplace(++last_id_, Parked{std::move(stream), deadline});
    ids_.emplace(&waitable, last_id_);
    if (deadline != kNever) deadlines_.emplace(deadline, last_id_);
    selector_->add(waitable);
  }
  selector_->wake();  // its deadline may be the next one
}

void ParkedStreams::stop() {
  std::map<std::uint64_t, Parked> closing;  // destroyed, and so closed, without the lock
  {
    const Lock lock(*mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  selector_->wake();
  if (task_) task_->join();
  const Lock lock(*mutex_);
  for (auto& [id, parked] : parked_) selector_->remove(parked.stream->waitable());
  closing.swap(parked_);
  ids_.clear();
  deadlines_.clear();
}

std::size_t ParkedStreams::count() const {
  const Lock lock(*mutex_);
  return parked_.size();
}

void ParkedStreams::run() {
  while (true) {
    const std::vector<Waitable*> ready = selector_->wait(nextDeadline());
    {
      const Lock lock(*mutex_);
      if (stopping_) return;
    }
    for (auto& stream : takeReady(ready)) readable_(std::move(stream));
    for (auto& stream : takeSilent()) silent_(std::move(stream));
  }
}

Instant ParkedStreams::nextDeadline() const {
  const Lock lock(*mutex_);
  return deadlines_.empty() ? kNever : deadlines_.begin()->first;
}

std::unique_ptr<ServerStream> ParkedStreams::take(std::map<Id, Parked>::iterator parked) {
  auto stream = std::move(parked->second.stream);
  ids_.erase(&stream->waitable());
  deadlines_.erase({parked->second.deadline, parked->first});
  parked_.erase(parked);
  return stream;
}

std::vector<std::unique_ptr<ServerStream>> ParkedStreams::takeReady(const std::vector<Waitable*>& ready) {
  std::vector<std::unique_ptr<ServerStream>> taken;
  if (ready.empty()) return taken;
  const Lock lock(*mutex_);
  for (const Waitable* waitable : ready) {  // which the Selector reports once, and has forgotten since
    const auto id = ids_.find(waitable);
    if (id == ids_.end()) {
      JITRIG_REACHED("parked streams: one becomes readable when it has been given up");
      continue;
    }
    taken.push_back(take(parked_.find(id->second)));
  }
  return taken;
}

std::vector<std::unique_ptr<ServerStream>> ParkedStreams::takeSilent() {
  std::vector<std::unique_ptr<ServerStream>> taken;
  const Instant now = runtime_.now();
  const Lock lock(*mutex_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    taken.push_back(take(parked_.find(deadlines_.begin()->second)));
    JITRIG_REACHED("parked streams: one is silent for too long");
    selector_->remove(taken.back()->waitable());
  }
  return taken;
}

}  // namespace jitrig
