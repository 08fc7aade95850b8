#include "protocol/stream/server_states.h"

#include <algorithm>
#include <cstring>

namespace jitrig {
namespace {

constexpr std::string_view kMemoryType = "JITServer::ServerMemoryState";
constexpr std::string_view kThreadsType = "JITServer::ServerActiveThreadsState";

/// An enumeration as it lies in memory.
Value::Object objectOf(std::uint32_t number) {
  Value::Object object;
  object.bytes.resize(sizeof number);
  std::memcpy(object.bytes.data(), &number, sizeof number);
  return object;
}

template <class State>
std::optional<State> stateOf(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(State::normal)) return std::nullopt;
  return static_cast<State>(number);
}

template <class State>
std::optional<State> stateAt(const DataPoint& point) {
  std::uint32_t number = 0;
  if (point.type() != DataType::OBJECT || point.payload().size() != sizeof number) return std::nullopt;
  std::memcpy(&number, point.payload().data(), sizeof number);
  return stateOf<State>(number);
}

std::optional<std::uint32_t> lowMemoryStatus(const Dialect& dialect) {
  return dialect.table->release().statusCode("compilationLowPhysicalMemory");
}

SaidServerStates saidByFailure(const Dialect& dialect, MessageView message) {
  const std::vector<Value> values = toValues(message);
  if (values.size() < 2) return {};
  const auto* status = values[0].get<std::uint32_t>();
  const auto* state = values[1].get<std::uint64_t>();
  if (status == nullptr || state == nullptr || *status != lowMemoryStatus(dialect)) return {};
  return {.memory = stateOf<ServerMemoryState>(*state), .threads = std::nullopt};
}

}  // namespace

std::string_view toString(ServerMemoryState state) {
  switch (state) {
    case ServerMemoryState::veryLow: return "very_low";
    case ServerMemoryState::low: return "low";
    case ServerMemoryState::normal: break;
  }
  return "normal";
}

std::optional<ServerMemoryState> parseServerMemoryState(std::string_view name) {
  using enum ServerMemoryState;
  for (const ServerMemoryState each : {veryLow, low, normal}) {
    if (toString(each) == name) return each;
  }
  return std::nullopt;
}

std::string_view toString(ServerActiveThreadsState state) {
  switch (state) {
    case ServerActiveThreadsState::veryHigh: return "very_high";
    case ServerActiveThreadsState::high: return "high";
    case ServerActiveThreadsState::normal: break;
  }
  return "normal";
}

ServerStatePlaces serverStatePlaces(const Dialect& dialect, std::uint16_t type) {
  ServerStatePlaces places;
  const MessageType* message = dialect.table->find(type);
  if (message == nullptr) return places;
  for (std::size_t i = 0; i < message->request_cpp.size(); ++i) {
    if (message->request_cpp[i] == kMemoryType) places.memory = i;
    if (message->request_cpp[i] == kThreadsType) places.threads = i;
  }
  return places;
}

void putServerStates(const Dialect& dialect, std::uint16_t type, std::span<Value> values,
                     ServerStates states) {
  const auto memory = static_cast<std::uint32_t>(states.memory);
  if (type == dialect.compilation_failure) {
    const auto* status = values.empty() ? nullptr : values[0].get<std::uint32_t>();
    if (status != nullptr && *status == lowMemoryStatus(dialect) && values.size() > 1)
      values[1] = std::uint64_t{memory};
    return;
  }
  const ServerStatePlaces places = serverStatePlaces(dialect, type);
  if (places.memory && *places.memory < values.size()) values[*places.memory] = objectOf(memory);
  if (places.threads && *places.threads < values.size())
    values[*places.threads] = objectOf(static_cast<std::uint32_t>(states.threads));
}

SaidServerStates saidServerStates(const Dialect& dialect, MessageView message) {
  if (message.type() == dialect.compilation_failure) return saidByFailure(dialect, message);
  const ServerStatePlaces places = serverStatePlaces(dialect, message.type());
  SaidServerStates said;
  if (!places.any()) return said;
  std::size_t index = 0;
  for (const DataPoint point : message.dataPoints()) {
    if (index == places.memory) said.memory = stateAt<ServerMemoryState>(point);
    if (index == places.threads) said.threads = stateAt<ServerActiveThreadsState>(point);
    ++index;
  }
  return said;
}

}  // namespace jitrig
