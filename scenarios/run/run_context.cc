#include "scenarios/run/run_context.h"

#include <utility>

namespace jitrig {

void RunContext::begin() {
  mutex = runtime.makeMutex("run");
  changed = runtime.makeCondition("run");
  if (secured()) tls = RunTls::make(runtime, simulated());
  faults.begin(runtime, scenario, tls.impostor);
}

void RunContext::find(std::string text) {
  const Lock lock(*mutex);
  findings_.push_back({.checker = "run", .text = std::move(text)});
}

std::vector<Finding> RunContext::takeFindings() {
  return std::move(findings_);
}

}  // namespace jitrig
