#include "fakevm/aot_deserializer.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "fakevm/class_changes.h"
#include "protocol/runtime/reached.h"

namespace jitrig {

std::string_view toString(AOTResult result) {
  switch (result) {
    case AOTResult::none: return "none";
    case AOTResult::loaded: return "loaded";
    case AOTResult::stored: return "stored";
    case AOTResult::deserializationFailed: return "deserialization_failed";
    case AOTResult::deserializerReset: return "deserializer_reset";
    case AOTResult::refused: return "refused";
  }
  return "unknown";
}

AOTDeserializer::AOTDeserializer(Runtime& runtime, std::int64_t record_ms)
    : runtime_(runtime), record_ms_(record_ms), mutex_(runtime.makeMutex("AOT deserializer")) {}

AOTDeserializer::Server AOTDeserializer::server() const {
  const Lock lock(*mutex_);
  return server_;
}

AOTDeserializer::Server AOTDeserializer::met(std::uint64_t server_uid) {
  const Lock lock(*mutex_);
  if (server_.uid == server_uid) return server_;
  if (server_.uid == 0) {  // the first one: what is here came from it
    server_.uid = server_uid;
    return server_;
  }
  if (!records_.empty()) JITRIG_REACHED("AOT: another server is met, and all records are forgotten");
  server_ = {.uid = server_uid, .generation = server_.generation + 1};
  records_.clear();
  record_bytes_ = 0;
  newly_known_.clear();
  return server_;
}

/// The lock is not held between two records: others load methods, too, and meet servers.
AOTDeserializer::Loaded AOTDeserializer::load(const Server& server, std::span<const std::string> records,
                                              const std::string& encoded_method, const WorldMethod& wanted,
                                              const std::string& header) {
  Loaded loaded;
  for (const std::string& each : records) {
    if (record_ms_ != 0) runtime_.sleepUntil(runtime_.now() + std::chrono::milliseconds(record_ms_));
    const Lock lock(*mutex_);
    if (wasReset(server)) {
      JITRIG_REACHED("AOT: another server is met while a method is loaded");
      return {.result = AOTResult::deserializerReset,
              .detail = "the AOT deserializer was reset: another server was met",
              .records = {}};
    }
    loaded.detail = cacheRecord(server, each);
    if (!loaded.detail.empty()) break;
  }
  const Lock lock(*mutex_);
  if (wasReset(server)) {
    return {.result = AOTResult::deserializerReset,
            .detail = "the AOT deserializer was reset: another server was met",
            .records = {}};
  }
  const auto method = decodeAOTMethod(encoded_method);
  if (loaded.detail.empty())
    loaded.detail = method ? resolve(*method, wanted, header, loaded) : method.error();
  if (!loaded.detail.empty()) {
    loaded.result = AOTResult::deserializationFailed;
    loaded.detail = "the AOT method cannot be loaded: " + loaded.detail;
  }
  return loaded;
}

/// Says why not; "": it is known now.
std::string AOTDeserializer::cacheRecord(const Server& server, const std::string& encoded) {
  const auto record = decodeAOTRecord(encoded);
  if (!record) return record.error();
  const std::uint64_t id = record->id_and_type;
  if (records_.contains(id)) return "";
  for (const std::uint64_t each : record->refers_to) {
    if (!records_.contains(each))
      return fmt::format("record {:#x} refers to {:#x}, which did not come", id, each);
  }
  // Who asked before the first server was met works with that one.
  const std::uint64_t server_uid = server.uid == 0 ? server_.uid : server.uid;
  Known known{.record = *record, .server_uid = server_uid, .class_address = 0};
  if (!validate(known)) return fmt::format("no class of this VM is that of record {:#x}", id);
  if (encoded.size() > kMaxRecordBytes - record_bytes_)
    return fmt::format("record {:#x} is beyond {} bytes of records", id, kMaxRecordBytes);
  record_bytes_ += encoded.size();
  records_.emplace(id, std::move(known));
  newly_known_.push_back(id);
  return "";
}

/// All records that a method refers to, also those that came long ago: their classes may have been unloaded
/// since, and loaded again.
std::string AOTDeserializer::resolve(const AOTMethod& method, const WorldMethod& wanted,
                                     const std::string& header, Loaded& loaded) {
  for (const std::uint64_t id : method.records) {
    const auto known = records_.find(id);
    if (known == records_.end()) return fmt::format("record {:#x} is not known", id);
    if (!validate(known->second)) return fmt::format("the class of record {:#x} was unloaded", id);
    loaded.records.emplace_back(id, known->second.server_uid);
  }
  const auto chain = records_.find(method.key.class_chain);
  const auto vm = records_.find(method.key.header);
  if (chain == records_.end() || vm == records_.end()) return "its class chain or its header is not known";
  if (vm->second.record.content != header) return "it was compiled for another kind of VM";
  std::vector<std::uint64_t> classes;
  for (const std::uint64_t id : chain->second.record.refers_to) {
    const std::uint64_t address = records_.at(id).class_address;
    // In a real VM this is the end: it must not be, whatever a server has put into a method.
    if (address == 0) return fmt::format("the class chain has record {:#x}, which stands for no class", id);
    classes.push_back(address);
  }
  if (classes != world_.classChain(wanted.class_address) || method.key.method_index != wanted.method_index)
    return "it is another method";
  return "";
}

/// Whether a record stands for something that is there: looks for a class that is not.
bool AOTDeserializer::validate(Known& known) const {
  const auto type = aotRecordType(known.record.id_and_type);
  if (type != AOTRecordType::loadedClass || known.class_address != 0) return true;
  const auto found = findClass(known.record);
  if (!found) return false;
  known.class_address = *found;
  return true;
}

std::optional<std::uint64_t> AOTDeserializer::findClass(const AOTRecord& record) const {
  if (record.refers_to.empty()) return std::nullopt;
  const auto loader = records_.find(record.refers_to.front());
  if (loader == records_.end()) return std::nullopt;
  for (const WorldClass& each : world_.classes()) {
    if (each.loader == loader->second.record.content && aotClassContent(each.rom_class) == record.content)
      return each.address;
  }
  return std::nullopt;
}

std::vector<std::uint64_t> AOTDeserializer::takeNewlyKnown() {
  const Lock lock(*mutex_);
  return std::exchange(newly_known_, {});
}

void AOTDeserializer::unload(std::span<const std::uint64_t> class_addresses) {
  if (class_addresses.empty()) return;
  const bool all = std::ranges::find(class_addresses, ClassChanges::kEverything) != class_addresses.end();
  const Lock lock(*mutex_);
  for (auto& [id, known] : records_) {
    if (!all && std::ranges::find(class_addresses, known.class_address) == class_addresses.end()) continue;
    if (known.class_address != 0) JITRIG_REACHED("AOT: the class of a record is unloaded");
    known.class_address = 0;
  }
}

std::vector<std::uint64_t> AOTDeserializer::classesOf(std::span<const std::uint64_t> records) const {
  const Lock lock(*mutex_);
  std::vector<std::uint64_t> classes;
  for (const std::uint64_t id : records) {
    const auto known = records_.find(id);
    classes.push_back(known == records_.end() ? 0 : known->second.class_address);
  }
  return classes;
}

}  // namespace jitrig
