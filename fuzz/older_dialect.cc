#include "fuzz/older_dialect.h"

#include <algorithm>
#include <stdexcept>

#include "protocol/catalogue/data_point_fit.h"
#include "protocol/jitaas/jitaas_dialect.h"

namespace jitrig::fuzz {

std::shared_ptr<const Dialect> olderDialect() {
  auto dialect = makeJitaasDialect();
  if (!dialect) throw std::logic_error(dialect.error());
  return *dialect;
}

const std::vector<WireType>* typesSentBy(Direction sender, const MessageTable& table, std::uint16_t number) {
  const MessageType* type = table.find(number);
  if (type == nullptr) return nullptr;
  const bool client_starts = type->direction == MessageType::Direction::clientToServer;
  const bool starts = (sender == Direction::client) == client_starts;
  const bool answers = !starts && type->direction == MessageType::Direction::query;
  const auto& types = starts ? type->request : type->reply;
  return (starts || answers) && types ? &*types : nullptr;
}

bool zerosFit(const Dialect& dialect, Direction sender, std::uint16_t number,
              const std::vector<WireType>& types) {
  Message zeros(number);
  addValues(zeros, defaultValues(types));
  const auto view = MessageView::parse(zeros.serialize(), {});
  Message back;
  const auto misfit = dialect.format->decode(dialect.encode(view.value(), sender), sender, {}, back);
  return misfit && !*misfit && std::ranges::equal(back.serialize(), zeros.serialize());
}

}  // namespace jitrig::fuzz
