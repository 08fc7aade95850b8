#include "scenarios/simulate/run_files.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <utility>

#include "capture/pcap_writer.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/record/record_text.h"
#include "scenarios/record/run_record.h"
#include "scenarios/simulate/trace_recorder.h"

namespace jitrig {

std::expected<void, std::string> writeFile(const std::string& path, std::string_view text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    return std::unexpected(
        fmt::format("{}: cannot be written: {}", path, errno == 0 ? "unknown error" : std::strerror(errno)));
  }
  return {};
}

std::expected<void, std::string> writeRunFiles(const Scenario& scenario, RunChoice choice,
                                               const RunFiles& files) {
  TraceRecorder recorder;
  if (!files.trace.empty() || !files.trace_text.empty()) choice.observer = &recorder;
  std::optional<PcapWriter> capture;
  if (!files.capture.empty()) {
    auto made = PcapWriter::create(files.capture);
    if (!made) return std::unexpected(made.error());
    choice.capture = &capture.emplace(std::move(*made));
  }
  const ScenarioResult result = runScenario(scenario, choice);
  if (capture) {
    if (auto flushed = capture->flush(); !flushed) return flushed;
  }
  if (!files.trace.empty()) {
    if (auto written = writeFile(files.trace, recorder.json()); !written) return written;
  }
  return files.trace_text.empty() ? std::expected<void, std::string>()
                                  : writeFile(files.trace_text, recorder.text() + recordText(*result.record));
}

}  // namespace jitrig
