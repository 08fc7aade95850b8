#include "protocol/stream/dialect.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/stream/aot_layout.h"

namespace jitrig {
namespace {

/// The answers that end a compilation; which of them a release has differs.
constexpr std::array<std::string_view, 5> kFinalTypes{"compilationCode", "compilationFailure",
                                                      "AOTCache_storedAOTMethod",
                                                      "AOTCache_serializedAOTMethod", "AOTCache_failure"};

std::expected<std::uint16_t, std::string> requireNumber(const MessageTable& table, std::string_view name) {
  if (const auto number = table.numberOf(name)) return *number;
  return std::unexpected(fmt::format("release {} has no message type {}", table.release().name, name));
}

/// One for each number up to the highest; those that are no queries stay empty.
std::shared_ptr<const std::vector<std::vector<std::byte>>> encodeDefaultReplies(const Dialect& dialect) {
  auto replies = std::make_shared<std::vector<std::vector<std::byte>>>();
  for (const MessageType& type : dialect.table->types()) {
    if (type.direction != MessageType::Direction::query || type.unused) continue;
    if (replies->size() <= type.number) replies->resize(std::size_t{type.number} + 1);
    Message reply(type.number);
    if (type.reply && !type.reply->empty()) {
      addValues(reply, defaultValues(*type.reply));
    } else {
      addValue(reply, Value::Object{{std::byte{0}}});
    }
    (*replies)[type.number] = dialect.encode(reply, Direction::client);
  }
  return replies;
}

}  // namespace

std::expected<std::shared_ptr<const Dialect>, std::string> Dialect::make(
    std::shared_ptr<const MessageTable> table, FullVersion announced,
    std::shared_ptr<const MessageFormat> format) {
  auto dialect = std::make_shared<Dialect>();
  dialect->announced = announced;
  dialect->format = std::move(format);
  dialect->bodyless = table->bodylessTypes();
  const std::array<std::pair<std::string_view, std::uint16_t*>, 6> numbers{{
      {"compilationCode", &dialect->compilation_code},
      {"compilationFailure", &dialect->compilation_failure},
      {"compilationRequest", &dialect->compilation_request},
      {"compilationInterrupted", &dialect->compilation_interrupted},
      {"clientSessionTerminate", &dialect->client_session_terminate},
      {"connectionTerminate", &dialect->connection_terminate},
  }};
  for (const auto& [name, place] : numbers) {
    const auto number = requireNumber(*table, name);
    if (!number) return std::unexpected(number.error());
    *place = *number;
  }
  dialect->aot_cache_map_request = table->numberOf("AOTCacheMap_request");
  dialect->aot_cache_map_reply = table->numberOf("AOTCacheMap_reply");
  for (const std::string_view name : kFinalTypes) {
    if (const auto number = table->numberOf(name)) dialect->final_types.push_back(*number);
  }

  const Release& release = table->release();
  const auto incompatible = release.statusCode("compilationStreamVersionIncompatible");
  if (!incompatible) {
    return std::unexpected(fmt::format("release {} has no status for an incompatible version", release.name));
  }
  dialect->status_version_incompatible = *incompatible;
  // Not in the oldest releases, which answer an unexpected first message as a failed compilation.
  dialect->status_message_type_mismatch =
      release.statusCode("compilationStreamMessageTypeMismatch").value_or(1);
  const MessageType* failure = table->find(dialect->compilation_failure);
  if (failure->request) dialect->compilation_failure_arity = failure->request->size();
  dialect->table = std::move(table);
  dialect->default_replies = encodeDefaultReplies(*dialect);
  if (const auto layout = AOTLayout::of(*dialect))
    dialect->aot_layout = std::make_shared<const AOTLayout>(*layout);
  return dialect;
}

std::vector<std::byte> Dialect::encode(MessageView message, Direction sender) const {
  if (format != nullptr) return format->encode(message, sender);
  return {message.bytes().begin(), message.bytes().end()};
}

std::span<const std::byte> Dialect::defaultReply(std::uint16_t type) const {
  if (type >= default_replies->size()) return {};
  return (*default_replies)[type];
}

std::string Dialect::typeName(std::uint16_t number) const {
  const MessageType* type = table->find(number);
  return type != nullptr ? type->name : fmt::format("#{}", number);
}

bool Dialect::endsCompilation(std::uint16_t type) const {
  return std::ranges::find(final_types, type) != final_types.end();
}

std::shared_ptr<const Dialect> defaultDialect() {
  static const std::shared_ptr<const Dialect> kDialect = [] {
    const auto table = Catalogue::builtIn().defaultTable();
    auto dialect = Dialect::make(table, table->release().defaultVersion());
    if (!dialect) throw std::logic_error(dialect.error());  // the built-in catalogue is tested to be complete
    return *dialect;
  }();
  return kDialect;
}

}  // namespace jitrig
