#include "cli/scenario_log.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/event_printer.h"
#include "cli/persona_events.h"
#include "scenarios/record/run_record.h"

namespace jitrig {
namespace {

/// What several personas told, put into the run's order.
class Log {
 public:
  template <class Report, class Print>
  void add(const std::vector<Told<Report>>& told, Print print) {
    for (const Told<Report>& each : told) {
      entries_.push_back({each.when.order, [print, &each] { print(each.report); }});
    }
  }

  void print() {
    std::ranges::sort(entries_, {}, &Entry::order);
    for (const Entry& entry : entries_) entry.print();
  }

 private:
  struct Entry {
    std::uint64_t order = 0;
    std::function<void()> print;
  };

  std::vector<Entry> entries_;
};

}  // namespace

void printLog(EventPrinter& printer, const RunRecord& record) {
  Log log;
  for (const VMRecord& vm : record.vms) {
    const auto events = std::make_shared<FakeVMEvents>(printer, vm.name + ": ");
    log.add(vm.reports, [events](const CompilationReport& report) { events->onCompilation(report); });
    log.add(vm.events, [events](const ServerEvent& event) { events->onServer(event); });
    log.add(vm.out_of_turn, [events](const std::string& stream) { events->onOutOfTurn(stream); });
  }
  for (const ServerRecord& server : record.servers) {
    const auto events = std::make_shared<FakeCompilerEvents>(printer, server.name + ": ", false);
    log.add(server.reports,
            [events](const ServerCompilationReport& report) { events->onCompilation(report); });
    log.add(server.stream_ends, [events](const StreamEndReport& report) { events->onStreamEnd(report); });
    log.add(server.order_events, [events](const RequestOrderEvent& event) { events->onRequestOrder(event); });
  }
  log.print();
  for (const VMRecord& vm : record.vms) {
    if (!vm.summary || vm.summary->fatal.empty()) continue;
    printer.print(vm.name + ": " + vm.summary->fatal, "");
  }
}

}  // namespace jitrig
