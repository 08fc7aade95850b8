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


def conversation(folder, capture, names):
    return captured_messages(folder / f"{capture}.pcap", names)


def compilations(messages):
    """The messages cut before each compilationRequest."""
    starts = [index for index, message in enumerate(messages) if message.name == "compilationRequest"]
    return [messages[begin:end] for begin, end in zip(starts, [*starts[1:], len(messages)])]


def questions(count, more=""):
    return f"… {count}{more} queries, each answered before the next …"


def draw(captures, head, folder):
    names = type_names(head)
    picture = Picture("One compilation between a client JVM and a compile server",
                      "The client sends a compilationRequest; the server asks queries, one at a time, each answered; "
                      "then it sends compilationCode. The client may interrupt instead of answering; and the "
                      "connection may break, whereupon the client connects anew for its next compilation.")
    for x, name, who, role in ((CLIENT, "client JVM", "or fakevm", "green"), (SERVER, "JITServer", "or fakecompiler",
                                                                         "violet")):
        picture.rect(x - 90, MARGIN, 180, 44, role, 5)
        picture.text(x, MARGIN + 19, name, bold=True)
        picture.text(x, MARGIN + 36, who, "muted", size=12)
    sequence = Sequence(picture, MARGIN + 44)

    messages = conversation(captures, "plain_1conn_3compiles", names)
    whole, *others = compilations(messages)
    began = whole[0].time_ns
    sequence.heading("It goes well", "green", "plain_1conn_3compiles")
    for message in whole[:5]:
        sequence.message(message, began)
    code = next(index for index, message in enumerate(whole) if message.name == "compilationCode")
    sequence.note(questions((code - 5) // 2, " more"))
    sequence.message(whole[code], began)
    sequence.note(f"… {len(others)} more compilations on this connection, without the version …")
    for message in messages:
        if message.name in ("connectionTerminate", "clientSessionTerminate"):
            if message.connection:
                sequence.note("and on a connection of its own, when the JVM ends")
            sequence.message(message, began)
    sequence.lifelines()

    messages = conversation(captures, "interrupt_then_reconnect", names)
    interrupted, after = compilations(messages)[1:3]
    began = interrupted[0].time_ns
    stop = next(index for index, message in enumerate(interrupted) if message.name == "compilationInterrupted")
    sequence.heading("The client gives it up", "amber", "interrupt_then_reconnect")
    sequence.message(interrupted[0], began)
    sequence.note(questions((stop - 2) // 2))
    sequence.message(interrupted[stop - 1], began)
    sequence.message(interrupted[stop], began, "amber")
    sequence.note("The server says nothing to that, and forgets this compilation.")
    sequence.note("This client then connects anew; it might as well go on here:")
    sequence.message(after[0], began)
    sequence.lifelines()

    messages = conversation(captures, "fin_mid_compile", names)
    cut, after = compilations(messages)[:2]
    began = cut[0].time_ns
    stop = next(index for index, message in enumerate(cut) if message.name == "closes")
    sequence.heading("The connection breaks", "red", "fin_mid_compile")
    sequence.message(cut[0], began)
    sequence.note(questions((stop - 2) // 2))
    sequence.message(cut[stop - 1], began)
    sequence.closed("closed instead of a reply: StreamFailure")
    sequence.note("This compilation is terminated. For the next a new connection:")
    sequence.message(after[0], began)
    sequence.lifelines()
    picture.save(folder / "compilation.svg", sequence.y + 14)
