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


def test_tls_always_checks_the_host(jitrig):
    result = jitrig.run("fakevm", "--backend", "grpc", "--ssl-root-certs", "any.pem", "--ssl-no-host-check")
    assert result.status == 2
    assert "--ssl-no-host-check" in result.stderr
