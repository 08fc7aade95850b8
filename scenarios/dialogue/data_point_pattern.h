#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "protocol/wire/args_raw.h"
#include "protocol/wire/serializable.h"
#include "protocol/wire/value.h"

namespace jitrig::dialogue {

/// A data point that may be anything. Only where a message is expected: it cannot be sent.
struct Anything {};
inline constexpr Anything kAnything{};

/// The last in a list of data points: all further ones. Where a message is expected they may be anything;
/// where it is sent they have the catalogue's types, and are zero, false or empty.
struct TheRest {};
inline constexpr TheRest kTheRest{};

/// What a Placeholder and its copies share.
struct PlaceholderState {
  std::string name;
  bool (*fits)(const Value& value) = nullptr;  ///< it can be read as the placeholder's type
  std::optional<Value> value;                  ///< as soon as it is known
};

/// One C++ value as the data point that it would be on the wire.
template <Serializable T>
Value toDataPoint(const T& data) {
  Message message(0);
  setArgs(message, data);
  return toValue(*message.dataPoints().begin());
}

/// The reverse; nullopt if it is of another type.
template <Serializable T>
std::optional<T> fromDataPoint(const Value& value) {
  Message message(0);
  addValue(message, value);
  auto values = getArgs<T>(message);
  if (!values) return std::nullopt;
  return std::move(std::get<0>(*values));
}

/// A data point that is not known beforehand. Where it is expected for the first time it takes whatever value
/// of type T comes; from then on it stands for that value, in what is expected and in what is sent. Copies
/// share the value. Read it when the dialogue has been played that far; not thread-safe.
template <Serializable T>
class Placeholder {
 public:
  /// `name` is for people: "client UID".
  explicit Placeholder(std::string name)
      : state_(std::make_shared<PlaceholderState>(PlaceholderState{
            std::move(name), [](const Value& value) { return fromDataPoint<T>(value).has_value(); },
            std::nullopt})) {}

  bool known() const { return state_->value.has_value(); }

  /// Throws std::logic_error, with its name, as long as it is not known.
  T operator*() const {
    if (!known()) throw std::logic_error("the placeholder <" + state_->name + "> has met no data point yet");
    return *fromDataPoint<T>(*state_->value);
  }

  const std::shared_ptr<PlaceholderState>& state() const { return state_; }

 private:
  std::shared_ptr<PlaceholderState> state_;
};

/// What Value is made of and C++ has no type for, and Value itself.
template <class T>
inline constexpr bool kIsValue =
    std::is_same_v<T, Value> || std::is_same_v<T, Value::String> || std::is_same_v<T, Value::Object> ||
    std::is_same_v<T, Value::SimpleVector> || std::is_same_v<T, Value::EmptyVector> ||
    std::is_same_v<T, Value::Vector> || std::is_same_v<T, Value::Tuple>;

/// What a line of a dialogue says of one data point: exactly this, a Placeholder, or kAnything.
class DataPointPattern {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a list of data points reads as a list of values
  template <class T>
    requires kIsValue<T>
  DataPointPattern(const T& value) : what_(Value(value)) {}
  DataPointPattern(const char* text) : what_(Value(Value::String{text})) {}
  template <Serializable T>
    requires(!std::is_empty_v<T>)  // nothing to send; among them Value::EmptyVector, Anything, TheRest
  DataPointPattern(const T& data) : what_(toDataPoint(data)) {}
  template <Serializable T>
  DataPointPattern(const Placeholder<T>& placeholder) : what_(placeholder.state()) {}
  DataPointPattern(Anything anything) : what_(anything) {}
  DataPointPattern(TheRest rest) : what_(rest) {}
  // NOLINTEND(google-explicit-constructor)

  bool isRest() const { return std::holds_alternative<TheRest>(what_); }

  /// Whether the data point is as expected. A Placeholder that is not known yet takes it.
  bool meet(const Value& found) const;

  /// What is to be sent; the error says why it is not known.
  std::expected<Value, std::string> toSend() const;

  /// "bool(true)", "<client UID>", "<client UID> = uint64(4711)", "anything", "…".
  std::string text() const;

 private:
  std::variant<Value, std::shared_ptr<PlaceholderState>, Anything, TheRest> what_;
};

}  // namespace jitrig::dialogue
