#!/usr/bin/python3
"""The layer test, tested: every kind of violation is planted once and must be reported at its line."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import include_layers

# File, its include line, and a part of the report; None where the include is right.
CASES = [
    ("protocol/wire/framer.cc", '#include "protocol/wire/framer.h"', None),
    ("protocol/wire/framer.cc", '#include "protocol/stream/byte_stream.h"', "protocol/wire must not include protocol/stream"),
    ("protocol/wire/framer.h", '#include "protocol/runtime/instant.h"', "it may use no other room"),
    ("protocol/wire/framer_test.cc", '#include "protocol/runtime/simulation/world.h"', "must not include"),
    ("protocol/catalogue/catalogue.h", '#include "protocol/wire/value.h"', None),
    ("protocol/catalogue/catalogue.h", '#include "protocol/runtime/runtime.h"', "must not include"),
    ("protocol/runtime/runtime.h", '#include "protocol/wire/message.h"', "must not include"),
    ("protocol/runtime/runtime.cc", '#include "protocol/runtime/simulation/world.h"', "must not include"),
    ("protocol/runtime/runtime_test.cc", '#include "protocol/runtime/simulation/world.h"', None),
    ("protocol/runtime/simulation/world.h", '#include "protocol/runtime/runtime.h"', None),
    ("protocol/runtime/simulation/fiber.h", "#include <boost/context/fiber_fcontext.hpp>", None),
    ("protocol/runtime/simulation/world.h", "#include <spdlog/spdlog.h>", "spdlog belongs into .cc files"),
    ("protocol/runtime/simulation/world.cc", '#include "protocol/wire/message.h"', "must not include"),
    ("protocol/stream/listener.h", '#include "protocol/runtime/runtime.h"', None),
    ("protocol/stream/listener.cc", '#include "protocol/runtime/simulation/world.h"', "must not include"),
    ("protocol/stream/listener_test.cc", '#include "protocol/runtime/simulation/world.h"', None),
    ("protocol/stream/listener.cc", "#include <boost/context/fiber.hpp>", "boost is used only in"),
    ("protocol/stream/listener.cc", '#include "fakevm/fake_vm.h"', "must not include fakevm"),
    ("protocol/jitaas/any_data.cc", '#include "protocol/jitaas/compile.pb.h"', None),
    ("protocol/jitaas/any_data.h", '#include "protocol/jitaas/compile.pb.h"', "belongs into .cc files"),
    ("protocol/jitaas/any_data.h", "#include <google/protobuf/message.h>", "google/protobuf belongs into .cc files"),
    ("protocol/stream/listener.cc", '#include "protocol/jitaas/jitaas_message.h"', "must not include protocol/jitaas"),
    ("protocol/grpc/compile_carrier.h", "#include <grpcpp/grpcpp.h>", "grpcpp belongs into .cc files"),
    ("capture/conversation.h", '#include "protocol/stream/byte_stream.h"', None),
    ("capture/conversation.cc", '#include "fakevm/fake_vm.h"', "must not include fakevm"),
    ("capture/pcap_reader.cc", "#include <pcap/pcap.h>", None),
    ("capture/pcap_reader.h", "#include <pcap.h>", "pcap belongs into .cc files"),
    ("fakevm/fake_vm.cc", '#include "capture/conversation.h"', None),
    ("fakevm/fake_vm.h", '#include "fakecompiler/script.h"', "fakevm must not include fakecompiler"),
    ("fakevm/fake_vm.cc", '#include "protocol/runtime/os/system_clock.h"', "fakevm must not include protocol/runtime/os"),
    ("fakevm/fake_vm_test.cc", '#include "protocol/runtime/os/system_clock.h"', None),
    ("fakevm/fake_vm_test.cc", '#include "scenarios/dialogue/dialogue.h"', None),
    ("fakevm/fake_vm.cc", '#include "scenarios/dialogue/dialogue.h"', "fakevm must not include scenarios/dialogue"),
    ("protocol/wire/framer_test.cc", '#include "scenarios/dialogue/dialogue.h"', "must not include"),
    ("capture/recorder.cc", '#include "protocol/runtime/simulation/world.h"', "capture must not include"),
    ("protocol/runtime/os/system_clock.cc", '#include "protocol/runtime/simulation/world.h"', "must not include"),
    ("fakevm/fake_vm.cc", '#include "cli/main.h"', "must not include cli"),
    ("fakecompiler/script.cc", "#include <yaml-cpp/yaml.h>", None),
    ("fakecompiler/script.h", "#include <yaml-cpp/yaml.h>", "yaml-cpp belongs into .cc files"),
    ("fakecompiler/script.h", '#include "fakevm/fake_vm.h"', "must not include fakevm"),
    ("cli/main.cc", '#include "fakecompiler/fake_compiler.h"', None),
    ("cli/main.cc", '  #  include "protocol/runtime/simulation/world.h"', None),
    ("cli/verb.h", "#include <CLI/CLI.hpp>", "CLI belongs into .cc files"),
    ("cli/verb.h", "#include <nlohmann/json_fwd.hpp>", "nlohmann belongs into .cc files"),
    ("cli/verb.h", "#include <grpcpp/grpcpp.h>", "grpcpp belongs into .cc files"),
    ("cli/main.cc", '#include "verb.h"', "by the path from the root"),
    ("cli/main.cc", "#include <protocol/wire/message.h>", 'include it as "protocol/wire/message.h"'),
    ("cli/main.cc", '// #include "verb.h"', None),
    ("protocol/stream/listener.cc", "#include <thread>", "above the Runtime"),
    ("fakevm/fake_vm.h", "#include <random>", "above the Runtime"),
    ("fakevm/fake_vm_test.cc", "#include <thread>", None),
    ("protocol/runtime/os/system_task.cc", "#include <thread>", None),
    ("protocol/loose.h", "#include <vector>", "lies in no room"),
]


class IncludeLayersTest(unittest.TestCase):
    def test_every_case(self):
        for path, line, expected in CASES:
            with self.subTest(path=path, line=line), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / path).parent.mkdir(parents=True)
                (root / path).write_text(f"#pragma once\n{line}\n", encoding="utf-8")
                violations, count = include_layers.check(root)
                self.assertEqual(count, 1)
                if expected is None:
                    self.assertEqual(violations, [])
                else:
                    self.assertEqual(len(violations), 1)
                    at = 1 if "lies in no room" in expected else 2
                    self.assertTrue(violations[0].startswith(f"{path}:{at}: "), violations[0])
                    self.assertIn(expected, violations[0])

    def run_script(self, *arguments):
        script = pathlib.Path(__file__).parent / "include_layers.py"
        return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)

    def test_the_exit_status_says_what_was_found(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "protocol" / "wire" / "framer.h"
            file.parent.mkdir(parents=True)
            file.write_text("#include <span>\n", encoding="utf-8")
            clean = self.run_script(folder)
            self.assertEqual((clean.returncode, clean.stdout), (0, "1 files, 0 violations\n"))

            file.write_text('#include <span>\n#include "cli/main.h"\n', encoding="utf-8")
            planted = self.run_script(folder)
            self.assertEqual(planted.returncode, 1)
            self.assertIn("protocol/wire/framer.h:2: protocol/wire must not include cli", planted.stdout)

    def test_a_folder_that_is_not_the_repository_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_script(folder).returncode, 2)


if __name__ == "__main__":
    unittest.main()
