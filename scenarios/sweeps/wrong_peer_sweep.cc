#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/sweeps/all_sweeps.h"
#include "scenarios/sweeps/strange_peers.h"
#include "scenarios/sweeps/swept_run.h"

namespace jitrig {
namespace {

constexpr std::array<SweepAxis, 2> kAxes{{
    {"to", "server: the stranger comes to its port; client: it listens where the server should"},
    {"peer", "who that is: http_get, ssh_banner, echo, silence, …"},
}};

using Problems = std::vector<std::string>;
using Manner = StrangePeer::Manner;

/// More than every timeout of the personas: who has not ended the connection by then never does.
constexpr Duration kPatience = std::chrono::seconds(100);

/// Plays the peer until the connection has ended. nullopt: it has not. Otherwise what was heard on it.
std::optional<std::string> playPeer(Runtime& runtime, ByteStream& stream, const StrangePeer& peer) {
  const Instant until = runtime.now() + kPatience;
  std::string heard;
  std::array<std::byte, 4096> buffer{};
  const auto speak = [&] {
    static_cast<void>(writeAll(stream, std::as_bytes(std::span(peer.bytes)), until));
    if (peer.manner == Manner::closes) static_cast<void>(stream.closeWrite());
    if (peer.manner == Manner::resets) stream.reset();
  };
  if (peer.speaks_first) speak();
  while (true) {
    const auto count = stream.readSome(buffer, until);
    if (!count) return count.error().code == NetErrc::timedOut ? std::nullopt : std::optional(heard);
    const auto bytes = std::span(buffer).first(*count);
    const bool first = heard.empty();
    heard.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (peer.manner == Manner::echoes) static_cast<void>(writeAll(stream, bytes, until));
    if (first && !peer.speaks_first && peer.manner != Manner::echoes) speak();
  }
}

/// A stranger that hears nothing and says nothing is only a silence.
bool isOrderly(const StrangePeer& peer) {
  return peer.bytes.empty() && peer.manner == Manner::closes;
}

SweepVerdict comeToServer(const SweptConversation& conversation, const SweepOptions& options,
                          const StrangePeer& peer) {
  Problems problems;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.strange_client = [&](SweptWorld& world) {
    const auto stream = world.connect(true);
    const auto heard = playPeer(world.runtime, *stream, peer);
    if (!heard) problems.push_back("the server does not end the connection");
    // With TLS an alert may say what it thinks of that.
    if (heard && !heard->empty() && !options.tls)
      problems.push_back(fmt::format("the server says {} bytes", heard->size()));
  };
  const SweptRun run = runSwept(conversation, run_options);
  append(problems, run.problems);
  const auto told = std::ranges::find_if(
      run.stream_ends, [](const StreamEndReport& end) { return end.failure && !end.detail.empty(); });
  if (told == run.stream_ends.end() && !isOrderly(peer) && peer.manner != Manner::resets) {
    problems.push_back("the server reports no stream that failed");
  }
  if (told != run.stream_ends.end() && isOrderly(peer)) {
    problems.push_back("the server takes a probe for a stream that failed: " + told->detail);
  }
  if (!run.server_victim.empty()) problems.push_back("the server reports a compilation");
  return {.problems = std::move(problems), .messages = run.messages};
}

SweepVerdict listenForClient(const SweptConversation& conversation, const SweepOptions& options,
                             const StrangePeer& peer) {
  Problems problems;
  SweptRunOptions run_options{.seed = options.seed, .tls = options.tls};
  run_options.stranger_speaks_tls = false;
  run_options.strange_server = [&](SweptWorld& world, std::unique_ptr<ByteStream> stream) {
    if (!playPeer(world.runtime, *stream, peer)) problems.push_back("the client does not end the connection");
  };
  const SweptRun run = runSwept(conversation, run_options);
  append(problems, run.problems);
  append(problems, othersUntouched(run, conversation, 0));
  // Without a handshake there is no connection, and the method is compiled by the VM itself.
  const auto expected = options.tls ? CompilationResult::local : CompilationResult::terminated;
  for (const CompilationReport& report : run.victim) {
    if (report.number != 0 || (report.result == expected && !report.detail.empty())) continue;
    problems.push_back(fmt::format("the first compilation is {}, expected {}: {}", toString(report.result),
                                   toString(expected), report.detail));
  }
  return {.problems = std::move(problems), .messages = run.messages};
}

std::vector<SweepPoint> points(const SweptConversation& conversation, const SweepOptions& options) {
  std::vector<SweepPoint> all;
  for (const StrangePeer& peer : strangePeers()) {
    all.push_back(
        {.coordinates = {{"to", "server"}, {"peer", std::string(peer.name)}},
         .run = [&conversation, options, &peer] { return comeToServer(conversation, options, peer); }});
    all.push_back(
        {.coordinates = {{"to", "client"}, {"peer", std::string(peer.name)}},
         .run = [&conversation, options, &peer] { return listenForClient(conversation, options, peer); }});
  }
  return all;
}

}  // namespace

constinit const Sweep kWrongPeerSweep{
    .name = "wrong-peer",
    .sentence =
        "Somebody who speaks another protocol, or none, comes to the server, and waits for the client: the "
        "connection is ended in words within its timeout, and nobody else notices.",
    .axes = kAxes,
    .points = points};

}  // namespace jitrig
