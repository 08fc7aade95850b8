#pragma once

#include <string>

#include "cli/event_printer.h"
#include "fakecompiler/fake_compiler.h"
#include "fakevm/fake_vm.h"

namespace jitrig {

/// Prints what a FakeCompiler reports.
class FakeCompilerEvents final : public FakeCompilerObserver {
 public:
  /// `prefix` stands before each line of text: "server: ". `compare`: the script is a recording; what
  /// ended otherwise than recorded is reported, and replies that differ.
  FakeCompilerEvents(EventPrinter& printer, std::string prefix, bool compare)
      : printer_(printer), prefix_(std::move(prefix)), compare_(compare) {}

  void onCompilation(const ServerCompilationReport& report) override;
  void onJitDump(const ServerCompilationReport& report) override;
  void onStreamEnd(const StreamEndReport& report) override;
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override;
  void onRequestOrder(const RequestOrderEvent& event) override;
  void onHeartbeat(const ServerHeartbeat& heartbeat) override;
  void onAOTCacheFile(const AOTCacheFileReport& report) override;

  void printListening(const FakeCompiler& compiler, const std::string& host);
  void printSummary(const FakeCompiler& compiler);

  std::uint64_t differences() const { return differences_; }

 private:
  EventPrinter& printer_;
  std::string prefix_;
  bool compare_;
  std::uint64_t differences_ = 0;
};

/// Prints what a FakeVM reports.
class FakeVMEvents final : public FakeVMObserver {
 public:
  /// `log_lines`: also what the real client writes into its log when a compilation fails.
  FakeVMEvents(EventPrinter& printer, std::string prefix, bool log_lines = false)
      : printer_(printer), prefix_(std::move(prefix)), log_lines_(log_lines) {}

  void onCompilation(const CompilationReport& report) override;
  void onJitDump(const CompilationReport& report) override;
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override;
  void onOutOfTurn(const std::string& stream) override;
  void onServer(const ServerEvent& event) override;
  void onActivation(const ActivationEvent& event) override;
  void printSummary(const FakeVMSummary& summary);

 private:
  void printLogLine(const CompilationReport& report);

  EventPrinter& printer_;
  std::string prefix_;
  bool log_lines_;
};

}  // namespace jitrig
