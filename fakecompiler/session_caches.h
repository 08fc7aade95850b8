#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "fakecompiler/compile_request.h"
#include "protocol/runtime/runtime.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// What a server knows of one client's classes, as far as one without a compiler can know: filled by queries
/// and requests, emptied when requests are missing. Guarded by its session's mutex, which is held whenever
/// something of it is called.
class SessionCaches {
 public:
  /// A client may tell as much as it likes: beyond so many of each kind it is not remembered.
  static constexpr std::size_t kMaxRemembered = 100'000;

  /// What a request has to do before it compiles.
  enum class Task : std::uint8_t {
    fetch,  ///< ask for everything, then call fetched() or notFetched()
    apply,  ///< apply() its updates
  };

  explicit SessionCaches(Runtime& runtime);

  /// What is there of one client, for tests and reports.
  struct Contents {
    bool filled = false;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> unloaded_ranges;
    std::size_t class_hierarchy_bytes = 0;  ///< as it was fetched
    /// The requests whose changes of the class hierarchy came on top, in the order in which they did.
    std::vector<std::uint32_t> class_hierarchy_updates;
    std::set<std::uint64_t> classes;                 ///< whose ROM class is known
    std::map<std::uint64_t, std::uint64_t> methods;  ///< -> class
    std::set<std::uint64_t> modified_classes;        ///< whose final fields must not be relied on
    bool vm_info = false;
    std::uint64_t cleared = 0;  ///< how often
  };
  const Contents& contents() const { return contents_; }

  /// Waits while another request fetches. `fetches`: whether this one would.
  Task begin(Lock& lock, bool fetches);
  /// The reply to getUnloadedClassRangesAndCHTable; the request's own changes are in it, but for its classes.
  void fetched(MessageView reply, const ClassChanges& updates, std::uint32_t sequence_number);
  /// The fetch that began failed: the next request fetches.
  void notFetched();

  void apply(const ClassChanges& updates, std::uint32_t sequence_number);  ///< what a request has changed
  /// Whether what the request has changed is in here, or will be fetched. Only until the next one changes
  /// something: critical requests follow each other.
  bool knows(std::uint32_t sequence_number) const;
  void addClass(std::uint64_t class_address);                                 ///< the server asked for it
  void addMethod(std::uint64_t method_address, std::uint64_t class_address);  ///< a method of that class
  /// Whether the caller is to ask for the VM information: nobody has. If it fails, forgetVMInfo().
  bool wantsVMInfo();
  void forgetVMInfo() { contents_.vm_info = false; }

  /// But for the VM information, which does not change.
  void clear();

 private:
  enum class State : std::uint8_t { empty, fetching, filled };

  void unload(std::span<const std::uint64_t> class_addresses);

  std::unique_ptr<Condition> changed_;
  State state_ = State::empty;
  bool outdated_ = false;              ///< cleared since the fetch began
  std::uint32_t last_changed_by_ = 0;  ///< sequence number of a request
  Contents contents_;
};

}  // namespace jitrig
