"""Programs in place of a persona: our own verbs, and foreign ones in Python, on loopback and over TLS; how they are told
where to go, how they may end, and what is printed if they end otherwise."""

import os
import pathlib
import shlex
import sys

import pytest

FOREIGN_SERVER = '''
"""Answers every compilationRequest with a failure. Arguments: host, port, the answer in hexadecimal; certificate, key."""
import socket, ssl, struct, sys, threading

host, port, answer, *tls = sys.argv[1:]
context = None
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)

def exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data

def serve(connection):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        while True:
            [size] = struct.unpack("<I", exactly(connection, 4))
            exactly(connection, size - 4)
            if size > 200:  # goodbyes are small
                connection.sendall(bytes.fromhex(answer))
    except (EOFError, OSError):
        pass
    connection.close()

listener = socket.create_server((host, int(port)))
print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''

FOREIGN_CLIENT = '''
"""Has one request answered. Arguments: host, port, the request in hexadecimal; root certificates."""
import socket, ssl, struct, sys

host, port, request, *roots = sys.argv[1:]
connection = socket.create_connection((host, int(port)))
if roots:
    context = ssl.create_default_context(cafile=roots[0])
    connection = context.wrap_socket(connection, server_hostname=host)
connection.sendall(bytes.fromhex(request))
[size, version, config, kind, count] = struct.unpack("<IIIHH", connection.recv(16, 0 if roots else socket.MSG_WAITALL))
sys.exit(0 if count == 2 else 3)
'''


@pytest.fixture
def scenario_file(tmp_path):
    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text("description: A program takes part.\n" + text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def program_file(tmp_path):
    """Writes a Python program and gives the words that run it in a shell."""

    def write(text):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return f"exec {shlex.quote(sys.executable)} {shlex.quote(str(path))}"

    return write


@pytest.fixture
def answer(jitrig):
    return jitrig.run("encode", '{"type":"compilationFailure","data":[{"uint32":6},{"uint64":0}]}').lines[0]


@pytest.fixture
def request_of_a_real_client(goldens):
    golden = next(golden for golden in goldens if golden["name"] == "true_compilationRequest_seq0_with_version")
    return golden["bytes"]


def run(jitrig, path, runtime, option, command):
    return jitrig.run("scenario", "run", path, "--runtime", runtime, option, command)


# ---- our own ----------------------------------------------------------------------------------------------------

SERVER_ENDS = {
    "loopback": ["--port {port}", "--host {host} --port $JITRIG_PORT", "--port 0"],
    "tls": ["--port {port} --ssl-key {key} --ssl-cert {cert}", "--port 0 --ssl-key $JITRIG_KEY --ssl-cert $JITRIG_CERT"],
}


@pytest.mark.parametrize("runtime, words", [(runtime, words) for runtime in SERVER_ENDS for words in SERVER_ENDS[runtime]])
def test_fakecompiler(jitrig, jitrig_path, scenario_file, runtime, words):
    path = scenario_file("vms: [{count: 2, threads: 2, compilations: 4}]\nexpect: {compiled: 8}\n")
    command = f"{shlex.quote(jitrig_path)} fakecompiler --health-port off {words}"
    result = run(jitrig, path, runtime, "--server-command", command)
    assert result.status == 0, result.stdout + result.stderr


def test_faults_stand_at_our_own_side(jitrig, jitrig_path, scenario_file):
    path = scenario_file(
        "faults:\n  - {action: reset, from: server, type: compilationCode, compilation: 2}\n"
        "expect: {compiled: 2, terminated: 1, faults: 1}\n"
    )
    command = f"{shlex.quote(jitrig_path)} fakecompiler --health-port off --port {{port}}"
    result = run(jitrig, path, "loopback", "--server-command", command)
    assert result.status == 0, result.stdout + result.stderr


@pytest.mark.parametrize("runtime, words", [("loopback", ""), ("tls", "--ssl-root-certs {roots}")])
def test_fakevm(jitrig, jitrig_path, scenario_file, runtime, words):
    path = scenario_file("vms: [{count: 2, compilations: 3}]\nexpect: {server.compiled: 6}\n")
    command = f"{shlex.quote(jitrig_path)} fakevm --server {{host}}:{{port}} --compilations {{compilations}} {words}"
    result = run(jitrig, path, runtime, "--client-command", command)
    assert result.status == 0, result.stdout + result.stderr


def test_a_count_of_our_own_side_is_still_looked_at(jitrig, jitrig_path, scenario_file):
    path = scenario_file("expect: {server.compiled: 5}\n")
    command = f"{shlex.quote(jitrig_path)} fakevm --server {{host}}:{{port}} --compilations 3"
    result = run(jitrig, path, "loopback", "--client-command", command)
    assert result.status == 1
    assert "server.compiled: 3, expected 5" in result.stdout


# ---- foreign ones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runtime, words", [("loopback", ""), ("tls", "{cert} {key}")])
def test_a_server_in_python(jitrig, scenario_file, program_file, answer, runtime, words):
    path = scenario_file("vms: [{count: 2, compilations: 3}]\nexpect: {failed: 6}\n")
    command = f"{program_file(FOREIGN_SERVER)} {{host}} {{port}} {answer} {words}"
    result = run(jitrig, path, runtime, "--server-command", command)
    assert result.status == 0, result.stdout + result.stderr


@pytest.mark.parametrize("runtime, words", [("loopback", ""), ("tls", "{roots}")])
def test_a_client_in_python(jitrig, scenario_file, program_file, request_of_a_real_client, runtime, words):
    path = scenario_file(
        "servers: [{script: {compilations: [{end: failure, status: 6}]}, accept_any_version: true}]\n"
        "vms: [{count: 3}]\nexpect: {server.failed: 3}\n"
    )
    command = f"{program_file(FOREIGN_CLIENT)} {{host}} {{port}} {request_of_a_real_client} {words}"
    result = run(jitrig, path, runtime, "--client-command", command)
    assert result.status == 0, result.stdout + result.stderr


# ---- how they may end -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--server-command", "--client-command"])
def test_status_89_skips(jitrig, scenario_file, option):
    result = run(jitrig, scenario_file(""), "loopback", option, "exit 89")
    assert result.status == 0
    assert result.lines[0].startswith("skipped  ")
    assert "exit status 89" in result.stdout


@pytest.mark.parametrize("option", ["--server-command", "--client-command"])
@pytest.mark.parametrize(
    "end, words", [("exit 3", "exit status 3"), ("exit 1", "exit status 1"), ("kill -9 $$", "signal 9 (Killed)")]
)
def test_any_other_end_is_reported_with_what_was_written(jitrig, scenario_file, option, end, words):
    result = run(jitrig, scenario_file(""), "loopback", option, f"echo this is why >&2; {end}")
    assert result.status == 1
    assert words in result.stdout
    assert "this is why" in result.stdout


def test_a_server_that_ends_before_it_is_told_to_is_reported(jitrig, scenario_file, program_file, answer):
    path = scenario_file("vms: [{compilations: 1}]\nexpect: {failed: 1}\n")
    # Instead of answering the fresh client: until that has seen the end, nobody tells the server to end.
    text = FOREIGN_SERVER.replace("import socket,", "import os, socket,").replace(
        "connection.sendall(bytes.fromhex(answer))",
        "served.append(1) if not served else os._exit(7); connection.sendall(bytes.fromhex(answer))",
    ).replace("def exactly", "served = []\n\ndef exactly", 1)
    result = run(jitrig, path, "loopback", "--server-command", f"{program_file(text)} {{host}} {{port}} {answer}")
    assert result.status == 1, result.stdout
    assert "exit status 7" in result.stdout


def test_nothing_is_left_behind(jitrig, scenario_file, tmp_path):
    note = tmp_path / "process"
    command = f"sleep 1000 & echo $! > {shlex.quote(str(note))}; exit 3"
    assert run(jitrig, scenario_file(""), "loopback", "--client-command", command).status == 1
    process = int(note.read_text())
    status = pathlib.Path(f"/proc/{process}/stat")
    # Killed, and waited for by whoever adopts orphans: as a zombie it may still be listed.
    assert not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] in "ZX" or not os.path.exists(
        f"/proc/{process}/exe"
    )


def test_a_folder_with_keys_is_gone_afterwards(jitrig, scenario_file, tmp_path):
    note = tmp_path / "roots"
    command = f"echo {{roots}} > {shlex.quote(str(note))}; test -s {{roots}} && exit 3"
    assert run(jitrig, scenario_file(""), "tls", "--client-command", command).status == 1
    assert not pathlib.Path(note.read_text().strip()).exists()
