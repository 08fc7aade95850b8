#include "scenarios/run/run_context.h"

#include <utility>

#include "protocol/stream/stream_exceptions.h"
#include "scenarios/fault/injected_error.h"

namespace jitrig {

void RunContext::begin() {
  mutex = runtime.makeMutex("run");
  changed = runtime.makeCondition("run");
  if (secured()) tls = RunTls::make(runtime, simulated());
  if (choice.capture != nullptr) recording.emplace(runtime, *choice.capture);
  faults.begin(runtime, scenario, tls.impostor);
}

void RunContext::find(std::string text) {
  const Lock lock(*mutex);
  findings_.push_back({.checker = "run", .text = std::move(text)});
}

Endpoint RunContext::serverAt(std::uint16_t port) const {
  const Lock lock(*mutex);
  if (refusing_.contains(port)) {
    const NetError error = injectedError(NetErrc::refused, "refuse", "connection refused");
    throw StreamFailure(StreamFailure::Cause::connect, error.detail, error.code);
  }
  return server_at_.at(port);
}

void RunContext::setServerAt(std::uint16_t port, Endpoint endpoint) {
  const Lock lock(*mutex);
  server_at_.insert_or_assign(port, std::move(endpoint));
}

void RunContext::setRefusing(std::uint16_t port, bool refuse) {
  const Lock lock(*mutex);
  if (refuse) {
    refusing_.insert(port);
  } else {
    refusing_.erase(port);
  }
}

void RunContext::skip(std::string why) {
  const Lock lock(*mutex);
  if (skipped_because_.empty()) skipped_because_ = std::move(why);
  changed->notifyAll();
}

void RunContext::abandon(std::string finding) {
  find(std::move(finding));
  const Lock lock(*mutex);
  abandoned_ = true;
  changed->notifyAll();
}

bool RunContext::isOver() const {
  const Lock lock(*mutex);
  return abandoned_ || !skipped_because_.empty();
}

std::shared_ptr<AOTCacheFolder> RunContext::aotFolder(const std::string& name) {
  std::shared_ptr<AOTCacheFolder>& folder = aot_folders_[name];
  if (!folder) folder = std::make_shared<AOTCacheFolderInMemory>(runtime);
  return folder;
}

std::vector<Finding> RunContext::takeFindings() {
  return std::move(findings_);
}

}  // namespace jitrig
