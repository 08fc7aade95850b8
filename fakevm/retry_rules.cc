#include "fakevm/retry_rules.h"

namespace jitrig {

RetryRules::RetryRules(const Dialect& dialect)
    : version_incompatible_(dialect.status_version_incompatible),
      message_type_mismatch_(dialect.status_message_type_mismatch),
      lost_message_(dialect.table->release().statusCode("compilationStreamLostMessage")),
      stream_failure_(dialect.table->release().statusCode("compilationStreamFailure")),
      interrupted_(dialect.table->release().statusCode("compilationInterrupted")),
      low_memory_(dialect.table->release().statusCode("compilationLowPhysicalMemory")) {}

bool RetryRules::triesAgain(const CompilationReport& report) const {
  switch (report.result) {
    case CompilationResult::compiled:
    case CompilationResult::local: return false;
    case CompilationResult::terminated:
    case CompilationResult::interrupted: return true;
    case CompilationResult::failed: break;
  }
  // What is no compilationFailure is of the AOT cache, or a crash: the method is none the worse for it.
  return !report.status || isPassing(*report.status);
}

bool RetryRules::refusesVersion(const CompilationReport& report) const {
  return report.result == CompilationResult::failed && report.status == version_incompatible_;
}

bool RetryRules::isPassing(std::uint32_t status) const {
  return status == version_incompatible_ || status == message_type_mismatch_ || status == lost_message_ ||
         status == stream_failure_ || status == interrupted_ || status == low_memory_;
}

}  // namespace jitrig
