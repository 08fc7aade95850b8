#!/usr/bin/python3
"""The forbidden-symbols test, tested: what is planted must be found, under the compiler and the sanitizers of
the build, and what only looks alike must not.

usage: forbidden_symbols_test.py <readelf> <planted.o> <harmless.o>
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import forbidden_symbols

# In forbidden_symbols/planted.cc, as parts of "symbol: why". A compiler may choose between some.
PLANTED = [
    r"planted::counter: a thread-local",
    r"planted::elsewhere(\[abi:cxx11\])?: a thread-local",
    r"std::thread::_M_start_thread\(.*: threads",
    r"pthread_mutex_lock: threads",
    r"pthread_create: threads",
    r"std::condition_variable::wait\(.*: threads",
    r"std::(__once_call|call_once|once_flag).*: (a thread-local|threads)",
    r"std::chrono::_V2::steady_clock::now\(\): time",
    r"std::chrono::_V2::system_clock::now\(\): time",
    r"clock_gettime: time",
    r"gettimeofday: time",
    r"time: time",
    r"(clock_)?nanosleep: time",
    r"usleep: time",
    r"std::random_device::_M_getval\(\): randomness",
    r"(int )?std::uniform_int_distribution<int>.*: randomness",
    r"rand: randomness",
    r"srand: randomness",
    r"sin: libm",
    r"powf: libm",
    r"log: libm",
    r"exp: libm",
    r"std::__cxx11::regex_traits<char>.*: std::regex",
    r"socket: the network",
    r"connect: the network",
    r"poll: the network",
    r"recv: the network",
    r"send: the network",
    r"getaddrinfo: the network",
]

# Names of single symbols, as the compilers' flags spell them: type, section, name, part of the reason or None.
SYMBOLS = [
    ("FUNC", "UND", "__poll_chk", "the network"),
    ("FUNC", "UND", "__recv_chk", "the network"),
    ("FUNC", "UND", "__pow_finite", "libm"),
    ("FUNC", "UND", "__clock_gettime64", "time"),
    ("FUNC", "UND", "expl", "libm"),
    ("FUNC", "UND", "__tls_get_addr", "thread-local"),
    ("FUNC", "UND", "__emutls_get_address", "thread-local"),
    ("FUNC", "7", "TLS wrapper function for planted::elsewhere", "thread-local"),
    ("FUNC", "7", "std::unique_lock<std::mutex>::unlock()", "threads"),
    ("FUNC", "UND", "syscall", "threads"),  # what std::atomic::wait comes to
    ("FUNC", "7", "connect", None),  # defined here: another function of that name
    ("FUNC", "UND", "jitrig::Runtime::connect(jitrig::Endpoint const&, jitrig::Instant)", None),
    ("FUNC", "UND", "std::unique_lock<jitrig::Mutex>::unlock()", None),
    ("FUNC", "UND", "mystd::thread::join()", None),
    ("FUNC", "UND", "std::threading", None),
    ("FUNC", "UND", "sqrt", None),
    ("FUNC", "UND", "explain", None),
    ("FUNC", "UND", "__asan_report_load8", None),
    ("FUNC", "UND", "__tsan_mutex_pre_lock", None),
    ("FUNC", "UND", "__cxa_guard_acquire", None),
    ("OBJECT", "UND", "__libc_single_threaded", None),
]


class ForbiddenSymbolsTest(unittest.TestCase):
    readelf = planted = harmless = ""

    def test_everything_planted_is_found(self):
        found, _ = forbidden_symbols.check(self.readelf, self.planted)
        for pattern in PLANTED:
            with self.subTest(pattern=pattern):
                whole = re.compile(re.escape(self.planted) + ": " + pattern + ".*")
                self.assertTrue(any(whole.fullmatch(line) for line in found), "\n".join(found))

    def test_nothing_harmless_is_found(self):
        found, count = forbidden_symbols.check(self.readelf, self.harmless)
        self.assertEqual(found, [])
        self.assertGreater(count, 10)

    def test_single_symbols(self):
        for kind, section, name, expected in SYMBOLS:
            with self.subTest(name=name):
                why = forbidden_symbols.reason(kind, section, name)
                if expected is None:
                    self.assertIsNone(why)
                else:
                    self.assertIn(expected, why or "")

    def test_a_member_of_a_library_is_named(self):
        listing = ("File: libroom.a(first.cc.o)\n"
                   "     5: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND memcpy\n"
                   "File: libroom.a(second.cc.o)\n"
                   "     9: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND usleep\n")
        found, count = forbidden_symbols.findings_in(listing, "libroom.a")
        self.assertEqual(count, 2)
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("libroom.a(second.cc.o): usleep: time"), found)

    def run_script(self, *arguments):
        script = pathlib.Path(__file__).parent / "forbidden_symbols.py"
        return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)

    def test_the_exit_status_says_what_was_found(self):
        self.assertEqual(self.run_script(self.readelf, self.harmless).returncode, 0)
        both = self.run_script(self.readelf, self.harmless, self.planted)
        self.assertEqual(both.returncode, 1)
        self.assertIn(f"{self.planted}: poll: the network", both.stdout)

    def test_what_cannot_be_checked_is_an_error(self):
        self.assertEqual(self.run_script(self.readelf).returncode, 2)
        with tempfile.TemporaryDirectory() as folder:
            text = pathlib.Path(folder) / "text.a"
            text.write_text("no library\n", encoding="utf-8")
            empty = pathlib.Path(folder) / "empty.a"
            empty.write_bytes(b"!<arch>\n")
            for file in (text, empty, pathlib.Path(folder) / "missing.a"):
                with self.subTest(file=file.name):
                    run = self.run_script(self.readelf, str(file))
                    self.assertEqual(run.returncode, 2)
                    self.assertIn(file.name, run.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    ForbiddenSymbolsTest.readelf, ForbiddenSymbolsTest.planted, ForbiddenSymbolsTest.harmless = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
