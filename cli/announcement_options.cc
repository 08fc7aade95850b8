#include "cli/announcement_options.h"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "cli/exit_status.h"
#include "scenarios/file/older_generation.h"

namespace jitrig {
namespace {

struct ArchitectureName {
  std::string_view name;
  Architecture architecture;
};

constexpr std::array<ArchitectureName, 7> kArchitectures{{{"x86", Architecture::x86},
                                                          {"ppcle", Architecture::powerLE},
                                                          {"ppcbe", Architecture::powerBE},
                                                          {"z", Architecture::z},
                                                          {"arm", Architecture::arm},
                                                          {"arm64", Architecture::arm64},
                                                          {"none", Architecture::none}}};
constexpr const char* kArchitectureNames = "x86|ppcle|ppcbe|z|arm|arm64|none";

constexpr unsigned kDefaultJdkOpenjdk = 17;
constexpr unsigned kDefaultJdkJ9 = 11;

[[noreturn]] void throwWrongUsage(const std::string& message) {
  throw CommandError(ExitStatus::wrongUsage, message);
}

Architecture parseArchitecture(const std::string& text) {
  for (const ArchitectureName& known : kArchitectures) {
    if (known.name == text) return known.architecture;
  }
  throwWrongUsage(fmt::format("--arch: unknown architecture '{}'; expected {}", text, kArchitectureNames));
}

/// "0x3011" or "12305".
std::uint32_t parseConfig(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = text.substr(is_hex ? 2 : 0);
  std::uint32_t word = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), word, is_hex ? 16 : 10);
  if (digits.empty() || end != digits.data() + digits.size() || error != std::errc{}) {
    throwWrongUsage(fmt::format("--config: '{}' is no 32-bit number; expected 0x3011 for instance", text));
  }
  return word;
}

Configuration makeConfiguration(const AnnouncementOptions& options, Build build) {
  const unsigned default_jdk = build == Build::j9 ? kDefaultJdkJ9 : kDefaultJdkOpenjdk;
  const Configuration configuration{options.jdk.value_or(default_jdk), !options.no_compressed_refs,
                                    options.arch ? parseArchitecture(*options.arch) : Architecture::x86};
  if (configuration.java_version == 0 || configuration.java_version > Configuration::kMaxJavaVersion) {
    throwWrongUsage(fmt::format("--jdk: {} is not between 1 and {}", configuration.java_version,
                                Configuration::kMaxJavaVersion));
  }
  return configuration;
}

}  // namespace

void addAnnouncementOptions(CLI::App& verb, AnnouncementOptions& options) {
  verb.add_option("--jdk", options.jdk, "Java version to announce; 17, or 11 for --build j9, if not given")
      ->type_name("N");
  verb.add_flag("--no-compressed-refs", options.no_compressed_refs,
                "announce a JVM without compressed references");
  verb.add_option("--arch", options.arch,
                  "architecture to announce; x86 if not given. Releases up to 0.60.0 do not announce it")
      ->type_name(kArchitectureNames);
  verb.add_option("--config", options.config,
                  "the whole configuration word instead: Java version, 0x1000 for compressed references, "
                  "architecture from bit 13 on")
      ->type_name("0x3011");
}

FullVersion announcedVersion(const AnnouncementOptions& options, const Release& release, Build build) {
  if (!options.config) return release.fullVersion(makeConfiguration(options, build));
  if (options.jdk || options.no_compressed_refs || options.arch) {
    throwWrongUsage(
        "--config is the whole configuration: give it without --jdk, --no-compressed-refs and --arch");
  }
  return {release.versionWord(), parseConfig(*options.config)};
}

std::shared_ptr<const Dialect> loadDialect(const ReleaseOptions& release_options,
                                           const AnnouncementOptions& announcement_options,
                                           const ProtocolOptions& protocol_options) {
  if (isOlderGeneration(protocol_options)) {
    auto older =
        olderGenerationDialect({.release = protocol_options.is_release_given ? release_options.release : "",
                                .announced =
                                    [&](const Release& release) {
                                      return announcedVersion(announcement_options, release, Build::j9);
                                    },
                                .ignore_tags = protocol_options.ignore_tags});
    if (!older) throw CommandError(ExitStatus::wrongUsage, "--protocol jitaas: " + older.error());
    return std::move(*older);
  }
  auto table = loadTable(release_options);
  const FullVersion announced = announcedVersion(announcement_options, table->release(), table->build());
  auto dialect = Dialect::make(std::move(table), announced);
  if (!dialect) throw CommandError(ExitStatus::wrongUsage, "--release: " + dialect.error());
  return std::move(*dialect);
}

}  // namespace jitrig
