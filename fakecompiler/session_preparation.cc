#include "fakecompiler/session_preparation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace jitrig {

SessionQueries::SessionQueries(const Dialect& dialect, const Script& script, std::uint64_t server_uid)
    : rom_class(dialect.table->numberOf("ResolvedMethod_getRemoteROMClassAndMethods").value_or(0)),
      aot(dialect.aot_layout) {
  if (std::ranges::none_of(script.compilations, &ScriptedCompilation::ask_session_queries)) return;
  class_hierarchy = makeQuery(dialect, "getUnloadedClassRangesAndCHTable");
  vm_info = makeQuery(dialect, "VM_getVMInfo");
  const bool has_place = class_hierarchy && !class_hierarchy->values.empty() &&
                         class_hierarchy->values[0].type() == DataType::UINT64;
  if (has_place) class_hierarchy->values[0] = server_uid;
  if (class_hierarchy) encodeOnce(*class_hierarchy);
  if (vm_info) encodeOnce(*vm_info);
}

SessionPreparation::SessionPreparation(ClientSession& session, RequestOrder::Turn& turn,
                                       const CompileRequest& request, const SessionQueries& queries,
                                       bool asks)
    : session_(session), turn_(turn), request_(request), queries_(queries), asks_(asks) {}

/// Where it did not come to the answer, others have to ask.
SessionPreparation::~SessionPreparation() {
  if (step_ != Step::classHierarchy && step_ != Step::vmInfo) return;
  const Lock lock(session_.mutex());
  if (step_ == Step::classHierarchy) session_.caches().notFetched();
  if (step_ == Step::vmInfo) session_.caches().forgetVMInfo();
}

const ScriptQuery* SessionPreparation::next() {
  if (step_ == Step::begin) {
    if (begin()) {
      step_ = Step::classHierarchy;
      return &*queries_.class_hierarchy;
    }
    updated();
  }
  if (step_ == Step::updated) {
    step_ = wantsVMInfo() ? Step::vmInfo : Step::done;
    if (step_ == Step::vmInfo) return &*queries_.vm_info;
  }
  return nullptr;
}

/// Nothing is purged under those that work with it. A table that is fetched is no purge: nobody has one.
bool SessionPreparation::begin() {
  std::optional<ClassUnloading::Attempt> attempt;
  if (request_.numbers.unloads) attempt.emplace(session_.classUnloading());
  if (request_.updates.clearsEverything()) turn_.redefined();
  return fetches();
}

/// Whether this request fills the caches; if not, its updates are applied.
bool SessionPreparation::fetches() {
  Lock lock(session_.mutex());
  SessionCaches& caches = session_.caches();
  if (caches.begin(lock, asks_ && queries_.class_hierarchy) == SessionCaches::Task::fetch) return true;
  caches.apply(request_.updates, request_.numbers.sequence_number);
  session_.aot().unload(request_.updates.unloaded_classes);
  known_ = caches.knows(request_.numbers.sequence_number);
  return false;
}

void SessionPreparation::updated() {
  turn_.updatesDone(known_ || request_.updates.empty());
  step_ = Step::updated;
}

/// What came with the request is known from here on.
bool SessionPreparation::wantsVMInfo() {
  Lock lock(session_.mutex());
  use_.emplace(session_.classUnloading(), lock);
  SessionCaches& caches = session_.caches();
  if (request_.has_class_info) caches.addClass(request_.class_address);
  caches.addMethod(request_.method_address, request_.class_address);
  return asks_ && queries_.vm_info && caches.wantsVMInfo();
}

void SessionPreparation::answered(MessageView reply) {
  if (step_ == Step::vmInfo) {
    step_ = Step::done;
    if (queries_.aot) learnVM(AOTSession::readVM(reply, *queries_.aot));
  }
  if (step_ != Step::classHierarchy) return;
  {
    const Lock lock(session_.mutex());
    session_.caches().fetched(reply, request_.updates, request_.numbers.sequence_number);
    known_ = session_.caches().knows(request_.numbers.sequence_number);
    session_.aot().unload(request_.updates.unloaded_classes);
  }
  updated();
}

void SessionPreparation::learnVM(AOTSession::VM vm) {
  if (!vm.uses_cache) return;
  const Lock lock(session_.mutex());
  session_.aot().learnVM(std::move(vm));
}

void SessionPreparation::requireClasses() const {
  if (use_) use_->requireClasses();
}

void SessionPreparation::interrupted() {
  if (step_ == Step::classHierarchy) turn_.interrupted();
}

void SessionPreparation::learn(const ScriptQuery& query, MessageView reply) {
  if (query.type != queries_.rom_class || reply.dataPoints().empty() || query.values.empty()) return;
  const auto* address = query.values[0].get<Value::Object>();
  if (address == nullptr || address->bytes.size() != sizeof(std::uint64_t)) return;
  std::uint64_t class_address = 0;
  std::memcpy(&class_address, address->bytes.data(), sizeof class_address);
  const Lock lock(session_.mutex());
  session_.caches().addClass(class_address);
}

}  // namespace jitrig
