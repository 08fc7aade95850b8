#include "fakevm/default_frontend.h"

#include <array>
#include <cstring>
#include <iterator>
#include <utility>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/stream/compilation_request_layout.h"

namespace jitrig {
namespace {

Value pointer(std::uint64_t address) {
  Value::Object object;
  object.bytes.resize(sizeof address);
  std::memcpy(object.bytes.data(), &address, sizeof address);
  return object;
}

bool isPointer(const Value& value) {
  const auto* object = value.get<Value::Object>();
  return object != nullptr && object->bytes.size() == sizeof(std::uint64_t);
}

/// The class info tuple of a request begins with the ROM class and the class's methods (catalogue:
/// ClassInfoTuple); the rest stays zero.
void describeClass(Value& class_info, const WorldMethod& method) {
  const auto* tuple = class_info.get<Value::Tuple>();
  if (tuple == nullptr || tuple->elements.empty() || tuple->elements[0].type() != DataType::STRING) return;
  Value::Tuple described = *tuple;
  described.elements[0] = Value::String{method.rom_class};
  class_info = std::move(described);
}

template <class T>
std::span<const std::byte> bytesOf(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// As addValue(message, defaultValue(type)).
void addDefault(Message& message, const WireType& type) {
  using Kind = WireType::Kind;
  static constexpr std::array<std::byte, 256> kZeros{};
  switch (type.kind) {
    case Kind::int32: return message.addDataPoint(DataType::INT32, std::span(kZeros).first(4));
    case Kind::int64: return message.addDataPoint(DataType::INT64, std::span(kZeros).first(8));
    case Kind::uint32: return message.addDataPoint(DataType::UINT32, std::span(kZeros).first(4));
    case Kind::uint64: return message.addDataPoint(DataType::UINT64, std::span(kZeros).first(8));
    case Kind::boolean: return message.addDataPoint(DataType::BOOL, std::span(kZeros).first(1));
    case Kind::string: return message.addDataPoint(DataType::STRING, {});
    case Kind::vector: return message.addDataPoint(DataType::EMPTY_VECTOR, {});
    case Kind::object:
      if (type.object_size > kZeros.size()) return addValue(message, defaultValue(type));
      return message.addDataPoint(DataType::OBJECT, std::span(kZeros).first(type.object_size));
    case Kind::tuple: {
      const std::size_t offset = message.openTuple();
      for (const WireType& element : type.elements) addDefault(message, element);
      return message.closeContainer(offset);
    }
  }
}

/// The same tuple that describeClass() makes.
void addClass(Message& message, const WireType& class_info, const WorldMethod& method) {
  const std::size_t offset = message.openTuple();
  message.addDataPoint(DataType::STRING, std::as_bytes(std::span(method.rom_class)));
  for (const WireType& element : std::span(class_info.elements).subspan(1)) addDefault(message, element);
  message.closeContainer(offset);
}

bool isPointer(const WireType& type) {
  return type.kind == WireType::Kind::object && type.object_size == sizeof(std::uint64_t);
}

bool isClassInfo(const WireType& type) {
  return type.kind == WireType::Kind::tuple && type.elements.front().kind == WireType::Kind::string;
}

/// As setIdentity() has it. False: this data point is none of it.
bool addIdentity(Message& message, std::size_t index, const WireType& type, const RequestIdentity& identity) {
  if (index == 0 && type.kind == WireType::Kind::uint64) {
    message.addDataPoint(DataType::UINT64, bytesOf(identity.client_uid));
  } else if (index == 1 && type.kind == WireType::Kind::uint32) {
    message.addDataPoint(DataType::UINT32, bytesOf(identity.sequence_number));
  } else if (index == 2 && type.kind == WireType::Kind::uint32) {
    message.addDataPoint(DataType::UINT32, bytesOf(identity.last_critical_sequence_number));
  } else {
    return false;
  }
  return true;
}

Value enumerator(std::uint32_t value) {
  Value::Object object;
  object.bytes.resize(sizeof value);
  std::memcpy(object.bytes.data(), &value, sizeof value);
  return object;
}

class WorldCompilation final : public CompilationFrontend {
 public:
  WorldCompilation(std::shared_ptr<const Dialect> dialect, WorldMethod method)
      : dialect_(std::move(dialect)), method_(std::move(method)) {}

  std::string methodName() const override { return method_.fullName(); }

  /// In every release the pointers of a request's beginning are the method and its class, in this order.
  std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
    const MessageType* type = dialect_->table->find(dialect_->compilation_request);
    std::vector<Value> request = type->request ? defaultValues(*type->request) : std::vector<Value>{};
    const std::uint64_t addresses[] = {method_.method_address, method_.class_address};
    std::size_t next = 0;
    for (Value& value : request) {
      if (next < std::size(addresses) && isPointer(value)) value = pointer(addresses[next++]);
      describeClass(value, method_);
    }
    setIdentity(request, identity);
    setClassChanges(*dialect_, request, identity.changes);
    const CompilationRequestLayout layout(*dialect_);
    if (identity.jit_dump && layout.details_type)
      request[*layout.details_type] = enumerator(std::to_underlying(MethodDetailsType::dumpMethod));
    return request;
  }

  bool asksForJitDumps() const override {
    return CompilationRequestLayout(*dialect_).details_type.has_value();
  }

  /// A request has dozens of data points, and there is one for every few messages: no Values are made, unless
  /// there are class changes, or a dump is asked for, which is rare.
  void addRequest(const RequestIdentity& identity, Message& request) override {
    if (!identity.changes.empty() || identity.jit_dump)
      return addValues(request, compilationRequest(identity));
    const MessageType* type = dialect_->table->find(dialect_->compilation_request);
    if (!type->request) return;
    const std::uint64_t addresses[] = {method_.method_address, method_.class_address};
    std::size_t next = 0;
    for (std::size_t index = 0; index < type->request->size(); ++index) {
      const WireType& point = (*type->request)[index];
      if (addIdentity(request, index, point, identity)) continue;
      if (next < std::size(addresses) && isPointer(point)) {
        request.addDataPoint(DataType::OBJECT, bytesOf(addresses[next++]));
      } else if (isClassInfo(point)) {
        addClass(request, point, method_);
      } else {
        addDefault(request, point);
      }
    }
  }

  Answer answer(const Message& query) override {
    return {.kind = Answer::Kind::reply, .values = defaultReply(*dialect_, query.type())};
  }

  std::span<const std::byte> encodedReply(const Message& query) override {
    return dialect_->defaultReply(query.type());
  }

 private:
  std::shared_ptr<const Dialect> dialect_;
  WorldMethod method_;
};

}  // namespace

std::unique_ptr<CompilationFrontend> DefaultFrontend::beginCompilation(std::uint64_t number) {
  return std::make_unique<WorldCompilation>(dialect_, world_.method(number));
}

std::vector<Value> defaultReply(const Dialect& dialect, std::uint16_t type) {
  const MessageType* known = dialect.table->find(type);
  if (known == nullptr || !known->reply || known->reply->empty()) return {Value::Object{{std::byte{0}}}};
  return defaultValues(*known->reply);
}

void setIdentity(std::span<Value> request, const RequestIdentity& identity) {
  // uint64 UID, uint32 sequence number, uint32 number of the last critical request; the oldest releases have
  // fewer numbers there.
  if (!request.empty() && request[0].type() == DataType::UINT64) request[0] = identity.client_uid;
  if (request.size() > 1 && request[1].type() == DataType::UINT32) request[1] = identity.sequence_number;
  if (request.size() > 2 && request[2].type() == DataType::UINT32)
    request[2] = identity.last_critical_sequence_number;
}

}  // namespace jitrig
