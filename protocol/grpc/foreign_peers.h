#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitrig {

/// A client and a server as anybody would write them who has compile_service.proto and gRPC's tutorial, and
/// nothing of ours: plain, synchronous, with the generated classes.
class ForeignClient {
 public:
  explicit ForeignClient(std::uint16_t port);
  ~ForeignClient();

  /// A message whose values are these. False: the call is over.
  bool write(bool status, const std::vector<std::uint64_t>& values);
  /// The server's message as protobuf prints it on one line; nullopt: the call is over.
  std::optional<std::string> read();
  void writesDone();
  void cancel();
  /// Its status: "0 ", "1 why" for CANCELLED.
  std::string finish();

  /// What HelloService answers; the status if it does not.
  std::string hello(const std::string& x);
  /// What the health service answers for `service` on the wire.
  std::string health(const std::string& service);
  /// What reflection answers to the question for the schema of a symbol, or for all services, on the wire.
  std::string reflection(const std::string& symbol = "");

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a ForeignServer does with a call.
class ForeignServerCall {
 public:
  virtual ~ForeignServerCall() = default;
  /// As ForeignClient::read.
  virtual std::optional<std::string> read() = 0;
  virtual bool write(std::int32_t type, const std::vector<std::uint64_t>& values) = 0;
};

/// On a free port of 127.0.0.1. The number that `serve` returns becomes the status of the call.
class ForeignServer {
 public:
  explicit ForeignServer(std::function<int(ForeignServerCall&)> serve);
  ~ForeignServer();
  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jitrig
