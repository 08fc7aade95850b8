"""A picture as SVG: text stays text, in whatever fonts the reader has; light or dark as the reader's system is.

Colours are roles, not values: each shape names one of ROLES, and the style sheet in the file has both values of each.
Widths of text are estimated for DejaVu Sans, which is wider than what most readers have, so what fits here fits there.
"""

import textwrap
from xml.sax.saxutils import escape

WIDTH = 800
MARGIN = 24

# role: (stroke and text, fill) in light, then in dark
ROLES = {
    "plain": ("#59636e", "#f6f8fa", "#9198a1", "#1c2128"),
    "blue": ("#0969da", "#ddf4ff", "#58a6ff", "#12243d"),
    "green": ("#1a7f37", "#dafbe1", "#56d364", "#12281b"),
    "violet": ("#8250df", "#f5ebff", "#bc8cff", "#251c3a"),
    "amber": ("#9a6700", "#fff5d1", "#e3b341", "#2e2410"),
    "red": ("#cf222e", "#ffebe9", "#ff7b72", "#34181c"),
}
INK = ("#1f2328", "#e6edf3")
MUTED = ("#59636e", "#9198a1")
PAPER = ("#ffffff", "#0d1117")
EDGE = ("#d1d9e0", "#3d444d")


def style_rules(dark):
    side = 1 if dark else 0
    rules = [f".paper{{fill:{PAPER[side]};stroke:{EDGE[side]}}}",
             f"text{{fill:{INK[side]}}}", f".muted{{fill:{MUTED[side]}}}",
             f".rule{{stroke:{EDGE[side]}}}"]
    for role, colours in ROLES.items():
        stroke, fill = colours[2 * side:2 * side + 2]
        rules += [f".{role}{{fill:{fill};stroke:{stroke}}}", f".{role}-text{{fill:{stroke}}}",
                  f".{role}-line{{stroke:{stroke}}}", f".{role}-head{{fill:{stroke}}}"]
    return rules


def text_width(text, size, mono=False):
    return len(text) * size * (0.602 if mono else 0.57)


class Picture:
    """`title` and `description` are what a reader hears who does not see it."""

    def __init__(self, title, description):
        self.title, self.description = title, description
        self.parts = []

    def rect(self, x, y, width, height, role, radius=4, dashed=False):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self.parts.append(f'<rect class="{role}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
                          f'rx="{radius}"{dash}/>')

    def text(self, x, y, words, role="", anchor="middle", size=13, bold=False, mono=False, room=None):
        if room is not None and text_width(words, size, mono) > room:
            raise ValueError(f"{self.title}: no room for {words!r}: {text_width(words, size, mono):.0f} > {room:g}")
        classes = " ".join(name for name in (role, "mono" if mono else "", "bold" if bold else "") if name)
        attributes = f' class="{classes}"' if classes else ""
        self.parts.append(f'<text{attributes} x="{x:g}" y="{y:g}" font-size="{size}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def paragraph(self, x, y, words, room, size=12):
        """Words broken into lines; returns where the next line would be."""
        for line in textwrap.wrap(words, int(room / (0.53 * size))):
            self.text(x, y, line, "muted", "start", size)
            y += size + 5
        return y

    def line(self, x1, y1, x2, y2, role="rule", dashed=False, width=1):
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self.parts.append(f'<line class="{role}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" '
                          f'stroke-width="{width:g}"{dash}/>')

    def polygon(self, points, role):
        where = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(f'<polygon class="{role}" points="{where}"/>')

    def arrow(self, x1, x2, y, role, dashed=False):
        """Along a line of the page, its head at x2."""
        back = -9 if x2 > x1 else 9
        self.line(x1, y, x2 + back, y, f"{role}-line", dashed, 1.5)
        self.polygon([(x2, y), (x2 + back, y - 4.5), (x2 + back, y + 4.5)], f"{role}-head")

    def save(self, path, height):
        style = "".join(style_rules(False)) + "@media (prefers-color-scheme:dark){" + "".join(style_rules(True)) + "}"
        fonts = ('text{font-family:"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}'
                 '.mono{font-family:"SFMono-Regular",Consolas,"DejaVu Sans Mono",monospace}.bold{font-weight:600}')
        lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
                 f'height="{height:g}" role="img">',
                 f"<title>{escape(self.title)}</title>", f"<desc>{escape(self.description)}</desc>",
                 f"<style>{fonts}{style}</style>",
                 f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8"/>',
                 *self.parts, "</svg>", ""]
        path.write_text("\n".join(lines), encoding="utf-8")
