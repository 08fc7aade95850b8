#include "scenarios/file/read_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/file/older_generation.h"

namespace jitrig::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

Scenario parsed(const std::string& text, const ScenarioReading& reading = {}) {
  auto scenario = readScenario(text, "dir/reset.yaml", reading);
  EXPECT_TRUE(scenario) << scenario.error() << "\n" << text;
  return scenario ? std::move(*scenario) : Scenario{};
}

TEST(ReadScenarioTest, AShortOneIsTheUsualServerAndVM) {
  const Scenario scenario = parsed("description: Nothing goes wrong.\n");
  EXPECT_EQ(scenario.name, "reset");
  EXPECT_EQ(scenario.description, "Nothing goes wrong.");
  ASSERT_THAT(scenario.servers, SizeIs(1));
  EXPECT_EQ(scenario.servers[0].name, "server");
  EXPECT_EQ(scenario.servers[0].port, 38400);
  EXPECT_FALSE(scenario.servers[0].script);
  ASSERT_THAT(scenario.vms, SizeIs(1));
  EXPECT_EQ(scenario.vms[0].server, "server");
  EXPECT_EQ(scenario.vms[0].dialect, defaultDialect());
  EXPECT_THAT(scenario.runtimes, ElementsAre(ScenarioRuntime::simulation));
  EXPECT_THAT(scenario.faults, IsEmpty());
  EXPECT_TRUE(scenario.fresh_client);
}

/// Where the build has no older generation, such a scenario is read as well, and not run.
TEST(ReadScenarioTest, OverGrpcAllSpeakItsRelease) {
  const Scenario scenario = parsed("description: Calls.\nruntimes: [grpc, grpc_tls]\n");
  EXPECT_THAT(scenario.runtimes, ElementsAre(ScenarioRuntime::grpc, ScenarioRuntime::grpcTls));
  OlderGenerationOptions older;
  older.release = kGrpcRelease;
  const auto known = olderGenerationDialect(older);
  const auto& expected = known ? (*known)->table->release() : defaultDialect()->table->release();
  EXPECT_EQ(scenario.servers[0].dialect->table->release().name, expected.name);
  EXPECT_EQ(scenario.vms[0].dialect, scenario.servers[0].dialect);
}

TEST(ReadScenarioTest, EndsWaitsAndCheckpoints) {
  const Scenario scenario = parsed(R"(
description: What time has to do with, and TLS.
runtimes: [tls]
waits: 0.01
servers:
  - {name: nobody, starts_ms: never}
  - {name: plain, tls: false}
vms:
  - {name: patient, life: as_real, until_compiled: 7, interval_ms: 100, incompatible_pause_ms: 50}
  - name: saved
    life: as_real
    tls: false
    suppress_remote: true
    goodbye_timeout_ms: 800
    checkpoint: {at_ms: 10, restores_ms: 20, allows_remote: true, copies: 3, tls: true, server: plain}
)");
  EXPECT_EQ(scenario.waits_ppm, 10'000U);
  EXPECT_TRUE(scenario.servers[0].never_starts);
  EXPECT_FALSE(scenario.servers[0].plain);
  EXPECT_TRUE(scenario.servers[1].plain);
  EXPECT_EQ(scenario.vms[0].until_compiled, 7U);
  EXPECT_EQ(scenario.vms[0].life.incompatible_pause_ms, 50);
  EXPECT_EQ(scenario.vms[0].goodbye_timeout_ms, 5'000);
  const ScenarioVM& saved = scenario.vms[1];
  EXPECT_TRUE(saved.plain);
  EXPECT_TRUE(saved.life.suppress_remote);
  EXPECT_EQ(saved.goodbye_timeout_ms, 800);
  ASSERT_TRUE(saved.checkpoint);
  EXPECT_EQ(saved.checkpoint->at_ms, 10);
  EXPECT_EQ(saved.checkpoint->restores_ms, 20);
  EXPECT_TRUE(saved.checkpoint->allows_remote);
  EXPECT_EQ(saved.checkpoint->copies, 3U);
  EXPECT_EQ(saved.checkpoint->plain, false);
  EXPECT_EQ(saved.checkpoint->server, "plain");
}

TEST(ReadScenarioTest, EverythingThatCanBeSaid) {
  const Scenario scenario = parsed(R"(
description: All of it.
covers: [R2, Q4]
runtimes: [simulation, simulated_tls]
first_seed: 17000000000000000000
seeds: 20
fresh_client: false
servers:
  - name: old
    release: 0.60.0
    build: j9
    threads: 7
    timeout_ms: 1000
    first_request_timeout_ms: 500
    stops_ms: 100
    max_connections: 3
    accept_any_version: yes
    script:
      compilations:
        - queries: [VM_isClassArray]
          end: failure
  - name: new
    jdk: 21
    arch: arm64
    compressed_refs: false
    port: 38400
    starts_ms: 200
vms:
  - name: seven
    server: new
    threads: 7
    compilations: 21
    count: 2
    starts_ms: 5
    timeout_ms: 700
    client_uid: 0x10
    interval_ms: 250
    life: as_real
    reconnect_wait_ms: 500
    max_reconnect_wait_ms: 8000
    require_server: true
    unloads_every: 5
  - {server: old, config: 0x1234, version: 7}
faults:
  - action: stall
    with: {duration_ms: 40000}
    from: server
    type: compilationCode
    message: 3
    message_of_compilation: 2
    compilation: 2
    connection: 1
    not_before_ms: 0
    not_after_ms: 90
    place: inside_payload
    probability: 0.25
    count: always
    enabled: false
  - {action: close, from: client, byte: 17}
network: {min_latency_us: 10, max_latency_us: 20, bandwidth_bytes_per_s: 1000, segmentation: no}
expect:
  compiled: 3
  seven.terminated: at least 1
  old.failed: 2 to 3
  faults: at most 9
  details: [reset]
  absent_details: [timeout]
  allowed_findings: [leaks]
  ends_within_ms: 5000
)",
                                   {.name = "fault/all", .folder = ""});
  EXPECT_EQ(scenario.name, "fault/all");
  EXPECT_THAT(scenario.covers, ElementsAre("R2", "Q4"));
  EXPECT_THAT(scenario.runtimes, ElementsAre(ScenarioRuntime::simulation, ScenarioRuntime::simulatedTls));
  EXPECT_EQ(scenario.first_seed, 17'000'000'000'000'000'000U);
  EXPECT_EQ(scenario.seeds, 20U);
  EXPECT_FALSE(scenario.fresh_client);

  ASSERT_THAT(scenario.servers, SizeIs(2));
  const ScenarioServer& old = scenario.servers[0];
  EXPECT_EQ(old.dialect->table->release().name, "0.60.0");
  EXPECT_EQ(old.dialect->table->build(), Build::j9);
  EXPECT_EQ(Configuration::fromWord(old.dialect->announced.config).java_version, 11U);
  EXPECT_EQ(old.compilation_threads, 7U);
  EXPECT_EQ(old.timeout_ms, 1000);
  EXPECT_EQ(old.first_request_timeout_ms, 500);
  EXPECT_EQ(old.stops_ms, 100);
  EXPECT_EQ(old.max_connections, 3U);
  EXPECT_TRUE(old.accept_any_version);
  ASSERT_TRUE(old.script);
  EXPECT_THAT(old.script->compilations, SizeIs(1));
  const Configuration announced = Configuration::fromWord(scenario.servers[1].dialect->announced.config);
  EXPECT_EQ(announced, (Configuration{21, false, Architecture::arm64}));
  EXPECT_EQ(scenario.servers[1].starts_ms, 200);

  ASSERT_THAT(scenario.vms, SizeIs(2));
  const ScenarioVM& seven = scenario.vms[0];
  EXPECT_EQ(seven.server, "new");
  EXPECT_EQ(seven.dialect, scenario.servers[1].dialect)
      << "unless it says otherwise, a VM speaks as its server";
  EXPECT_EQ(seven.compilation_threads, 7U);
  EXPECT_EQ(seven.compilations, 21U);
  EXPECT_EQ(seven.count, 2U);
  EXPECT_EQ(seven.starts_ms, 5);
  EXPECT_EQ(seven.timeout_ms, 700);
  EXPECT_EQ(seven.client_uid, 16U);
  EXPECT_EQ(scenario.vms[1].name, "vm2");
  EXPECT_EQ(scenario.vms[1].dialect->table->release().name, "0.60.0");
  EXPECT_EQ(scenario.vms[1].dialect->announced, (FullVersion{7, 0x1234}));
  EXPECT_EQ(scenario.vms[0].interval_ms, 250);
  EXPECT_EQ(scenario.vms[0].life.life, ClientLife::asReal);
  EXPECT_EQ(scenario.vms[0].life.reconnect_wait_ms, 500);
  EXPECT_EQ(scenario.vms[0].life.max_reconnect_wait_ms, 8000);
  EXPECT_TRUE(scenario.vms[0].life.require_server);
  EXPECT_EQ(scenario.vms[0].class_events.unloads_every, 5U);
  EXPECT_EQ(scenario.vms[1].life.life, ClientLife::oneTry);

  ASSERT_THAT(scenario.faults, SizeIs(2));
  const FaultSpec& stall = scenario.faults[0];
  EXPECT_EQ(stall.action, "stall");
  EXPECT_EQ(stall.parameters.at("duration_ms"), "40000");
  EXPECT_EQ(stall.trigger.direction, Direction::server);
  EXPECT_EQ(stall.trigger.type, old.dialect->compilation_code) << "a message type of the first server";
  EXPECT_EQ(stall.trigger.message, 3U);
  EXPECT_EQ(stall.trigger.message_of_compilation, 2U);
  EXPECT_EQ(stall.trigger.compilation, 2U);
  EXPECT_EQ(stall.trigger.connection, 1U);
  EXPECT_EQ(stall.trigger.not_before_ms, 0);
  EXPECT_EQ(stall.trigger.not_after_ms, 90);
  EXPECT_EQ(stall.trigger.place, FaultPlace::insidePayload);
  EXPECT_EQ(stall.trigger.probability_ppm, 250'000U);
  EXPECT_EQ(stall.trigger.count, std::nullopt);
  EXPECT_FALSE(stall.enabled);
  EXPECT_EQ(scenario.faults[1].trigger.place, FaultPlace::atByte);
  EXPECT_EQ(scenario.faults[1].trigger.byte, 17U);
  EXPECT_EQ(scenario.faults[1].trigger.count, 1U);

  EXPECT_EQ(scenario.network.min_latency_us, 10);
  EXPECT_EQ(scenario.network.max_latency_us, 20);
  EXPECT_EQ(scenario.network.bandwidth_bytes_per_s, 1000U);
  EXPECT_FALSE(scenario.network.segmentation);
  const ScenarioExpectations& expect = scenario.expect;
  EXPECT_THAT(expect.counts, SizeIs(4));
  EXPECT_EQ(expect.counts.at("compiled").at_least, 3U);
  EXPECT_EQ(expect.counts.at("compiled").at_most, 3U);
  EXPECT_EQ(expect.counts.at("seven.terminated").at_most, std::nullopt);
  EXPECT_EQ(expect.counts.at("old.failed").at_most, 3U);
  EXPECT_EQ(expect.counts.at("faults").at_least, 0U);
  EXPECT_THAT(expect.details, ElementsAre("reset"));
  EXPECT_THAT(expect.absent_details, ElementsAre("timeout"));
  EXPECT_THAT(expect.allowed_findings, ElementsAre("leaks"));
  EXPECT_EQ(expect.ends_within_ms, 5000);
}

TEST(ReadScenarioTest, ScriptsAndRepliesAreFilesBesideTheScenario) {
  const std::string folder = JITRIG_SOURCE_DIR "/testdata/captures";
  const Scenario scenario = parsed(
      "description: x\nservers: [{script: plain_1conn_3compiles.pcap}]\n"
      "vms: [{replies: ../captures/plain_1conn_3compiles.pcap}]\n",
      {.name = "", .folder = folder});
  EXPECT_EQ(scenario.servers[0].script_file, folder + "/plain_1conn_3compiles.pcap");
  EXPECT_THAT(scenario.servers[0].script->compilations, SizeIs(3));
  EXPECT_EQ(scenario.vms[0].replies, folder + "/plain_1conn_3compiles.pcap");
}

TEST(ReadScenarioTest, AStrangersScenarioMayNameNoFiles) {
  const auto refused = readScenario("description: x\nservers: [{script: /dev/zero}]\nvms: [{}]\n", "x.yaml",
                                    {.name = "", .folder = "", .may_name_files = false});
  EXPECT_THAT(refused.error(), StartsWith("x.yaml:2: script: no file is read here"));
}

TEST(ReadScenarioTest, AFileThatIsMissingIsNamed) {
  EXPECT_THAT(readScenarioFile("/nowhere/x.yaml").error(), StartsWith("/nowhere/x.yaml: "));
  EXPECT_THAT(readScenarioFile("/tmp").error(), HasSubstr("is a directory"));
}

struct BadScenario {
  std::string name;
  std::string text;  ///< behind a line with the description
  std::string error;
};

std::ostream& operator<<(std::ostream& out, const BadScenario& bad) {
  return out << bad.name;
}

class BadScenarioTest : public ::testing::TestWithParam<BadScenario> {};

TEST_P(BadScenarioTest, IsRefusedWithItsLine) {
  const auto scenario = readScenario("description: x\n" + GetParam().text, "bad.yaml");
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error(), StartsWith("bad.yaml:"));
  EXPECT_THAT(scenario.error(), HasSubstr(GetParam().error));
}

std::vector<BadScenario> badScenarios() {
  return {
      {"no_yaml", "faults: [", "bad.yaml:"},
      {"unknown_key", "faluts: []", "bad.yaml:2: unknown key 'faluts'; known here: description, covers"},
      {"twice", "seeds: 1\nseeds: 2", "bad.yaml:3: the key 'seeds' stands here twice"},
      {"deep", "vms: " + std::string(100'000, '['), "bad.yaml:2: nested more than"},
      {"seeds", "seeds: 0", "bad.yaml:2: seeds: 0 is not between 1 and 100000"},
      {"runtime", "runtimes: [simulator]",
       "bad.yaml:2: 'simulator' is no runtime; expected simulation, simulated_tls, loopback, tls, grpc or "
       "grpc_tls"},
      {"runtime_twice", "runtimes: [tls, tls]", "the runtime 'tls' stands here twice"},
      {"no_runtimes", "runtimes: []", "'runtimes' must be a list of at least one"},
      {"no_vms", "vms: []", "'vms' must be a list of at least one"},
      {"no_servers", "servers: []", "'servers' must be a list of at least one"},
      {"release", "servers:\n  - release: 0.99.0", "bad.yaml:3: unknown release '0.99.0'"},
      {"build", "vms: [{build: j10}]", "unknown build 'j10'; expected openjdk or j9"},
      {"arch", "vms: [{arch: mips}]", "unknown architecture 'mips'; expected x86, ppcle"},
      {"config_and_jdk", "vms: [{jdk: 17, config: 3}]", "'config' is the whole configuration"},
      {"jdk", "vms: [{jdk: 5000}]", "jdk: 5000 is not between 1 and 4095"},
      {"server_name", "servers: [{name: a.b}]", "name: 'a.b' may have letters, digits, _ and - only"},
      {"server_twice", "servers: [{name: a}, {name: a}]", "a second server 'a'"},
      {"same_port", "servers: [{name: a}, {name: b, port: 38400}]",
       "servers 'a' and 'b' have port 38400 at the same time"},
      {"port", "servers: [{port: 65536}]", "port: 65536 is not between 1 and 65535"},
      {"type_number", "faults: [{action: reset, type: 65536}]", "type: 65536 is not between 0 and 65535"},
      {"stops_first", "servers: [{starts_ms: 5, stops_ms: 5}]", "stops_ms: must be later than starts_ms"},
      {"which_server", "vms: [{server: servr}]",
       "'servr' is no server of this scenario; the nearest: server"},
      {"vm_as_server", "vms: [{name: server}]", "the name 'server' is taken by a server or another VM"},
      {"many_vms", "vms: [{count: 10000}, {}]", "more than 10000 VMs in all"},
      {"threads", "vms: [{threads: 1001}]", "threads: 1001 is not between 1 and 999"},
      {"life", "vms: [{life: real}]", "as_real"},
      {"life_of_one_try", "vms: [{require_server: true}]", "require_server: needs life: as_real"},
      {"unloads", "vms: [{unloads_every: 0}]", "unloads_every: 0 is not between 1 and"},
      {"until_when", "vms: [{until_compiled: 3}]",
       "until_compiled: needs interval_ms, and stands instead of"},
      {"waits", "waits: 2", "waits: expected 0 to 1 with up to six decimals, not '2'"},
      {"checkpoint_life", "vms: [{checkpoint: {at_ms: 1, restores_ms: 2}}]",
       "checkpoint: needs life: as_real"},
      {"checkpoint_time", "vms: [{life: as_real, checkpoint: {at_ms: 1}}]",
       "a checkpoint needs 'restores_ms'"},
      {"checkpoint_order", "vms: [{life: as_real, checkpoint: {at_ms: 2, restores_ms: 2}}]",
       "restores_ms: must be later than at_ms"},
      {"checkpoint_server", "vms: [{life: as_real, checkpoint: {at_ms: 1, restores_ms: 2, server: servr}}]",
       "'servr' is no server of this scenario; the nearest: server"},
      {"script_file", "servers: [{script: nothing.yaml}]", "script: there is no file"},
      {"script_line", "servers:\n  - script:\n      compilations:\n        - queries: [VM_isClassArry]",
       "bad.yaml:5: 'VM_isClassArry' is no query of release head"},
      {"script_empty", "servers: [{script: {compilations: []}}]",
       "'compilations' must be a list of at least"},
      {"no_action", "faults: [{from: client}]", "a fault needs 'action'; jitrig scenario faults lists them"},
      {"action", "faults:\n  - action: rest\n    from: client", "bad.yaml:3: "},
      {"action_near", "faults: [{action: rest}]", "reset"},
      {"parameter", "faults: [{action: stall, with: {duration: 3}}]", "duration_ms"},
      {"from", "faults: [{action: reset, from: both}]", "from: expected client or server, not 'both'"},
      {"type", "faults: [{action: reset, type: compilationCod}]",
       "'compilationCod' is no message type of release head; the nearest: compilationCode"},
      {"place", "faults: [{action: reset, place: in_header}]",
       "'in_header' is no place in a message; the nearest: "},
      {"byte_and_place", "faults: [{action: reset, place: inside_size, byte: 3}]",
       "'byte' and 'place: at_byte' go together"},
      {"probability", "faults: [{action: reset, probability: 1.5}]", "probability: expected 0 to 1"},
      {"probability_text", "faults: [{action: reset, probability: often}]", "not 'often'"},
      {"probability_long", "faults: [{action: reset, probability: 0.1234567}]", "up to six decimals"},
      {"count", "faults: [{action: reset, count: 0}]", "count: 0 is not between 1 and"},
      {"network", "network: {min_latency_us: 9, max_latency_us: 8}", "must not be below min_latency_us"},
      {"expected", "expect: {compild: 3}", "unknown key 'compild'; known here: details, "},
      {"expected_of_nobody", "expect: {other.compiled: 3}", "unknown key 'other.compiled'"},
      {"expected_of_a_server", "expect: {server.connections: 3}", "unknown key 'server.connections'"},
      {"expected_count", "expect:\n  compiled: many",
       "bad.yaml:3: compiled: 'many' is no count; expected 3, at least 2, at most 4, 2 to 4 or any"},
      {"expected_backwards", "expect: {compiled: 4 to 2}", "'4 to 2' is no count"},
      {"empty_detail", "expect: {details: ['']}", "an empty text occurs anywhere"},
      {"time_on_real_sockets", "runtimes: [loopback]\nexpect: {ends_within_ms: 3}",
       "bad.yaml:3: ends_within_ms: only where all runtimes are simulated"},
      {"misbehaviour_key", "vms: [{misbehaviours: [{nme: x}]}]", "unknown key 'nme'; known here: name"},
  };
}

INSTANTIATE_TEST_SUITE_P(, BadScenarioTest, ::testing::ValuesIn(badScenarios()),
                         [](const auto& test) { return test.param.name; });

TEST(ReadScenarioTest, WithoutADescriptionItIsNone) {
  EXPECT_EQ(readScenario("seeds: 3", "bad.yaml").error(),
            "bad.yaml:1: a scenario needs 'description', one sentence");
  EXPECT_EQ(readScenario("", "bad.yaml").error(), "bad.yaml:1: expected one YAML document, found 0");
  EXPECT_THAT(readScenario(std::string(kMaxScenarioFileBytes + 1, ' '), "bad.yaml").error(),
              HasSubstr("a scenario may have 4194304 bytes"));
}

}  // namespace
}  // namespace jitrig::test
