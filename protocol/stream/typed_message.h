#pragma once

#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

#include "protocol/catalogue/catalogue.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/server_stream.h"

/// Typed use of the messages declared in protocol/catalogue/messages.h (head, JDK 17+): request and reply
/// types are declared once and used by both sides, so that a mismatch between the two does not compile.
namespace jitrig {

/// Throws std::logic_error if the stream speaks another release or build than the typed messages are of:
/// their numbers would mean something else there.
inline void requireTypedDialect(const Dialect& dialect) {
  const MessageTable& table = *dialect.table;
  if (table.release().name == Catalogue::kDefaultRelease && table.build() == Build::openjdk) return;
  throw std::logic_error("typed messages are those of head, openjdk build; this stream speaks " +
                         table.release().name + ", " + toString(table.build()) + " build");
}

/// Server: asks and waits for the answer.  auto [is_array] = query<head::VM_isClassArray>(stream, clazz);
template <class M, class... T>
typename M::Reply query(ServerStream& stream, const T&... args) {
  static_assert(std::is_same_v<std::tuple<T...>, typename M::Request>,
                "The arguments are not the data points that this message's request has in the catalogue.");
  requireTypedDialect(stream.dialect());
  stream.write(M::kNumber, args...);
  return [&stream]<class... R>(std::type_identity<std::tuple<R...>>) {
    return stream.read<R...>();
  }(std::type_identity<typename M::Reply>{});
}

/// Server: the next request. Throws as ServerStream::readCompileRequest does.
///   const auto request = readRequest<head::compilationRequest>(stream);
template <class M>
typename M::Request readRequest(ServerStream& stream) {
  requireTypedDialect(stream.dialect());
  return [&stream]<class... R>(std::type_identity<std::tuple<R...>>) {
    return stream.readCompileRequest<R...>();
  }(std::type_identity<typename M::Request>{});
}

/// Server: the message that ends the compilation, with all its data points at once: a tuple made with {}
/// holds zeros, so only what matters need be set.
///   head::compilationCode::Request result{};
///   std::get<0>(result) = code;
///   finish<head::compilationCode>(stream, result);
template <class M>
void finish(ServerStream& stream, const typename M::Request& data_points) {
  requireTypedDialect(stream.dialect());
  std::apply([&stream](const auto&... each) { stream.write(M::kNumber, each...); }, data_points);
}

/// Client: the data points of the query that was read last.
template <class M>
typename M::Request received(const ClientStream& stream) {
  requireTypedDialect(stream.dialect());
  return [&stream]<class... R>(std::type_identity<std::tuple<R...>>) {
    return stream.getRecvData<R...>();
  }(std::type_identity<typename M::Request>{});
}

/// Client: answers it.  reply<head::VM_isClassArray>(stream, true);
template <class M, class... T>
void reply(ClientStream& stream, const T&... args) {
  static_assert(std::is_same_v<std::tuple<T...>, typename M::Reply>,
                "The arguments are not the data points that this message's reply has in the catalogue.");
  requireTypedDialect(stream.dialect());
  stream.write(M::kNumber, args...);
}

}  // namespace jitrig
