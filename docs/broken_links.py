"""Names each link of the HTML that leads nowhere, and each jitrig::Name in a page written by hand that is no link.

usage: broken_links.py <folder of the HTML>

Doxygen leaves a relative link that it does not understand as it is, and a name that it does not know as plain text.
"""

import html.parser
import pathlib
import re
import sys
import urllib.parse

NAME = re.compile(r"jitrig::[A-Za-z]\w*")


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.unlinked = [], set(), []
        self.inside = []  # the elements in which a name need not be a link
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors.update(values[key] for key in ("id", "name") if values.get(key))
        self.links += [values[key] for key in ("href", "src", "data") if values.get(key)]
        if tag in ("a", "code", "title") or values.get("class") == "line":  # a line of an example
            self.inside.append(tag)
        elif tag in self.inside:  # nested in such an element
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, words):
        if not self.inside:
            self.unlinked += NAME.findall(words)


def is_written_by_hand(name):
    return name == "index.html" or name.startswith("md_")


def problems(folder):
    pages = {path.name: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html"))}
    for name, page in pages.items():
        for link in page.links:
            target, _, anchor = urllib.parse.unquote(link).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            if target and not (folder / target).exists():
                yield f"{name}: no such file: {link}"
            elif anchor and is_written_by_hand(name) and anchor not in pages[target or name].anchors:
                yield f"{name}: no such place: {link}"
        if is_written_by_hand(name):
            yield from (f"{name}: is not known: {word}" for word in page.unlinked)


def main():
    if len(sys.argv) != 2 or not (pathlib.Path(sys.argv[1]) / "index.html").is_file():
        sys.exit("usage: broken_links.py <folder of the HTML, with index.html>")
    found = sorted(set(problems(pathlib.Path(sys.argv[1]))))
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
