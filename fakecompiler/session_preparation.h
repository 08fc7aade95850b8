#pragma once

#include <cstdint>
#include <optional>

#include "fakecompiler/client_session.h"
#include "fakecompiler/compile_request.h"
#include "fakecompiler/request_order.h"
#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// What a server asks a client whose caches are empty, and what else tells it of classes (semantics.md,
/// section 3). Of the release, which may not have them all.
struct SessionQueries {
  /// `script`: the two queries are made if it has a compilation that asks them. `server_uid`: told with the
  /// first of them.
  SessionQueries(const Dialect& dialect, const Script& script, std::uint64_t server_uid);

  std::optional<ScriptQuery> class_hierarchy;  ///< getUnloadedClassRangesAndCHTable
  std::optional<ScriptQuery> vm_info;          ///< VM_getVMInfo
  std::uint16_t rom_class = 0;                 ///< ResolvedMethod_getRemoteROMClassAndMethods; 0: none
  /// What of the VM information is the AOT cache's; null: nothing.
  std::shared_ptr<const AOTLayout> aot;
};

/// What a compilation does about its client's session before its script begins: fills the caches, or applies
/// the request's updates to them, in the request's turn; then lets those run that wait for it.
class SessionPreparation {
 public:
  /// `asks`: the server's own queries are due where something is missing. Otherwise the script has them, if
  /// it wants any. All references must outlive it.
  SessionPreparation(ClientSession& session, RequestOrder::Turn& turn, const CompileRequest& request,
                     const SessionQueries& queries, bool asks);
  ~SessionPreparation();
  SessionPreparation(const SessionPreparation&) = delete;
  SessionPreparation& operator=(const SessionPreparation&) = delete;

  /// What is to be asked next; null: the session is prepared. May wait for another request's queries.
  const ScriptQuery* next();
  /// The reply to what next() returned.
  void answered(MessageView reply);
  /// To be called before each question. Throws CompilationInterrupted if the client unloads classes that the
  /// compilation may rely on.
  void requireClasses() const;
  /// The client gave the compilation up instead of answering.
  void interrupted();

  /// A reply to one of the script's queries.
  void learn(const ScriptQuery& query, MessageView reply);

 private:
  enum class Step : std::uint8_t { begin, classHierarchy, updated, vmInfo, done };

  bool begin();
  bool fetches();
  void updated();
  bool wantsVMInfo();
  void learnVM(AOTSession::VM vm);

  ClientSession& session_;
  RequestOrder::Turn& turn_;
  const CompileRequest& request_;
  const SessionQueries& queries_;
  bool asks_;
  Step step_ = Step::begin;
  std::optional<ClassUnloading::Use> use_;  ///< from when its updates are done
  bool known_ = true;                       ///< the request's updates, to the caches
};

}  // namespace jitrig
