"""fakecompiler and fakevm over gRPC, with --backend grpc or JITAAS_USE_GRPC: a call for each compilation."""

import pytest

from tls_certificates import Certificates

NEVER_LISTENED_ON = "127.0.0.1:1"


def start_compiler(jitrig, *arguments):
    compiler = jitrig.start("fakecompiler", "--json", "--backend", "grpc", "--port", "0", *arguments)
    return compiler, compiler.read_object()


def run_vm(jitrig, listening, *arguments):
    server = f"{listening['host']}:{listening['port']}"
    return jitrig.run("fakevm", "--json", "--backend", "grpc", "--server", server, *arguments)


def test_compilations_of_many_clients_threads(jitrig):
    compiler, listening = start_compiler(jitrig)
    assert listening["backend"] == "grpc"
    assert listening["health_port"] is None
    vm = run_vm(jitrig, listening, "--compilations", "20", "--threads", "9")
    assert vm.status == 0, vm.stderr
    assert vm.objects[-1]["compiled"] == 20
    served = compiler.stop()
    assert served.status == 0
    assert served.objects[-1]["compiled"] == 20
    assert served.objects[-1]["stream_failures"] == 0


def test_it_ends_after_its_compilations(jitrig):
    compiler, listening = start_compiler(jitrig, "--compilations", "3")
    vm = run_vm(jitrig, listening, "--compilations", "3")
    assert vm.status == 0, vm.stderr
    served = compiler.wait()
    assert served.status == 0
    assert served.objects[-1]["compiled"] == 3


def test_no_server(jitrig):
    result = jitrig.run("fakevm", "--backend", "grpc", "--server", NEVER_LISTENED_ON)
    assert result.status == 4
    assert NEVER_LISTENED_ON in result.stderr
    assert "refused" in result.stderr


def test_a_port_that_is_taken(jitrig):
    _, listening = start_compiler(jitrig)
    result = jitrig.run("fakecompiler", "--backend", "grpc", "--port", str(listening["port"]))
    assert result.status == 4
    assert "in use" in result.stderr


def test_the_environment_asks_for_it(jitrig, monkeypatch):
    monkeypatch.setenv("JITAAS_USE_GRPC", "1")
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0")
    listening = compiler.read_object()
    assert listening["backend"] == "grpc"
    result = jitrig.run("fakevm", "--server", f"{listening['host']}:{listening['port']}")
    assert result.status == 0, result.stderr
    assert compiler.stop().status == 0


@pytest.mark.parametrize("verb", ["fakecompiler", "fakevm"])
def test_an_unknown_backend(jitrig, verb):
    result = jitrig.run(verb, "--backend", "pigeons")
    assert result.status == 2
    assert "grpc" in result.stderr


@pytest.mark.parametrize("verb", ["fakecompiler", "fakevm"])
@pytest.mark.parametrize(("option", "value"), [("--release", "0.44.0"), ("--build", "j9")])
def test_there_is_one_release(jitrig, verb, option, value):
    result = jitrig.run(verb, "--backend", "grpc", option, value)
    assert result.status == 2
    assert f"{option}: " in result.stderr
    assert "with the backend grpc there is only" in result.stderr


def test_tls_lets_in_who_is_certified(jitrig, tmp_path):
    certificates = Certificates(tmp_path)
    trust = ("--ssl-root-certs", certificates.authority.certificate)
    compiler, listening = start_compiler(jitrig, *certificates.server, *trust, "--ssl-require-client-cert")
    assert listening["tls"] is True
    assert run_vm(jitrig, listening, *trust, *certificates.client).status == 0
    assert run_vm(jitrig, listening, *trust).status != 0
    assert run_vm(jitrig, listening, *trust, *certificates.client_of_other_authority).status != 0
    assert run_vm(jitrig, listening).status != 0
    assert compiler.stop().objects[-1]["compiled"] == 1


NO_VERSION = "clients announce no version"
NO_AOT_CACHE = "there is no AOT cache"

# Each option, its value, and why it is refused.
REFUSED_OF_BOTH = [
    (("--protocol", "jitserver"), "there is only jitaas"),
    (("--jdk", "17"), NO_VERSION),
    (("--no-compressed-refs",), NO_VERSION),
    (("--arch", "z"), NO_VERSION),
    (("--config", "0x3011"), NO_VERSION),
]
REFUSED = [
    *(("fakecompiler", *refused) for refused in REFUSED_OF_BOTH),
    *(("fakevm", *refused) for refused in REFUSED_OF_BOTH),
    ("fakecompiler", ("--accept-any-version",), NO_VERSION),
    ("fakecompiler", ("--health-port", "0"), "the health service answers on --port"),
    ("fakecompiler", ("--max-connections", "9"), "further clients wait for one of the --grpc-streams"),
    ("fakecompiler", ("--aot-cache",), NO_AOT_CACHE),
    ("fakecompiler", ("--aot-cache-dir", "."), NO_AOT_CACHE),
    ("fakecompiler", ("--aot-cache-max-bytes", "1"), NO_AOT_CACHE),
    ("fakecompiler", ("--aot-cache-min-methods", "1"), NO_AOT_CACHE),
    ("fakecompiler", ("--aot-cache-min-interval", "1"), NO_AOT_CACHE),
    ("fakevm", ("--as-real", "--aot-cache"), NO_AOT_CACHE),
    ("fakevm", ("--goodbye-timeout", "1"), "nobody says goodbye"),
    ("fakevm", ("--ssl-root-certs", "any.pem", "--ssl-no-host-check"), "a client always checks the host"),
]


@pytest.mark.parametrize(("verb", "option", "why"), REFUSED)
def test_what_grpc_has_not_is_refused(jitrig, verb, option, why):
    result = jitrig.run(verb, "--backend", "grpc", *option)
    assert result.status == 2
    name = [word for word in option if word.startswith("--")][-1]
    assert f"{name}: with the backend grpc {why}; leave it out" in result.stderr


@pytest.mark.parametrize(
    ("verb", "misbehaviour", "why"),
    [
        ("fakevm", "goodbye_twice", "nobody says goodbye"),
        ("fakevm", "session_goodbye_no_uid:1", "nobody says goodbye"),
        ("fakevm", "request_other_version", NO_VERSION),
        ("fakecompiler", "final_twice:2", "a final message ends the call"),
        ("fakecompiler", "parking_query", "a final message ends the call"),
    ],
)
def test_what_cannot_be_done_wrong_over_grpc_is_refused(jitrig, verb, misbehaviour, why):
    result = jitrig.run(verb, "--backend", "grpc", "--misbehave", misbehaviour)
    assert result.status == 2
    assert f"--misbehave {misbehaviour.split(':')[0]}: with the backend grpc {why}" in result.stderr


@pytest.mark.parametrize(
    ("misbehaviour", "result", "says"),
    [
        ("request_wrong_type", None, ""),
        ("request_half_and_close", None, ""),
        ("reply_wrong_data_type", "stream_failure", "expected"),
        ("reply_close", "stream_failure", ""),
        ("reply_interrupt_twice", "interrupted", ""),
        ("reply_byte_by_byte", "compiled", ""),
    ],
)
def test_a_vm_that_misbehaves(jitrig, misbehaviour, result, says):
    """The compilation that it befalls ends as it must; those around it are compiled. A wrong request begins none at the
    server, and half a one is no message: that call never comes there."""
    compiler, listening = start_compiler(jitrig)
    vm = run_vm(jitrig, listening, "--compilations", "3", "--misbehave", f"{misbehaviour}:2")
    results = [event["result"] for event in vm.objects if event["event"] == "compilation"]
    assert (results[0], results[2]) == ("compiled", "compiled")
    assert (results[1] == "compiled") == (result == "compiled")
    served = [event for event in compiler.stop().objects if event["event"] == "compilation"]
    results = sorted(event["result"] for event in served)
    assert results == sorted(["compiled", "compiled", *([result] if result else [])])
    assert all(says in event["detail"] for event in served if event["result"] != "compiled")


@pytest.mark.parametrize(
    ("misbehaviour", "says"),
    [
        ("accept_half_close", "the peer closed the connection"),
        ("request_echo", "received compilationRequest from the server"),
        ("query_unknown_type", "received #60000 from the server"),
        ("query_too_few_data_points", "mirrorResolvedJ9Method: data: received 3 values, expected 4"),
        ("query_and_reset", ""),
        ("final_close", ""),
        ("failure_unknown_status", "the server answered status 7777"),
    ],
)
def test_a_compiler_that_misbehaves(jitrig, misbehaviour, says):
    compiler, listening = start_compiler(jitrig, "--misbehave", f"{misbehaviour}:2")
    vm = run_vm(jitrig, listening, "--compilations", "3")
    compilations = [event for event in vm.objects if event["event"] == "compilation"]
    assert [event["result"] == "compiled" for event in compilations] == [True, False, True]
    assert says in compilations[1]["detail"]
    compiler.stop()


def test_the_environment_is_named_where_it_makes_an_option_wrong(jitrig, monkeypatch):
    monkeypatch.setenv("JITAAS_USE_GRPC", "1")
    result = jitrig.run("fakevm", "--jdk", "17")
    assert result.status == 2
    assert "--jdk: with the backend grpc" in result.stderr
    assert "JITAAS_USE_GRPC is set" in result.stderr


def test_what_holds_anyway_may_be_said(jitrig):
    compiler, listening = start_compiler(jitrig, "--protocol", "jitaas", "--health-port", "off")
    assert run_vm(jitrig, listening, "--protocol", "jitaas", "--release", "grpc_2019").status == 0
    compiler.stop()


def test_streams_are_of_grpc_alone(jitrig):
    compiler, listening = start_compiler(jitrig, "--grpc-streams", "2")
    assert run_vm(jitrig, listening, "--compilations", "9", "--threads", "5").status == 0
    compiler.stop()
    result = jitrig.run("fakecompiler", "--grpc-streams", "2")
    assert result.status == 2
    assert "--grpc-streams: only with --backend grpc" in result.stderr


def test_the_key_log_is_not_promised(jitrig, monkeypatch, tmp_path):
    certificates = Certificates(tmp_path)
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.txt"))
    compiler, listening = start_compiler(jitrig, *certificates.server)
    vm = run_vm(jitrig, listening, "--ssl-root-certs", certificates.authority.certificate)
    assert vm.status == 0
    assert "SSLKEYLOGFILE is passed over: gRPC writes no keys" in vm.stderr
    assert "SSLKEYLOGFILE is passed over" in compiler.stop().stderr


JITAAS = ("--protocol", "jitaas")
GRPC_2019 = ("--release", "grpc_2019")


def test_a_recorded_conversation_is_shown_and_replayed(jitrig, tmp_path):
    """A request has the version that the server accepts, 0.0, whoever recorded it: it tells the release."""
    of_vm, of_compiler = tmp_path / "vm.pcap", tmp_path / "compiler.pcap"
    compiler, listening = start_compiler(jitrig, "--record", of_compiler)
    assert run_vm(jitrig, listening, "--compilations", "3", "--record", of_vm).status == 0
    compiler.stop()
    for capture in (of_vm, of_compiler):
        shown = jitrig.run("show", "--json", *JITAAS, *GRPC_2019, capture)
        assert shown.status == 0, shown.stderr
        types = [message["type"] for message in shown.objects]
        assert (types.count("compilationRequest"), types.count("compilationCode")) == (3, 3)
        for options in ((), JITAAS, (*JITAAS, "--release", "0.19.0")):
            mistaken = jitrig.run("show", *options, capture)
            assert mistaken.status == 3
            assert "try --protocol jitaas --release grpc_2019" in mistaken.stderr
        assert "try --protocol jitaas --release grpc_2019" in jitrig.run("replay", capture).stderr
        replayed = jitrig.run("replay", *JITAAS, *GRPC_2019, capture)
        assert replayed.status == 0, replayed.stdout


def test_a_recorded_conversation_is_played_over_grpc(jitrig, tmp_path):
    capture = tmp_path / "vm.pcap"
    compiler, listening = start_compiler(jitrig)
    run_vm(jitrig, listening, "--compilations", "3", "--record", capture)
    compiler.stop()
    compiler, listening = start_compiler(jitrig, "--script", capture)
    vm = run_vm(jitrig, listening, "--compilations", "3", "--replies", capture)
    assert vm.status == 0, vm.stderr
    served = compiler.stop()
    assert served.status == 0
    assert served.objects[-1]["compiled"] == 3


def run_scenario(jitrig, *arguments):
    return jitrig.run("scenario", "run", *arguments, "--backend", "grpc")


def test_a_scenario_over_grpc(jitrig, tmp_path):
    """Its own expectations count, the record has both ends of each call, and the capture is one of a release."""
    (tmp_path / "cut.yaml").write_text(
        """description: A call is reset where the code is sent.
faults:
  - {action: reset, from: server, type: compilationCode, compilation: 2, place: inside_payload}
expect: {compiled: 2, terminated: 1, faults: 1, server.compilations: 3, connections: 3}
""",
        "utf-8",
    )
    result = run_scenario(jitrig, tmp_path / "cut.yaml", "--capture", tmp_path / "cut.pcap")
    assert result.status == 0, result.stdout
    assert result.stdout.startswith("passed  ")
    shown = jitrig.run("show", *JITAAS, *GRPC_2019, tmp_path / "cut.pcap")
    assert "connection 3:" in shown.stdout  # three calls, and one of the client at the end


def test_a_scenario_that_is_not_as_expected(jitrig, tmp_path):
    (tmp_path / "plain.yaml").write_text("description: Nothing goes wrong.\nexpect: {terminated: 1}\n", "utf-8")
    result = run_scenario(jitrig, tmp_path / "plain.yaml")
    assert result.status == 1
    assert "repeat it with: jitrig scenario run" in result.stdout
    assert "--runtime grpc" in result.stdout


@pytest.mark.parametrize(
    ("scenario", "lacks"),
    [
        ("fault/reset_goodbye", "fault reset: nobody says goodbye"),
        ("misbehave/vm_request_other_version", "request_other_version: clients announce no version"),
        ("aot/stores_and_comes_back", "there is no AOT cache"),
        ("tls/handshake_alert", "fault tls_alert: what is below TLS is gRPC's own"),
        ("version/other_jdk", "there is only one release and configuration"),
        ("version/old_client", "no release '0.60.0' of jitaas"),
    ],
)
def test_a_scenario_that_needs_more_is_skipped(jitrig, scenario, lacks):
    result = run_scenario(jitrig, scenario)
    assert result.status == 0
    assert result.stdout
    for line in result.stdout.splitlines():
        assert line.startswith((f"skipped  {scenario}  grpc: ", f"skipped  {scenario}  grpc_tls: "))
        assert lacks in line
    told = run_scenario(jitrig, scenario, "--json").objects
    assert told
    assert all(run["outcome"] == "skipped" and lacks in run["because"] for run in told)


def test_a_scenario_that_is_made_for_grpc_and_needs_more_is_wrong(jitrig, tmp_path):
    (tmp_path / "wrong.yaml").write_text(
        "description: An AOT cache.\nruntimes: [grpc]\nservers:\n  - {aot_cache: {}}\n", "utf-8"
    )
    result = jitrig.run("scenario", "run", tmp_path / "wrong.yaml")
    assert result.status == 2
    assert "wrong.yaml: the runtime grpc: there is no AOT cache" in result.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--runtime", "simulation"), "the backend grpc needs the runtime grpc or grpc_tls"),
        (("--client-command", "true"), "an external program has its own options"),
        (("--protocol", "jitserver"), "--protocol: over gRPC there is only jitaas"),
    ],
)
def test_what_does_not_go_with_scenarios_over_grpc(jitrig, options, says):
    result = run_scenario(jitrig, "good/plain", *options)
    assert result.status == 2
    assert says in result.stderr


def test_a_scenario_over_grpc_with_tls(jitrig):
    result = run_scenario(jitrig, "good/plain", "--checkers-only", "--runtime", "tls")
    assert (result.status, result.stdout) == (0, "passed  good/plain  grpc_tls\n")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--backend", "sockets"), "none of the 1 scenarios is made for the backend sockets"),
        (("--backend", "sockets", "--runtime", "grpc"), "--runtime: grpc is not carried by the backend sockets"),
        (("--client-command", "true"), "none of the 1 scenarios is made for a program's taking part"),
        (("--runtime", "grpc", "--client-command", "true"), "an external program has its own options"),
    ],
)
def test_what_does_not_go_with_scenarios_made_for_grpc(jitrig, options, says):
    result = jitrig.run("scenario", "run", "grpc/call_per_compilation", *options)
    assert result.status == 2
    assert says in result.stderr


def test_a_scenario_made_for_grpc_does_not_speak_jitserver(jitrig):
    result = jitrig.run("scenario", "run", "grpc/call_per_compilation", "--protocol", "jitserver")
    assert result.status == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 2  # with and without TLS
    assert all(line.startswith("skipped  ") and "over gRPC there is only jitaas" in line for line in lines)
