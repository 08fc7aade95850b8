#include "fakevm/default_frontend.h"

#include <cstring>

#include "protocol/catalogue/data_point_fit.h"

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
    return request;
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
