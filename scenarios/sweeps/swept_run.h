#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakecompiler/fake_compiler.h"
#include "fakevm/fake_vm.h"
#include "scenarios/fault/fault.h"
#include "scenarios/sweeps/swept_conversation.h"

namespace jitrig {

/// A world of a sweep while it runs, for what happens besides.
struct SweptWorld {
  Runtime& runtime;
  FakeCompiler& server;
  std::uint64_t victim_uid = 0;
  /// One more connection to the server, without TLS if `plain`.
  std::function<std::unique_ptr<ByteStream>(bool plain)> connect;
};

/// How a run of a sweep differs from one in which nothing goes wrong.
struct SweptRunOptions {
  using Decorate = std::function<std::unique_ptr<ByteStream>(Runtime&, std::unique_ptr<ByteStream>)>;

  std::uint64_t seed = 1;
  bool tls = false;
  std::vector<FaultSpec> faults{};  ///< around the victim's end of its connections
  /// What the victim does about a query of the swept compilation, instead of answering: its number, from 1.
  /// It may throw, as a front end may.
  std::function<std::optional<Answer>(SweptWorld&, std::uint64_t query)> on_query{};
  /// Called at each query of the compilation that the victim begins next.
  std::function<void(SweptWorld&)> on_query_of_next{};
  /// Around the victim's end of its connections, within the faults.
  Decorate decorate{};
  /// Who speaks to the server in the victim's place, without being one of our clients.
  std::function<void(SweptWorld&)> strange_client{};
  /// Who takes the victim's first connection in the server's place; later ones are the server's.
  std::function<void(SweptWorld&, std::unique_ptr<ByteStream>)> strange_server{};
  /// The strange peer does its part of the TLS handshake, where there is one; otherwise it speaks below TLS.
  bool stranger_speaks_tls = true;
};

/// What came of it.
struct SweptRun {
  std::vector<CompilationReport> victim;               ///< the conversation's compilations
  std::vector<CompilationReport> bystander;            ///< of a client that compiles at the same time
  std::vector<CompilationReport> fresh;                ///< of one that comes at the end
  std::vector<ServerCompilationReport> server_victim;  ///< what the server says of the victim's
  std::vector<StreamEndReport> stream_ends;            ///< at the server
  std::uint64_t faults_fired = 0;
  std::uint64_t messages = 0;
  std::uint64_t logical_digest = 0;
  /// What must hold in every such run and does not: a finding of judge(), a world that did not end, another
  /// client that was not served.
  std::vector<std::string> problems;
};

/// One simulated world: a server; a client that plays the conversation, and to whom it happens; another
/// client besides; a fresh one at the end.
SweptRun runSwept(const SweptConversation& conversation, const SweptRunOptions& options);

/// Puts them behind those that are there.
void append(std::vector<std::string>& problems, const std::vector<std::string>& more);

/// What is wrong if each compilation of the victim but that one (an index) must be compiled as recorded.
std::vector<std::string> othersUntouched(const SweptRun& run, const SweptConversation& conversation,
                                         std::optional<std::size_t> except);

}  // namespace jitrig
