#!/usr/bin/python3
"""The tools of the documentation, tested: each fault is planted once and must be named."""

import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

DOCS = pathlib.Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path[:0] = [str(DOCS), str(DOCS / "draw")]

import captured_messages  # noqa: E402
import failure_log  # noqa: E402
import failure_source  # noqa: E402
import failures  # noqa: E402
import svg  # noqa: E402
import wire_layout  # noqa: E402

CAPTURE = ROOT / "testdata/captures/plain_1conn_3compiles.pcap"

HEADER = """#pragma once
namespace house {
struct Undescribed { int width_mm = 0; };
/// Has words.
class Room {
 public:
  Room();
  ~Room();
  int size() const;
  void open(int doors);
  void open();

  /// For both.
  void lock();
  void unlock();

  void paint(int colour);
  enum class Kind { large, small };
 protected:
  void hidden();
};
inline constexpr int kRooms = 3;
int count(const Room& room);
/// The same, by number.
int count(int room);

void furnish(const Room& room);
/// Has words.
template <class T> struct Box;
template <> struct Box<int> { void wrap(int depth); };
}
"""


def run(script, folder):
    return subprocess.run([sys.executable, DOCS / script, folder], text=True, capture_output=True, check=False)


class TemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


@unittest.skipUnless(shutil.which("doxygen"), "there is no doxygen")
class Undocumented(TemporaryFolder):
    def test_names_what_needs_words_and_nothing_else(self):
        header = self.folder / "room.h"
        header.write_text(HEADER, encoding="utf-8")
        settings = (f'INPUT = "{header}"\nOUTPUT_DIRECTORY = "{self.folder}"\nGENERATE_XML = YES\nGENERATE_HTML = NO\n'
                    "GENERATE_LATEX = NO\nQUIET = YES\nWARNINGS = NO\nJAVADOC_AUTOBRIEF = YES\n")
        subprocess.run(["doxygen", "-"], input=settings, text=True, check=True, capture_output=True)
        result = run("undocumented.py", self.folder / "xml")
        found = [line.split("no comment: ")[1] for line in result.stderr.splitlines()]
        self.assertEqual(found, ["struct house::Undescribed", "function open(int doors)", "function open()",
                                 "function paint(int colour)", "enum Kind", "variable kRooms",
                                 "function furnish(const Room &room)"])
        self.assertIn(f"{header.name}:3: no comment: struct", result.stderr)
        self.assertEqual(result.returncode, 1)


class UndocumentedUsage(TemporaryFolder):
    def test_wants_xml(self):
        result = run("undocumented.py", self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no XML of Doxygen there", result.stderr)


class BrokenLinks(TemporaryFolder):
    def check(self, body, page="index.html"):
        (self.folder / "index.html").write_text("<p>fine</p>", encoding="utf-8")
        (self.folder / "there.html").write_text('<h1 id="top">there</h1>', encoding="utf-8")
        (self.folder / page).write_text(body, encoding="utf-8")
        result = run("broken_links.py", self.folder)
        self.assertEqual(result.returncode, 1 if result.stderr else 0)
        return result.stderr

    def test_accepts_what_leads_somewhere(self):
        self.assertEqual(self.check('<a href="there.html#top">jitrig::Message</a> <code>jitrig::any</code>'
                                    '<a href="https://example.org/x">elsewhere</a>'), "")

    def test_names_a_missing_file(self):
        self.assertIn("no such file: gone.html", self.check('<a href="gone.html">x</a>'))
        self.assertIn("no such file: gone.svg", self.check('<object data="gone.svg"></object>'))
        self.assertIn("no such file: gone.svg", self.check('<img src="gone.svg"/>', "class.html"))

    def test_names_a_missing_place(self):
        self.assertIn("no such place: there.html#bottom", self.check('<a href="there.html#bottom">x</a>'))

    def test_names_an_unknown_name_in_a_page_written_by_hand(self):
        self.assertIn("md_page.html: is not known: jitrig::Gone", self.check("<p>jitrig::Gone</p>", "md_page.html"))

    def test_leaves_the_names_in_other_pages_alone(self):
        self.assertEqual(self.check("<p>jitrig::Gone</p>", "class.html"), "")


class Examples(unittest.TestCase):
    def indented(self, text):
        return subprocess.run(["awk", "-f", DOCS / "indent_examples.awk"], input=text, text=True, capture_output=True,
                              check=True).stdout

    def test_indents_an_example_and_nothing_else(self):
        self.assertEqual(self.indented("/// Words:\n///\n///   one();\n///     two();\n///\n///   three();\n/// Words.\n"),
                         "/// Words:\n///\n///       one();\n///         two();\n///\n///       three();\n/// Words.\n")
        listed = "/// - a point\n///   goes on\n  int a;  ///<   no\n"
        self.assertEqual(self.indented(listed), listed)


class Pictures(TemporaryFolder):
    def test_text_without_room_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "no room for 'a long text'"):
            svg.Picture("t", "d").text(0, 0, "a long text", room=20)

    def test_every_byte_of_a_golden_is_in_its_picture(self):
        for name in ("align_str3_ptr", "tuple_flat"):
            golden = wire_layout.load_golden(ROOT / "testdata/goldens.jsonl", name)
            covered = [byte for offset, size, *_ in wire_layout.segments(golden)
                       for byte in range(offset, offset + size)]
            self.assertEqual(covered, list(range(golden["size"])))

    def test_an_unknown_golden_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "no golden 'nothing'"):
            wire_layout.load_golden(ROOT / "testdata/goldens.jsonl", "nothing")


class Captures(TemporaryFolder):
    def messages(self, data):
        path = self.folder / "capture.pcap"
        path.write_bytes(data)
        names = captured_messages.type_names(ROOT / "protocol/catalogue/data/head.txt")
        return captured_messages.captured_messages(path, names)

    def test_reads_a_conversation(self):
        messages = self.messages(CAPTURE.read_bytes())
        self.assertEqual([message.name for message in messages if message.name.startswith("compilation")],
                         ["compilationRequest", "compilationCode"] * 3)
        self.assertEqual((messages[0].sender, messages[0].size, messages[0].version, messages[0].time_ns // 1000),
                         ("client", 2552, 0x01006900, 351))

    def test_refuses_what_it_cannot_read(self):
        data = CAPTURE.read_bytes()
        with self.assertRaisesRegex(ValueError, "not a little-endian pcap file"):
            self.messages(b"\n\r\r\n" + data[4:])
        with self.assertRaisesRegex(ValueError, "cut off, or not TCP over IPv4"):
            self.messages(data[:24 + 16 + 23] + b"\x11" + data[24 + 16 + 24:])

    def test_refuses_a_lost_segment(self):
        data, packets, offset = CAPTURE.read_bytes(), [], 24
        while offset < len(data):
            size = 16 + struct.unpack_from("<I", data, offset + 8)[0]
            packets.append(data[offset:offset + size])
            offset += size
        with self.assertRaisesRegex(ValueError, "a lost or repeated segment"):
            self.messages(data[:24] + b"".join(packets[:5] + packets[8:]))


class FailuresTest(TemporaryFolder):
    """The page of failures, with a program that prints what it is told to."""

    SOURCE = """Words.

= Group

== It ended
scenario: a/b
client: closed
server: nothing
means: Something
  ended.
do: Nothing.
"""
    END = "compilation 2, attempt 3, thread 1: a.b(I)J: terminated after 1 query (vm 1:49152 -> server:38400: closed)"

    def page(self, source, *lines):
        (self.folder / "failures.txt").write_text(source, encoding="utf-8")
        log = "\n".join(["jitrig scenario run a/b --runtime simulation --seed 1 --log:", *lines, "passed  a/b"])
        program = self.folder / "jitrig"
        program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{log}\nEOF\n", encoding="utf-8")
        program.chmod(0o755)
        with unittest.mock.patch.object(failures, "SOURCE", self.folder / "failures.txt"):
            return failures.page(str(program))

    def test_an_entry_gets_its_lines(self):
        page = self.page(self.SOURCE, f"vm: {self.END}")
        kind = "compilation <n>, thread <n>: <method>: terminated after <n> queries (<client> -> <server>: closed)"
        self.assertIn(f"client  {kind}\nserver  (nothing)", page)
        self.assertIn("**It means**: Something ended.", page)
        self.assertIn("| `closed` | client | [It ended](#it-ended) |", page)

    def test_refuses_a_line_that_nothing_explains(self):
        with self.assertRaisesRegex(failure_source.SourceError, "a/b .simulation., client: .* lost"):
            self.page(self.SOURCE, f"vm: {self.END}", "vm: a server is required, lost")

    def test_refuses_an_entry_that_is_not_shown(self):
        with self.assertRaisesRegex(failure_source.SourceError, "failures.txt:7: .* says nothing like 'closed'"):
            self.page(self.SOURCE, "vm: #JITServer: t=  12 Connected")

    def test_refuses_words_where_there_should_be_none(self):
        with self.assertRaisesRegex(failure_source.SourceError, "server of a/b is not silent"):
            self.page(self.SOURCE.replace("means", "also server: out-of-sequence\nmeans"), f"vm: {self.END}",
                      "server: #JITServer: compThreadID=1 out-of-sequence msg=3")

    def test_refuses_an_unknown_key(self):
        with self.assertRaisesRegex(failure_source.SourceError, "failures.txt:9: expected one of .* found 'cause: "):
            self.page(self.SOURCE.replace("means:", "cause:"))

    def test_placeholders_keep_what_matters(self):
        self.assertEqual(failure_log.kind_of("server:38400 -> fresh client of server:49156: no request within 30000 ms"),
                         "<server> -> <client>: no request within <ms> ms")
        self.assertEqual(failure_log.kind_of("#JITServer: t= 55 Lost connection to the server (serverUID=7). "
                                             "Next attempt in 2000 ms."),
                         "#JITServer: t=<ms> Lost connection to the server (serverUID=<n>). Next attempt in <ms> ms.")


if __name__ == "__main__":
    unittest.main()
