#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/stream/aot_record.h"

namespace jitrig {

/// A class of some client, as all clients can tell it apart.
struct AOTClass {
  std::string loader;     ///< the name of the first class that its loader has loaded
  std::string rom_class;  ///< aotClassContent()

  bool operator==(const AOTClass&) const = default;
};

/// A method of some client, as all clients can tell it apart.
struct AOTMethodIdentity {
  std::vector<AOTClass> class_chain;  ///< its class, and what that extends
  std::uint32_t method_index = 0;
  std::string header;  ///< of the client's VM
};

/// A method for a client that has some of its records.
struct AOTDelivery {
  AOTMethodKey key;
  std::string method;                      ///< encoded
  std::vector<std::string> records;        ///< encoded, those that the client has not
  std::vector<std::uint64_t> records_ids;  ///< theirs
};

/// One AOT cache of a server: methods, and the serialization records that they refer to. Nothing is ever
/// taken out. Ids count from 1, in the order of storing: another server's are others. Not thread-safe.
class AOTCache {
 public:
  /// nullopt: it was not stored.
  std::optional<AOTDelivery> find(const AOTMethodIdentity& identity,
                                  const std::set<std::uint64_t>& known) const;
  /// What was stored first stays.
  AOTDelivery store(const AOTMethodIdentity& identity, const std::string& signature, const std::string& code,
                    const std::set<std::uint64_t>& known);

  /// Of all methods, in the order of their keys.
  std::vector<std::string> signatures() const;
  std::size_t methods() const { return methods_.size(); }
  /// Records and methods, as they are encoded.
  std::uint64_t sizeBytes() const { return size_bytes_; }

  /// For a file: all records, in the order of their ids, then all methods.
  std::vector<std::string> encodedRecords() const;
  std::vector<std::string> encodedMethods() const;
  /// A cache that is made of them. The error says what does not fit.
  static std::expected<AOTCache, std::string> make(const std::vector<std::string>& records,
                                                   const std::vector<std::string>& methods);

 private:
  struct Stored {
    std::string encoded;
    std::vector<std::uint64_t> records;
    std::string signature;
  };
  /// What a method refers to, in the order of loading, and its key.
  struct Resolved {
    AOTMethodKey key;
    std::vector<std::uint64_t> records;
  };

  template <class RecordOf>
  static std::optional<Resolved> resolve(const AOTMethodIdentity& identity, const RecordOf& record_of);
  std::optional<std::uint64_t> findRecord(AOTRecordType type, const AOTRecord& record) const;
  std::uint64_t addRecord(AOTRecordType type, AOTRecord record);
  AOTDelivery deliver(const AOTMethodKey& key, const Stored& stored,
                      const std::set<std::uint64_t>& known) const;
  void add(const AOTMethod& method);

  std::map<std::string, std::uint64_t> ids_;      ///< by the record without its id, encoded
  std::map<std::uint64_t, std::string> records_;  ///< encoded, by id and type
  std::map<AOTMethodKey, Stored> methods_;
  std::uint64_t last_id_ = 0;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace jitrig
