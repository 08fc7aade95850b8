#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fakevm/aot_use.h"
#include "fakevm/world.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/aot_record.h"

namespace jitrig {

/// A client's serialization records, by id, and what they stand for in its VM. Ids are of one server: when
/// another one is met, everything is forgotten, and threads that are loading a method notice it at their next
/// record. Thread-safe.
class AOTDeserializer {
 public:
  /// A server may send records without end: beyond, a method that needs more cannot be loaded.
  static constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{64} << 20;

  AOTDeserializer(Runtime& runtime, std::int64_t record_ms);

  /// Whose records a thread works with.
  struct Server {
    std::uint64_t uid = 0;  ///< 0: none was met yet
    std::uint64_t generation = 0;
  };
  /// As it is now.
  Server server() const;
  /// A server told its UID. Another one than before: all records are forgotten.
  Server met(std::uint64_t server_uid);

  /// How loading a method ended, and with which records, from which servers.
  struct Loaded {
    AOTResult result = AOTResult::loaded;
    std::string detail;  ///< why not
    std::vector<std::pair<std::uint64_t, std::uint64_t>> records;
  };
  /// `server`: as it was when the method was asked for. `method`: the one of this VM that was asked for.
  Loaded load(const Server& server, std::span<const std::string> records, const std::string& encoded_method,
              const WorldMethod& method, const std::string& header);

  /// Records that the server does not know of yet that they are here; from now on it does.
  std::vector<std::uint64_t> takeNewlyKnown();
  /// What stood for these classes is nothing any more; ClassChanges::kEverything: for any.
  void unload(std::span<const std::uint64_t> class_addresses);
  /// The classes that these records stand for; 0: none is known.
  std::vector<std::uint64_t> classesOf(std::span<const std::uint64_t> records) const;

 private:
  struct Known {
    AOTRecord record;
    std::uint64_t server_uid = 0;     ///< whose it is
    std::uint64_t class_address = 0;  ///< of a class: where it is now; 0: it was unloaded
  };

  std::string cacheRecord(const Server& server, const std::string& encoded);
  std::string resolve(const AOTMethod& method, const WorldMethod& wanted, const std::string& header,
                      Loaded& loaded);
  std::optional<std::uint64_t> findClass(const AOTRecord& record) const;
  bool validate(Known& known) const;
  bool wasReset(const Server& server) const { return server.generation != server_.generation; }

  Runtime& runtime_;
  const std::int64_t record_ms_;
  World world_;
  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  Server server_;
  std::map<std::uint64_t, Known> records_;  ///< by id and type
  std::uint64_t record_bytes_ = 0;          ///< of them, as they came
  std::vector<std::uint64_t> newly_known_;
};

}  // namespace jitrig
