#include "fakecompiler/aot_cache.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace jitrig {
namespace {

/// The same for all records with that content, whatever their ids.
std::string contentOf(AOTRecordType type, AOTRecord record) {
  record.id_and_type = aotIdAndType(0, type);
  return encode(record);
}

void addOnce(std::vector<std::uint64_t>& ids, std::uint64_t id) {
  if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
}

}  // namespace

/// `record_of(type, record)` gives a record's id; nullopt ends it.
template <class RecordOf>
std::optional<AOTCache::Resolved> AOTCache::resolve(const AOTMethodIdentity& identity,
                                                    const RecordOf& record_of) {
  Resolved resolved;
  AOTRecord chain;
  const auto add = [&](AOTRecordType type, const AOTRecord& record) -> std::optional<std::uint64_t> {
    const std::optional<std::uint64_t> id = record_of(type, record);
    if (id) addOnce(resolved.records, *id);
    return id;
  };
  for (const AOTClass& each : identity.class_chain) {
    const auto loader = add(AOTRecordType::classLoader, {.refers_to = {}, .content = each.loader});
    if (!loader) return std::nullopt;
    const auto found = add(AOTRecordType::loadedClass, {.refers_to = {*loader}, .content = each.rom_class});
    if (!found) return std::nullopt;
    chain.refers_to.push_back(*found);
  }
  if (chain.refers_to.empty()) return std::nullopt;
  const auto class_chain = add(AOTRecordType::classChain, chain);
  const auto method = add(AOTRecordType::method, {.refers_to = {chain.refers_to.front()},
                                                  .content = fmt::to_string(identity.method_index)});
  const auto header = add(AOTRecordType::aotHeader, {.refers_to = {}, .content = identity.header});
  if (!class_chain || !method || !header) return std::nullopt;
  resolved.key = {.class_chain = *class_chain, .header = *header, .method_index = identity.method_index};
  return resolved;
}

std::optional<AOTDelivery> AOTCache::find(const AOTMethodIdentity& identity,
                                          const std::set<std::uint64_t>& known) const {
  const auto resolved = resolve(
      identity, [this](AOTRecordType type, const AOTRecord& record) { return findRecord(type, record); });
  if (!resolved) return std::nullopt;
  const auto found = methods_.find(resolved->key);
  if (found == methods_.end()) return std::nullopt;
  return deliver(found->first, found->second, known);
}

AOTDelivery AOTCache::store(const AOTMethodIdentity& identity, const std::string& signature,
                            const std::string& code, const std::set<std::uint64_t>& known) {
  const auto resolved = resolve(identity, [this](AOTRecordType type, const AOTRecord& record) {
    return std::optional(addRecord(type, record));
  });
  if (!resolved) return {};
  if (!methods_.contains(resolved->key)) {
    add({.key = resolved->key, .records = resolved->records, .signature = signature, .code = code});
  }
  return deliver(resolved->key, methods_.at(resolved->key), known);
}

std::optional<std::uint64_t> AOTCache::findRecord(AOTRecordType type, const AOTRecord& record) const {
  const auto found = ids_.find(contentOf(type, record));
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t AOTCache::addRecord(AOTRecordType type, AOTRecord record) {
  const auto [place, is_new] = ids_.emplace(contentOf(type, record), 0);
  if (!is_new) return place->second;
  record.id_and_type = aotIdAndType(++last_id_, type);
  place->second = record.id_and_type;
  std::string encoded = encode(record);
  size_bytes_ += encoded.size();
  records_.emplace(record.id_and_type, std::move(encoded));
  return record.id_and_type;
}

void AOTCache::add(const AOTMethod& method) {
  std::string encoded = encode(method);
  size_bytes_ += encoded.size();
  methods_.emplace(
      method.key,
      Stored{.encoded = std::move(encoded), .records = method.records, .signature = method.signature});
}

AOTDelivery AOTCache::deliver(const AOTMethodKey& key, const Stored& stored,
                              const std::set<std::uint64_t>& known) const {
  AOTDelivery delivery{.key = key, .method = stored.encoded, .records = {}, .records_ids = {}};
  for (const std::uint64_t id : stored.records) {
    if (known.contains(id)) continue;
    delivery.records.push_back(records_.at(id));
    delivery.records_ids.push_back(id);
  }
  return delivery;
}

std::vector<std::string> AOTCache::signatures() const {
  std::vector<std::string> all;
  all.reserve(methods_.size());
  for (const auto& [key, stored] : methods_) all.push_back(stored.signature);
  return all;
}

/// By id alone: those that a record refers to stand before it.
std::vector<std::string> AOTCache::encodedRecords() const {
  std::vector<std::string> all;
  all.reserve(records_.size());
  for (const auto& [id, encoded] : records_) all.push_back(encoded);
  return all;
}

std::vector<std::string> AOTCache::encodedMethods() const {
  std::vector<std::string> all;
  all.reserve(methods_.size());
  for (const auto& [key, stored] : methods_) all.push_back(stored.encoded);
  return all;
}

std::expected<AOTCache, std::string> AOTCache::make(const std::vector<std::string>& records,
                                                    const std::vector<std::string>& methods) {
  AOTCache cache;
  const auto lacks = [&](const std::vector<std::uint64_t>& ids) {
    return std::ranges::any_of(ids, [&](std::uint64_t id) { return !cache.records_.contains(id); });
  };
  for (const std::string& encoded : records) {
    const auto record = decodeAOTRecord(encoded);
    if (!record) return std::unexpected(record.error());
    const std::uint64_t id = record->id_and_type;
    if (lacks(record->refers_to))
      return std::unexpected(fmt::format("record {:#x} refers to one that is not there", id));
    if (!cache.records_.emplace(id, encoded).second)
      return std::unexpected(fmt::format("record {:#x} occurs twice", id));
    const AOTRecordType type = *aotRecordType(id);
    cache.ids_.emplace(contentOf(type, *record), id);
    cache.last_id_ =
        std::max(cache.last_id_, (id - aotIdAndType(0, type)) / aotIdAndType(1, AOTRecordType::classLoader));
    cache.size_bytes_ += encoded.size();
  }
  for (const std::string& encoded : methods) {
    const auto method = decodeAOTMethod(encoded);
    if (!method) return std::unexpected(method.error());
    if (lacks(method->records) || lacks({method->key.class_chain, method->key.header}))
      return std::unexpected(
          fmt::format("method {} refers to a record that is not there", method->signature));
    cache.add(*method);
  }
  return cache;
}

}  // namespace jitrig
