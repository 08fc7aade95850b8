#include "fakecompiler/aot_compilation.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <utility>

#include "fakecompiler/data_point_values.h"
#include "protocol/runtime/reached.h"
#include "protocol/stream/server_states.h"

namespace jitrig {
namespace {

bool flag(const DataPoint& point) {
  return point.type() == DataType::BOOL && numberIn<std::uint8_t>(point) != 0;
}

/// Longer ones than any class has are taken for none: the client is asked about each class of them.
constexpr std::size_t kMaxClassChain = 1'000;

std::vector<std::uint64_t> classChainIn(const DataPoint& point) {
  if (point.payload().size() > kMaxClassChain * sizeof(std::uint64_t)) return {};
  return numbersIn(point);
}

Value addresses(const std::vector<std::uint64_t>& values) {
  Value::SimpleVector vector{.element_size = sizeof(std::uint64_t), .bytes = {}};
  vector.bytes.resize(values.size() * sizeof(std::uint64_t));
  std::memcpy(vector.bytes.data(), values.data(), vector.bytes.size());
  return vector;
}

Value address(std::uint64_t value) {
  Value::Object object;
  object.bytes.resize(sizeof value);
  std::memcpy(object.bytes.data(), &value, sizeof value);
  return object;
}

Value strings(const std::vector<std::string>& texts) {
  if (texts.empty()) return Value::EmptyVector{};
  Value::Vector vector;
  for (const std::string& each : texts) vector.elements.emplace_back(Value::String{each});
  return vector;
}

std::string textOf(const AOTMethodIdentity& method) {
  std::string text = fmt::format("{}", method.method_index);
  for (const AOTClass& each : method.class_chain)
    text += fmt::format(" {} of {}", each.rom_class, each.loader);
  return text + " " + aotClassContent(method.header);
}

}  // namespace

std::string_view toString(AOTServing::Outcome outcome) {
  switch (outcome) {
    case AOTServing::Outcome::none: return "none";
    case AOTServing::Outcome::hit: return "hit";
    case AOTServing::Outcome::stored: return "stored";
    case AOTServing::Outcome::refused: return "refused";
  }
  return "unknown";
}

AOTServer::AOTServer(const Dialect& dialect, AOTCaches& caches, std::uint64_t uid)
    : dialect_(dialect), caches_(caches), uid_(uid) {}

ScriptQuery AOTServer::vmInfo() const {
  return *makeQuery(dialect_, "VM_getVMInfo");
}

ScriptQuery AOTServer::romClassBatch() const {
  return *makeQuery(dialect_, "AOTCache_getROMClassBatch");
}

ScriptQuery AOTServer::methodNames() const {
  return *makeQuery(dialect_, "get_params_to_construct_TR_j9method");
}

ScriptEnd AOTServer::end(std::uint16_t type) const {
  ScriptEnd end;
  end.type = type;
  end.values = defaultRequest(*dialect_.table->find(type));
  end.says_states = serverStatePlaces(dialect_, type).any();
  if (end.says_states) putServerStates(dialect_, type, end.values, ServerStates{});
  return end;
}

AOTCompilation::AOTCompilation(const AOTServer& server, ClientSession& session, MessageView request,
                               bool created_session)
    : server_(server), session_(session) {
  serving_.server_uid = server.uid();
  if (server.layout() == nullptr) {
    step_ = Step::done;
    return;
  }
  read(request);
  if (!serving_.load && !serving_.store) step_ = Step::done;
  if (created_session) {
    if (!serving_.newly_known.empty()) JITRIG_REACHED("AOT: a client tells what it has of another server");
    serving_.newly_known.clear();
  }
  if (serving_.newly_known.empty()) return;
  const Lock lock(session_.mutex());
  session_.aot().learnKnown(serving_.newly_known);
}

void AOTCompilation::read(MessageView request) {
  const AOTLayout& layout = *server_.layout();
  std::optional<DataPoint> class_info;
  std::size_t index = 0;
  for (const DataPoint point : request.dataPoints()) {
    if (index == layout.store) serving_.store = flag(point);
    if (index == layout.load) serving_.load = flag(point);
    if (index == layout.method_index) method_.method_index = numberIn<std::uint32_t>(point);
    if (index == layout.class_chain) class_chain_ = classChainIn(point);
    if (index == layout.new_known) serving_.newly_known = numbersIn(point);
    // The method's class comes with the request, if the client believes that it is new to the server.
    if (point.type() == DataType::TUPLE && index < layout.is_aot) class_info = point;
    ++index;
  }
  if (!class_info || class_chain_.empty()) return;
  const Lock lock(session_.mutex());
  session_.aot().learnClass(class_chain_.front(), *class_info);
}

const ScriptQuery* AOTCompilation::next() {
  if (step_ == Step::begin) {
    step_ = wantsVM() ? Step::vmInfo : Step::vmKnown;
    if (step_ == Step::vmInfo) {
      query_ = server_.vmInfo();
      return &*query_;
    }
  }
  if (step_ == Step::vmKnown) {
    step_ = Step::lookup;
    if (wantsClasses()) {
      step_ = Step::classes;
      return &*query_;
    }
  }
  if (step_ == Step::lookup) {
    step_ = Step::done;
    lookUp();
    if (step_ == Step::names) return &*query_;
  }
  return nullptr;
}

/// Another request may have asked, and have no answer yet: what the client wants is not known before.
bool AOTCompilation::wantsVM() const {
  const Lock lock(session_.mutex());
  return !session_.aot().vm();
}

/// Whether the client has to describe some of its classes first. Nothing is asked where there is nothing to
/// look up.
bool AOTCompilation::wantsClasses() {
  {
    const Lock lock(session_.mutex());
    const AOTSession& known = session_.aot();
    vm_ = known.vm();
    for (const std::uint64_t each : class_chain_) {
      const bool asked = std::ranges::find(asked_classes_, each) != asked_classes_.end();
      if (!asked && !known.knowsClass(each)) asked_classes_.push_back(each);
    }
  }
  if (!vm_->uses_cache) {
    step_ = Step::done;
    return false;
  }
  serving_.cache = vm_->cache;
  serving_.ignores_local = vm_->ignores_local;
  const AOTCaches::State state = server_.caches().open(vm_->cache);
  const bool has_cache = state != AOTCaches::State::none && state != AOTCaches::State::loading;
  if (!has_cache || asked_classes_.empty()) return false;
  query_ = server_.romClassBatch();
  query_->values = {addresses(asked_classes_)};
  return true;
}

void AOTCompilation::answered(MessageView reply) {
  if (step_ == Step::vmInfo) {
    step_ = Step::vmKnown;
    const Lock lock(session_.mutex());
    session_.aot().learnVM(AOTSession::readVM(reply, *server_.layout()));
  } else if (step_ == Step::classes) {
    step_ = Step::lookup;
    const Lock lock(session_.mutex());
    if (reply.dataPoints().empty()) return;
    std::size_t index = 0;
    const DataPoint described = *reply.dataPoints().begin();
    if (described.type() != DataType::VECTOR) return;
    for (const DataPoint each : described.elements()) {
      if (index < asked_classes_.size()) session_.aot().learnClass(asked_classes_[index], each);
      ++index;
    }
  } else if (step_ == Step::names) {
    step_ = Step::done;
    for (const DataPoint name : reply.dataPoints()) {
      const auto bytes = name.payload();
      if (signature_.size() + bytes.size() > AOTSession::kMaxNameBytes) continue;
      const bool behind_class = !signature_.empty() && !signature_.contains('.');
      if (behind_class) signature_ += '.';
      signature_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  }
}

void AOTCompilation::lookUp() {
  const AOTCaches::State state = server_.caches().open(vm_->cache);
  if (state == AOTCaches::State::none) return refuse(true, true);
  // It is not there yet, which is no failure: the method is compiled as without a cache.
  if (state == AOTCaches::State::loading) {
    JITRIG_REACHED("AOT: a method is compiled while the cache is loaded");
    return;
  }
  std::optional<AOTDelivery> found;
  {
    const Lock lock(session_.mutex());
    auto classes = session_.aot().classes(class_chain_);
    if (!classes || classes->empty()) return refuse(false, false);
    method_.class_chain = std::move(*classes);
    method_.header = vm_->header;
    serving_.method = textOf(method_);
    if (serving_.load) found = server_.caches().find(vm_->cache, method_, session_.aot().known());
  }
  if (found) {
    serving_.outcome = AOTServing::Outcome::hit;
    end_ = server_.end(server_.layout()->serialized_method);
    return deliver(*end_, *found);
  }
  if (!serving_.store) return;
  if (state == AOTCaches::State::full) return refuse(false, true);
  step_ = Step::names;
  query_ = server_.methodNames();
  query_->values = {address(class_chain_.front()), static_cast<std::int32_t>(method_.method_index)};
}

/// Only who wanted its method back as it is stored cannot do with another one.
void AOTCompilation::refuse(bool cache_unavailable, bool store_unavailable) {
  if (!serving_.store || !vm_->ignores_local) return;
  serving_.outcome = AOTServing::Outcome::refused;
  serving_.cache_unavailable = cache_unavailable;
  serving_.store_unavailable = store_unavailable;
  end_ = server_.end(server_.layout()->failure);
  end_->values = {cache_unavailable, store_unavailable};
}

const ScriptEnd& AOTCompilation::endOf(const ScriptEnd& scripted) {
  const bool is_code = scripted.kind == ScriptEnd::Kind::message && !scripted.values.empty() &&
                       scripted.type == server_.codeType() && scripted.values[0].type() == DataType::STRING;
  if (!is_code || !serving_.store || serving_.method.empty()) {
    return scripted;  // NOLINT(bugprone-return-const-ref-from-parameter): the script outlives us
  }
  std::optional<AOTDelivery> stored;
  {
    const Lock lock(session_.mutex());
    stored = server_.caches().store(vm_->cache, method_, signature_,
                                    scripted.values[0].get<Value::String>()->bytes, session_.aot().known());
  }
  if (!stored) {
    refuse(false, true);
    return end_ ? *end_ : scripted;
  }
  serving_.outcome = AOTServing::Outcome::stored;
  serving_.signature = signature_;
  if (!vm_->ignores_local) return scripted;  // NOLINT(bugprone-return-const-ref-from-parameter): as above
  end_ = server_.end(server_.layout()->stored_method);
  for (std::size_t i = 2; i < std::min(end_->values.size(), scripted.values.size()); ++i)
    end_->values[i] = scripted.values[i];
  deliver(*end_, *stored);
  return *end_;
}

void AOTCompilation::deliver(ScriptEnd& end, const AOTDelivery& delivery) {
  serving_.sent = delivery.records_ids;
  end.values[0] = Value::String{delivery.method};
  end.values[1] = strings(delivery.records);
}

std::shared_ptr<const AOTServing> AOTCompilation::serving() const {
  if (!serving_.load && !serving_.store && serving_.newly_known.empty()) return nullptr;
  return std::make_shared<AOTServing>(serving_);
}

}  // namespace jitrig
