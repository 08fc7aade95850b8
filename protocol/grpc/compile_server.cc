#include "protocol/grpc/compile_server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "protocol/grpc/compile_server_stream.h"
#include "protocol/grpc/grpc_server.h"
#include "protocol/grpc/server_call.h"

namespace jitrig {

class CompileServer::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(Runtime& runtime, const CompileServerOptions& options, ConnectionDispatcher& dispatcher,
       std::unique_ptr<GrpcServer> server)
      : runtime_(runtime),
        options_(options),
        dispatcher_(dispatcher),
        local_name_(toString(Endpoint{options.endpoint.host, server->port()})),
        mutex_(runtime.makeMutex("gRPC server")),
        arrived_(runtime.makeCondition("gRPC server")),
        server_(std::move(server)) {
    const auto request = [this](grpc::ServerContext* context, ServerCallStream::Stream* stream,
                                grpc::CompletionQueue* queue, const ServerCallStream& which) {
      return server_->requestCompile(context, stream, queue, which.number());
    };
    for (std::size_t number = 0; number < options.streams; ++number) {
      streams_.push_back(std::make_unique<ServerCallStream>(
          runtime, number, std::chrono::milliseconds(options.finish_timeout_ms), request));
    }
  }

  void start() {
    if (listener_) throw std::logic_error("CompileServer::start: it was started before");
    for (const auto& stream : streams_) stream->renew();
    listener_ = runtime_.spawn("gRPC listener", [this] { listen(); });
    dispatch_ = runtime_.spawn("gRPC dispatch", [this] { dispatch(); });
  }

  void stop() {
    {
      const Lock lock(*mutex_);
      if (std::exchange(stopping_, true)) return;
      arrived_->notifyAll();
    }
    server_->shutdown(cancelOpenCalls() + std::chrono::milliseconds(options_.last_answer_grace_ms));
    if (listener_) listener_->join();
    for (ServerCallStream* stream : takeArrived()) stream->end();
    if (dispatch_) dispatch_->join();
  }

  std::uint16_t port() const { return server_->port(); }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t renewals() const { return renewals_; }

 private:
  /// When the last call ended; kAtOnce if there was none.
  Instant cancelOpenCalls() {
    Instant last_end = kAtOnce;
    for (const auto& stream : streams_)
      last_end = std::max(last_end, stream->cancelUnlessFinished().value_or(kAtOnce));
    return last_end;
  }

  /// Waits for new calls, and tells the dispatch thread whose they are. One that comes while the server stops
  /// is nobody's.
  void listen() {
    while (const auto arrival = server_->next()) {
      ServerCallStream& stream = *streams_.at(arrival->number);
      if (!arrival->is_call) {
        stream.dismiss();
        continue;
      }
      stream.accept();
      ++calls_;
      if (!arrive(stream)) stream.end();
    }
  }

  /// False: nobody takes it any more.
  bool arrive(ServerCallStream& stream) {
    const Lock lock(*mutex_);
    if (stopping_) return false;
    arrivals_.push_back(&stream);
    arrived_->notifyAll();
    return true;
  }

  void dispatch() {
    while (true) {
      ServerCallStream* stream = nullptr;
      {
        Lock lock(*mutex_);
        arrived_->wait(lock, kNever, [this] { return stopping_ || !arrivals_.empty(); });
        if (stopping_) return;
        stream = arrivals_.front();
        arrivals_.pop_front();
      }
      handOver(*stream);
    }
  }

  void handOver(ServerCallStream& stream) {
    std::string name = stream.streamName();
    // A client's connection has any number of calls: each is a stream with a name of its own.
    if (name.empty()) name = fmt::format("{} call {}", stream.peerName(), ++handed_over_);
    auto call = std::make_unique<ServerCall>(
        stream, [core = shared_from_this()](ServerCallStream& ended) { core->renew(ended); });
    dispatcher_.onConnection(std::make_unique<CompileServerStream>(
        runtime_, std::move(call), local_name_, std::move(name), options_.announced_version));
  }

  /// For the next call, unless the server has stopped.
  void renew(ServerCallStream& stream) {
    if (stream.renew()) {
      ++renewals_;
    } else {
      stream.dismiss();
    }
  }

  std::deque<ServerCallStream*> takeArrived() {
    const Lock lock(*mutex_);
    return std::exchange(arrivals_, {});
  }

  Runtime& runtime_;
  const CompileServerOptions options_;
  ConnectionDispatcher& dispatcher_;
  const std::string local_name_;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> renewals_ = 0;
  std::uint64_t handed_over_ = 0;  ///< by the dispatch thread
  std::unique_ptr<Mutex> mutex_;   // guards the two below
  std::deque<ServerCallStream*> arrivals_;
  bool stopping_ = false;
  std::unique_ptr<Condition> arrived_;
  std::unique_ptr<GrpcServer> server_;
  std::vector<std::unique_ptr<ServerCallStream>> streams_;  // by number
  std::unique_ptr<Task> listener_;
  std::unique_ptr<Task> dispatch_;
};

NetResult<std::unique_ptr<CompileServer>> CompileServer::make(Runtime& runtime,
                                                              const CompileServerOptions& options,
                                                              ConnectionDispatcher& dispatcher) {
  auto server = GrpcServer::make(runtime, options);
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<CompileServer>(
      new CompileServer(std::make_shared<Core>(runtime, options, dispatcher, std::move(*server))));
}

CompileServer::~CompileServer() {
  try {
    stop();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the dispatcher's, which stop() would
                                     // have told
  }
}

void CompileServer::start() {
  core_->start();
}

void CompileServer::stop() {
  core_->stop();
}

std::uint16_t CompileServer::port() const {
  return core_->port();
}

std::uint64_t CompileServer::calls() const {
  return core_->calls();
}

std::uint64_t CompileServer::renewals() const {
  return core_->renewals();
}

}  // namespace jitrig
