#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jitrig {

/// What a VM does about a method whose compilation the server did not end with code.
enum class ClientLife : std::uint8_t {
  /// Nothing: one request per method, whatever becomes of it; the next method connects anew where it must.
  oneTry,
  /// What the real client does (semantics.md, section 5): up to three attempts, each remote or local by what
  /// is known of the server.
  asReal,
};

/// "one_try", "as_real", and back.
std::string_view toString(ClientLife life);
std::optional<ClientLife> parseClientLife(std::string_view name);

/// How many attempts a method has (MAX_COMPILE_ATTEMPTS).
inline constexpr std::uint32_t kMaxCompileAttempts = 3;

/// How a client that lives as the real one deals with servers that fail.
struct ClientLifeOptions {
  ClientLife life = ClientLife::oneTry;
  /// Doubled with every failure that comes after a wait was over, so the first wait is twice as long.
  std::int64_t reconnect_wait_ms = 1'000;
  /// nullopt: there is none, as with the real client.
  std::optional<std::int64_t> max_reconnect_wait_ms = std::nullopt;
  /// The first stream failure ends the VM (-XX:+RequireJITServer).
  bool require_server = false;
  /// No server is asked: every method is compiled locally (-XX:-UseJITServer,
  /// TR_SuppressAllRemoteCompilations).
  bool suppress_remote = false;
  /// How long a server is left alone that called the version incompatible.
  std::int64_t incompatible_pause_ms = 10'000;
};

}  // namespace jitrig
