"""The rooms and layers of the repository, drawn. The names are those of its folders; includes run downwards only."""

from svg import MARGIN, WIDTH, Picture

ROOM = WIDTH - 2 * MARGIN
GAP = 10


def room(picture, x, y, width, height, name, lines, role):
    picture.rect(x, y, width, height, role, 5)
    picture.text(x + width / 2, y + 21, name, f"{role}-text", size=13, bold=True, mono=True, room=width - 8)
    for number, line in enumerate(lines):
        picture.text(x + width / 2, y + 40 + 17 * number, line, size=12, room=width - 8)


STREAM_HEIGHT = 150


def draw_stream(picture, y):
    picture.rect(MARGIN, y, ROOM, STREAM_HEIGHT, "blue", 5)
    picture.text(WIDTH / 2, y + 21, "protocol/stream", "blue-text", size=13, bold=True, mono=True)
    left, right, box, side, below = MARGIN + 40, WIDTH - MARGIN - 40, 30, 200, 140
    y += 32
    for x, name in ((left, "ClientStream"), (right - side, "ServerStream")):
        picture.rect(x, y, side, box, "paper", 4)
        picture.text(x + side / 2, y + 20, name)
    picture.arrow(left + side + 6, right - side - 6, y + 10, "blue")
    picture.arrow(right - side - 6, left + side + 6, y + 20, "blue")
    y += box + 8
    picture.rect(left, y, right - left, box, "paper", 4)
    picture.text(WIDTH / 2, y + 20, "CommunicationStream: whole messages, validated, with a deadline", size=12)
    y += box + 8
    picture.rect(left, y, right - left - below - 8, box, "paper", 4)
    picture.text((left + right - below - 8) / 2, y + 20, "ByteStream: TCP · TLS · in-process pipe · simulated network",
                 size=12)
    picture.rect(right - below, y, below, box, "paper", 4)
    picture.text(right - below / 2, y + 20, "Listener", size=12)


def draw(folder):
    picture = Picture("The house of jitrig",
                      "From top to bottom: cli, scenarios, fakevm beside fakecompiler, capture, protocol/stream, "
                      "protocol/catalogue over protocol/wire, beside them protocol/runtime with its two houses.")
    y = MARGIN
    third = (ROOM - 2 * GAP) / 3
    half = (ROOM - GAP) / 2

    room(picture, MARGIN, y, ROOM, 52, "cli", ["jitrig, the command: one verb per file"], "plain")
    y += 52 + GAP
    room(picture, MARGIN, y, ROOM, 52, "scenarios", ["faults, scenario files, checkers, sweeps, random worlds from seeds"],
         "plain")
    y += 52 + GAP
    room(picture, MARGIN, y, half, 86, "fakevm",
         ["a client JVM without a JVM", "World · Frontend", "RemoteCompilation · FakeVM"], "green")
    room(picture, MARGIN + half + GAP, y, half, 86, "fakecompiler",
         ["a compile server without a compiler", "Script · ClientSession", "CompilationQueue · FakeCompiler"], "violet")
    y += 86 + GAP
    room(picture, MARGIN, y, ROOM, 52, "capture",
         ["Conversation · Recorder · replay · reading and writing pcap"], "amber")
    y += 52 + GAP

    draw_stream(picture, y)
    y += STREAM_HEIGHT + GAP

    two_thirds = 2 * third + GAP
    room(picture, MARGIN, y, two_thirds, 52, "protocol/catalogue",
         ["message types of every release since 0.20.0, as data"], "blue")
    room(picture, MARGIN, y + 52 + GAP, two_thirds, 52, "protocol/wire",
         ["messages as bytes and back: no I/O, no clock, no thread"], "blue")
    x = MARGIN + two_thirds + GAP
    height = 104 + GAP
    picture.rect(x, y, third, height, "blue", 5)
    picture.text(x + third / 2, y + 21, "protocol/runtime", "blue-text", size=13, bold=True, mono=True)
    picture.text(x + third / 2, y + 40, "clock, tasks, network, chance", size=12, room=third)
    inner_width = (third - 36) / 2
    for number, (name, what) in enumerate((("os", "threads"), ("simulation", "seed, fibers"))):
        left = x + 12 + number * (inner_width + 12)
        picture.rect(left, y + 54, inner_width, 48, "paper", 4)
        picture.text(left + inner_width / 2, y + 74, name, "blue-text", size=12, mono=True, room=inner_width)
        picture.text(left + inner_width / 2, y + 91, what, size=12, room=inner_width)
    y += height
    picture.text(WIDTH / 2, y + 24, "Includes run downwards only. Everything above the Runtime is the same code "
                 "on sockets and at virtual time.", "muted", size=12, room=ROOM)
    picture.save(folder / "house.svg", y + 38)
