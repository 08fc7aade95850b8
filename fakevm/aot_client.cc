#include "fakevm/aot_client.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <utility>

#include "fakevm/default_frontend.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/runtime/reached.h"

namespace jitrig {
namespace {

Value numbers(const std::vector<std::uint64_t>& values) {
  if (values.empty()) return Value::EmptyVector{};
  Value::SimpleVector vector{.element_size = sizeof values[0], .bytes = {}};
  vector.bytes.resize(values.size() * sizeof values[0]);
  std::memcpy(vector.bytes.data(), values.data(), vector.bytes.size());
  return vector;
}

std::vector<std::uint64_t> numbersOf(const std::vector<Value>& values, std::size_t index) {
  std::vector<std::uint64_t> found;
  const auto* vector = index < values.size() ? values[index].get<Value::SimpleVector>() : nullptr;
  if (vector == nullptr) return found;
  found.resize(vector->bytes.size() / sizeof(std::uint64_t));
  if (!found.empty()) std::memcpy(found.data(), vector->bytes.data(), found.size() * sizeof found[0]);
  return found;
}

std::string textOf(const std::vector<Value>& values, std::size_t index) {
  const auto* text = index < values.size() ? values[index].get<Value::String>() : nullptr;
  return text != nullptr ? text->bytes : std::string();
}

std::vector<std::string> textsOf(const std::vector<Value>& values, std::size_t index) {
  std::vector<std::string> texts;
  const auto* vector = index < values.size() ? values[index].get<Value::Vector>() : nullptr;
  if (vector == nullptr) return texts;
  for (const Value& each : vector->elements) {
    if (const auto* text = each.get<Value::String>()) texts.push_back(text->bytes);
  }
  return texts;
}

bool flagOf(const std::vector<Value>& values, std::size_t index) {
  const bool* flag = index < values.size() ? values[index].get<bool>() : nullptr;
  return flag != nullptr && *flag;
}

/// Of the size that the release has for it.
std::string headerOf(const Dialect& dialect, const AOTLayout* layout) {
  std::string header = fmt::format("jitrig AOT header of {}", dialect.table->release().name);
  header.resize(layout != nullptr ? layout->header_size_bytes : 0);
  return header;
}

}  // namespace

/// What a server refuses for good, the client remembers for all methods.
AOTWish aotWishAfter(const CompilationReport& report, AOTWish wish) {
  if (!report.aot) return wish;
  if (report.aot->result == AOTResult::deserializationFailed) wish.load = false;
  if (report.aot->result == AOTResult::refused) wish.store = false;
  return wish;
}

AOTClient::AOTClient(Runtime& runtime, const AOTUse& use, const Dialect& dialect)
    : use_(use),
      dialect_(dialect),
      layout_(dialect.aot_layout),
      header_(headerOf(dialect, layout_.get())),
      deserializer_(runtime, use.record_ms),
      mutex_(runtime.makeMutex("AOT client")),
      may_{.load = use.load && layout_, .store = use.store && layout_} {}

AOTWish AOTClient::wish() const {
  const Lock lock(*mutex_);
  return may_;
}

AOTDeserializer::Server AOTClient::met(std::uint64_t server_uid) {
  {
    const Lock lock(*mutex_);
    if (server_uid_ != server_uid) may_ = {.load = use_.load && layout_, .store = use_.store && layout_};
    server_uid_ = server_uid;
  }
  return deserializer_.met(server_uid);
}

void AOTClient::refused(bool cache_unavailable, bool store_unavailable) {
  const Lock lock(*mutex_);
  if (cache_unavailable) may_ = {.load = false, .store = false};
  if (store_unavailable) may_.store = false;
}

AOTAttempt::AOTAttempt(AOTClient& client, CompilationFrontend& inner, WorldMethod method, const AOTWish& may,
                       std::shared_ptr<const AOTMethodUse>& report)
    : client_(client),
      inner_(inner),
      method_(std::move(method)),
      server_(client.deserializer().server()),
      report_(report) {
  const AOTWish wish = client.wish();
  use_.may_load = wish.load;
  use_.may_store = wish.store;
  use_.load = wish.load && may.load;
  use_.store = wish.store && may.store;
}

std::vector<Value> AOTAttempt::compilationRequest(const RequestIdentity& identity) {
  std::vector<Value> request = inner_.compilationRequest(identity);
  client_.deserializer().unload(identity.changes.unloaded_classes);
  const AOTLayout* layout = client_.layout();
  if (layout == nullptr || layout->new_known >= request.size()) return request;
  for (Value& each : request) {
    if (each.type() != DataType::TUPLE) continue;
    for (const WorldClass& known : world_.classes()) {
      if (known.address == method_.class_address) describe(each, known);
    }
    break;
  }
  request[layout->is_aot] = use_.load || use_.store;
  request[layout->store] = use_.store;
  request[layout->load] = use_.load;
  request[layout->method_index] = method_.method_index;
  request[layout->class_chain] = numbers(world_.classChain(method_.class_address));
  request[layout->new_known] = numbers(client_.deserializer().takeNewlyKnown());
  tell(AOTResult::none);
  return request;
}

bool AOTAttempt::answersItself(std::uint16_t type) const {
  const AOTLayout* layout = client_.layout();
  return layout != nullptr &&
         (type == layout->vm_info || type == layout->rom_class_batch || type == layout->method_names ||
          (type == layout->ram_class_batch && type != 0));
}

/// Asked for first, of every query.
std::span<const std::byte> AOTAttempt::encodedReply(const Message& query) {
  if (client_.dialect().typeName(query.type()) == "getUnloadedClassRangesAndCHTable") {
    const auto values = toValues(query);
    const auto* uid = values.empty() ? nullptr : values[0].get<std::uint64_t>();
    // A thread that meets another server itself has loaded nothing yet.
    if (uid != nullptr) server_ = client_.met(*uid);
  }
  if (answersItself(query.type())) return {};
  return inner_.encodedReply(query);
}

Answer AOTAttempt::answer(const Message& query) {
  const AOTLayout* layout = client_.layout();
  if (!answersItself(query.type())) return inner_.answer(query);
  if (query.type() == layout->vm_info) return {.kind = Answer::Kind::reply, .values = vmInfo()};
  if (query.type() == layout->rom_class_batch)
    return {.kind = Answer::Kind::reply, .values = romClasses(query)};
  if (query.type() == layout->ram_class_batch)
    return {.kind = Answer::Kind::reply, .values = ramClasses(query)};
  return {.kind = Answer::Kind::reply,
          .values = {Value::String{method_.class_name}, Value::String{method_.name},
                     Value::String{method_.signature}}};
}

std::vector<Value> AOTAttempt::vmInfo() const {
  const AOTLayout& layout = *client_.layout();
  std::vector<Value> values = defaultReply(client_.dialect(), layout.vm_info);
  const auto* zeros = values[0].get<Value::Object>();
  if (values.size() < 3 || zeros == nullptr || zeros->bytes.size() < layout.header + layout.header_size_bytes)
    return values;
  Value::Object info = *zeros;
  info.bytes[layout.uses_cache] = std::byte{1};
  info.bytes[layout.ignores_local] = std::byte{client_.use().ignores_local};
  std::memcpy(info.bytes.data() + layout.header, client_.header().data(), client_.header().size());
  values[0] = std::move(info);
  values[2] = Value::String{client_.use().cache};
  return values;
}

std::vector<Value> AOTAttempt::romClasses(const Message& query) const {
  const MessageType* type = client_.dialect().table->find(query.type());
  std::vector<Value> reply = defaultValues(*type->reply);
  Value::Vector described;
  for (const std::uint64_t address : numbersOf(toValues(query), 0)) {
    Value class_info = defaultValue((*type->reply)[0].elements[0]);
    for (const WorldClass& known : world_.classes()) {
      if (known.address == address) describe(class_info, known);
    }
    described.elements.push_back(std::move(class_info));
  }
  if (!described.elements.empty()) reply[0] = std::move(described);
  return reply;
}

std::vector<Value> AOTAttempt::ramClasses(const Message& query) const {
  return {numbers(client_.deserializer().classesOf(numbersOf(toValues(query), 0)))};
}

/// The ROM class is the tuple's first string, the name that tells the loader its second.
void AOTAttempt::describe(Value& class_info, const WorldClass& described) const {
  const auto* tuple = class_info.get<Value::Tuple>();
  if (tuple == nullptr) return;
  Value::Tuple filled = *tuple;
  std::size_t strings = 0;
  for (Value& element : filled.elements) {
    if (element.type() != DataType::STRING) continue;
    if (strings < 2) element = Value::String{strings == 0 ? described.rom_class : described.loader};
    ++strings;
  }
  class_info = std::move(filled);
}

/// The report is told what is known so far: an attempt may end anywhere.
void AOTAttempt::tell(AOTResult result) {
  use_.result = result;
  report_ = std::make_shared<AOTMethodUse>(use_);
}

std::string AOTAttempt::accept(const Message& final_message) {
  const AOTLayout* layout = client_.layout();
  if (layout == nullptr) return "";
  const std::uint16_t type = final_message.type();
  if (type == layout->failure) {
    JITRIG_REACHED("AOT: a server cannot do what its client asks of the cache");
    const auto values = toValues(final_message);
    client_.refused(flagOf(values, 0), flagOf(values, 1));
    tell(AOTResult::refused);
    return "";
  }
  const bool stored = type == layout->stored_method;
  if (!stored && type != layout->serialized_method) return "";
  const auto values = toValues(final_message);
  const auto loaded =
      client_.deserializer().load(server_, textsOf(values, 1), textOf(values, 0), method_, client_.header());
  use_.records = loaded.records;
  const bool failed = loaded.result != AOTResult::loaded;
  if (failed) JITRIG_REACHED("AOT: a method cannot be loaded");
  if (!failed && stored) JITRIG_REACHED("AOT: a method is stored");
  if (!failed && !stored) JITRIG_REACHED("AOT: a method comes from the cache");
  tell(failed || !stored ? loaded.result : AOTResult::stored);
  return loaded.detail;
}

}  // namespace jitrig
