// Every release's server and every release's client: how an incompatible client is answered, and what it
// makes of that. Its own numbers are what it reads the answer with (semantics.md, section 5).

#include <fmt/format.h>
#include <map>
#include <string_view>

#include "protocol/catalogue/catalogue.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/personas_test_support.h"

namespace jitrig::test {
namespace {

/// Releases that say "incompatible" with the same number and as many data points.
struct Era {
  std::string_view last_release;
  std::uint32_t incompatible;
  std::size_t data_points;
};
constexpr Era kEras[] = {{"0.20.0", 56, 1}, {"0.23.0", 58, 1}, {"0.24.0", 59, 1},
                         {"0.32.0", 64, 2}, {"0.51.0", 51, 2}, {"head", 52, 2}};

/// In the order in which they came out.
const std::vector<std::shared_ptr<const Dialect>>& dialects() {
  static const auto kDialects = [] {
    std::vector<std::shared_ptr<const Dialect>> all;
    for (const std::string& name : Catalogue::builtIn().releases()) {
      const auto table = Catalogue::builtIn().table(name, Build::openjdk).value();
      all.push_back(Dialect::make(table, table->release().defaultVersion()).value());
    }
    return all;
  }();
  return kDialects;
}

const std::string& nameOf(const Dialect& dialect) {
  return dialect.table->release().name;
}

const Era& eraOf(const Dialect& dialect) {
  std::size_t era = 0;
  for (const auto& each : dialects()) {
    if (nameOf(*each) == nameOf(dialect)) break;
    if (nameOf(*each) == kEras[era].last_release) ++era;
  }
  return kEras[era];
}

/// What a client does about a refusal.
enum class Reaction : std::uint8_t {
  isServed,
  leavesItAlone,      ///< understood: nothing remote for ten seconds
  connectsAnew,       ///< takes it for a message of the wrong type, at once and for each attempt
  keepsItsStream,     ///< takes it for something else, and goes on with a stream that the server has closed
  retriesOnItsStream  ///< the same for a lost message: the method is tried again there
};

Reaction expectedReaction(const Dialect& server, const Dialect& client) {
  if (server.announced == client.announced) return Reaction::isServed;
  // A failure with another number of data points than it expects is a message of the wrong form.
  if (eraOf(server).data_points != eraOf(client).data_points) return Reaction::connectsAnew;
  const std::uint32_t answered = eraOf(server).incompatible;
  if (answered == eraOf(client).incompatible) return Reaction::leavesItAlone;
  const std::string_view read = client.table->release().statusName(answered).value_or("");
  if (read == "compilationStreamMessageTypeMismatch") return Reaction::connectsAnew;
  if (read == "compilationStreamLostMessage" || read == "compilationStreamFailure")
    return Reaction::retriesOnItsStream;
  return Reaction::keepsItsStream;
}

/// What became of the attempts, one letter each: compiled, local, failed or terminated; a capital where it
/// had a connection of its own.
std::string attemptsOf(const ClientReports& reports) {
  std::string letters;
  for (const CompilationReport& report : reports.compilations) {
    const char letter = toString(report.result).front();
    letters += static_cast<char>(report.connected.step != 0 ? letter - 'a' + 'A' : letter);
  }
  return letters;
}

std::string expectedAttempts(const Dialect& server, const Dialect& client) {
  const bool is_misread = eraOf(server).data_points != eraOf(client).data_points;
  switch (expectedReaction(server, client)) {
    case Reaction::isServed: return "Ccc";
    case Reaction::leavesItAlone: return "Flll";
    case Reaction::connectsAnew: return is_misread ? "TTTTTTTTT" : "FFFFFFFFF";
    case Reaction::keepsItsStream: return "FtFtF";
    case Reaction::retriesOnItsStream: return "FtFtFtFtF";
  }
  return "";
}

class ReleaseMatrix : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// Three methods of a client that lives as the real one.
  static ClientReports playOne(Runtime& runtime, const std::shared_ptr<const Dialect>& dialect) {
    FakeVMOptions options;
    options.dialect = dialect;
    options.server = {"127.0.0.1", 38400};
    options.compilations = 3;
    options.life.life = ClientLife::asReal;
    ClientReports reports;
    DefaultFrontend frontend(dialect);
    FakeVM(runtime, options, frontend, reports).run();
    return reports;
  }
};

TEST_P(ReleaseMatrix, ClientsOfAllReleasesTakeItsRefusalAsTheyRead) {
  const std::shared_ptr<const Dialect> dialect = dialects()[GetParam()];
  EXPECT_EQ(dialect->status_version_incompatible, eraOf(*dialect).incompatible);
  EXPECT_EQ(dialect->compilation_failure_arity, eraOf(*dialect).data_points);
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 38400}, .health_port = std::nullopt};
    options.dialect = dialect;
    options.script = defaultScript(*dialect);
    ServerReports server(runtime);
    const auto compiler = FakeCompiler::make(runtime, options, server).value();
    compiler->start();
    for (const auto& client : dialects()) {
      // Some releases share a number although their messages differ (bugs.md, V4): nobody refuses there.
      if (client != dialect && client->announced == dialect->announced) continue;
      const ClientReports reports = playOne(runtime, client);
      EXPECT_EQ(attemptsOf(reports), expectedAttempts(*dialect, *client)) << "client of " << nameOf(*client);
      if (client->announced == dialect->announced) continue;
      const std::string answered = fmt::format("; answered status {}", eraOf(*dialect).incompatible);
      const auto is_answer = ::testing::Field(&StreamEndReport::detail, ::testing::EndsWith(answered));
      server.waitForEnds(1);
      EXPECT_THAT(server.takeEnds(), ::testing::Contains(is_answer));
    }
    compiler->stop();
  });
}

std::string serverName(const ::testing::TestParamInfo<std::size_t>& tested) {
  std::string name = nameOf(*dialects()[tested.param]);
  std::ranges::replace(name, '.', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(, ReleaseMatrix, ::testing::Range(std::size_t{0}, dialects().size()), serverName);

/// The cases that semantics.md names.
TEST(ReleaseMatrixCases, AreThoseOfTheSpecification) {
  const auto reaction = [](std::string_view server, std::string_view client) {
    const auto named = [](std::string_view name) {
      return *std::ranges::find(dialects(), name, [](const auto& each) { return nameOf(*each); });
    };
    return expectedReaction(*named(server), *named(client));
  };
  EXPECT_EQ(dialects().size(), 43U);
  EXPECT_EQ(reaction("0.25.0", "0.24.0"), Reaction::connectsAnew);  // one data point, two came
  EXPECT_EQ(reaction("head", "0.33.0"), Reaction::keepsItsStream);  // 52: compilationStreamInterrupted
  EXPECT_EQ(reaction("0.53.0", "0.51.0"), Reaction::keepsItsStream);
  EXPECT_EQ(reaction("0.51.0", "0.53.0"),
            Reaction::connectsAnew);  // 51: compilationStreamMessageTypeMismatch
  EXPECT_EQ(reaction("0.33.0", "head"), Reaction::connectsAnew);
  EXPECT_EQ(reaction("0.60.0", "head"), Reaction::leavesItAlone);
  EXPECT_EQ(reaction("0.20.0", "0.21.0"), Reaction::retriesOnItsStream);  // 56: compilationStreamLostMessage
}

}  // namespace
}  // namespace jitrig::test
