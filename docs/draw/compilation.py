"""One compilation drawn as a sequence, and the two ways in which it ends early: from captures of the real code."""

from captured_messages import captured_messages, type_names
from svg import MARGIN, WIDTH, Picture

CLIENT, SERVER = 150, WIDTH - 150
STEP = 33
ROLE = {"client": "green", "server": "violet"}
STARTERS = {"compilationRequest", "compilationCode", "compilationInterrupted", "connectionTerminate",
            "clientSessionTerminate"}


class Sequence:
    """Arrows downwards from `y`; times on the left, sizes on the right."""

    def __init__(self, picture, y):
        self.picture, self.y = picture, y

    def heading(self, words, role, capture):
        self.y += 14
        self.picture.line(MARGIN, self.y - 4, WIDTH - MARGIN, self.y - 4)
        self.picture.text(MARGIN, self.y + 20, words, f"{role}-text", "start", 14, bold=True)
        self.picture.text(WIDTH - MARGIN, self.y + 20, capture, "muted", "end", 11, mono=True)
        self.y += 30
        self.top = self.y

    def message(self, message, began_ns, role=None):
        self.y += STEP
        ends = (CLIENT, SERVER) if message.sender == "client" else (SERVER, CLIENT)
        words = message.name
        if message.name not in STARTERS:
            words = ("query " if message.sender == "server" else "reply ") + message.name
        if message.version:
            words += f", version {message.version >> 24}.{message.version >> 8 & 0xffff}"
        role = role or ROLE[message.sender]
        self.picture.arrow(*ends, self.y, role)
        self.picture.text((CLIENT + SERVER) / 2, self.y - 6, words, size=12, bold=message.name in STARTERS,
                          room=SERVER - CLIENT - 20)
        self.picture.text(MARGIN, self.y + 4, f"{(message.time_ns - began_ns) / 1e6:.2f} ms", "muted", "start", 11,
                          mono=True)
        self.picture.text(WIDTH - MARGIN, self.y + 4, f"{message.size:,} B", "muted", "end", 11, mono=True)

    def note(self, words, role="muted"):
        self.y += STEP - 9
        self.picture.text((CLIENT + SERVER) / 2, self.y, words, role, size=12, room=SERVER - CLIENT - 20)

    def closed(self, words):
        """The client breaks off where its answer was due: a line that does not arrive."""
        self.y += STEP
        stop = (CLIENT + SERVER) / 2 - 110
        self.picture.line(CLIENT, self.y, stop, self.y, "red-line", True, 1.5)
        for slope in (-6, 6):
            self.picture.line(stop - 6, self.y - slope, stop + 6, self.y + slope, "red-line", width=2)
        self.picture.text(stop + 16, self.y + 4, words, "red-text", "start", 12, room=SERVER - stop - 24)

    def lifelines(self):
        self.y += 14
        for x in (CLIENT, SERVER):
            self.picture.line(x, self.top, x, self.y, "plain-line", dashed=True)


def compilations(messages):
    """The messages cut before each compilationRequest."""
    starts = [index for index, message in enumerate(messages) if message.name == "compilationRequest"]
    return [messages[begin:end] for begin, end in zip(starts, [*starts[1:], len(messages)])]


def place_of(name, messages):
    return next(index for index, message in enumerate(messages) if message.name == name)


def draw_whole(sequence, capture, messages):
    whole, *others = compilations(messages)
    began = whole[0].time_ns
    sequence.heading("It goes well", "green", capture)
    shown = 5  # the request, and two queries with their replies
    for message in whole[:shown]:
        sequence.message(message, began)
    code = place_of("compilationCode", whole)
    sequence.note(f"… {(code - shown) // 2} more queries, each answered before the next …")
    sequence.message(whole[code], began)
    sequence.note(f"… {len(others)} more compilations on this connection, without the version …")
    sequence.message(messages[place_of("connectionTerminate", messages)], began)
    sequence.note("and on a connection of its own, when the JVM ends")
    sequence.message(messages[place_of("clientSessionTerminate", messages)], began)
    sequence.lifelines()


def draw_until(sequence, messages, stop):
    """A request, and the last query before messages[stop]; returns when it began."""
    began = messages[0].time_ns
    sequence.message(messages[0], began)
    sequence.note(f"… {(stop - 2) // 2} queries, each answered before the next …")
    sequence.message(messages[stop - 1], began)
    return began


def draw_interrupted(sequence, capture, messages):
    interrupted, after = compilations(messages)[1:3]
    stop = place_of("compilationInterrupted", interrupted)
    sequence.heading("The client gives it up", "amber", capture)
    began = draw_until(sequence, interrupted, stop)
    sequence.message(interrupted[stop], began, "amber")
    sequence.note("The server says nothing to that, and forgets this compilation.")
    sequence.note("This client then connects anew; it might as well go on here:")
    sequence.message(after[0], began)
    sequence.lifelines()


def draw_cut(sequence, capture, messages):
    cut, after = compilations(messages)[:2]
    sequence.heading("The connection breaks", "red", capture)
    began = draw_until(sequence, cut, place_of("closes", cut))
    sequence.closed("closed instead of a reply: StreamFailure")
    sequence.note("This compilation is terminated. For the next a new connection:")
    sequence.message(after[0], began)
    sequence.lifelines()


def draw(captures, head, folder):
    picture = Picture("One compilation between a client JVM and a compile server",
                      "The client sends a compilationRequest; the server asks queries, one at a time, each answered; "
                      "then it sends compilationCode. The client may interrupt instead of answering; and the "
                      "connection may break, whereupon the client connects anew for its next compilation.")
    for x, name, stand_in, role in ((CLIENT, "client JVM", "or fakevm", "green"),
                                    (SERVER, "JITServer", "or fakecompiler", "violet")):
        picture.rect(x - 90, MARGIN, 180, 44, role, 5)
        picture.text(x, MARGIN + 19, name, bold=True)
        picture.text(x, MARGIN + 36, stand_in, "muted", size=12)
    sequence = Sequence(picture, MARGIN + 44)
    names = type_names(head)
    for capture, draw_part in (("plain_1conn_3compiles", draw_whole), ("interrupt_then_reconnect", draw_interrupted),
                               ("fin_mid_compile", draw_cut)):
        draw_part(sequence, capture, captured_messages(captures / f"{capture}.pcap", names))
    picture.save(folder / "compilation.svg", sequence.y + 14)
