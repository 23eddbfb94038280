"""What every picture shares: colours, safe text and the frame around it.

Text from a server is untrusted: `clean` makes hidden characters visible and `escape` makes
the rest harmless in HTML, so every word passes one of the two on its way to the screen.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import textwrap
import unicodedata
from collections.abc import Iterable
from pathlib import Path

# Light and dark. Text reaches 7:1 on both `card` and `panel`; `line` draws edges only.
COLOURS = {
    "card": ("#ffffff", "#15181c"), "panel": ("#f3f5f8", "#1f242a"), "line": ("#8a93a0", "#717b88"),
    "text": ("#16191d", "#f2f4f7"), "quiet": ("#434a54", "#c4cad3"), "blue": ("#0b4685", "#9dccff"),
    "orange": ("#753200", "#ffb97d"), "red": ("#970022", "#ffa3ab"),
    "violet": ("#55308c", "#d6bfff"), "teal": ("#00504a", "#7fdcc9"),
}  # fmt: skip
SURFACES = ("card", "panel", "line")
INKS = [role for role in COLOURS if role not in SURFACES]
LIGHT, DARK = (
    "".join(f"--wb-{role}:{pair[dark]};" for role, pair in COLOURS.items())
    + f"color-scheme:{('light', 'dark')[dark]}"
    for dark in (0, 1)
)
CHARACTER = 7.9  # the width of one monospaced character at 13 pixels, with a little air
LINES = 20  # how much of a body a picture shows

STYLE = (
    f".wb{{{LIGHT}}}@media (prefers-color-scheme:dark){{.wb{{{DARK}}}}}"
    f'body[data-jp-theme-light="true"] .wb{{{LIGHT}}}'
    f'body[data-jp-theme-light="false"] .wb{{{DARK}}}'
    + "".join(f".wb .wb-{role}{{color:var(--wb-{role})}}" for role in INKS)
    + Path(__file__).with_name("look.css").read_text(encoding="utf-8")
)


def clean(text: object) -> str:
    """Return the text with every control and hidden character written out, new lines kept."""
    shown = str(text).replace("\r\n", "\n").replace("\t", "    ")
    return "".join(c if c == "\n" or c.isprintable() else ascii(c)[1:-1] for c in shown)


def line(text: object) -> str:
    """Return the text cleaned and on one line."""
    return clean(text).replace("\n", "\\n")


def escape(text: object) -> str:
    """Return the text cleaned and safe inside HTML, attributes included."""
    return html.escape(clean(text), quote=True)


def _pad(text: object) -> str:
    """Return the text clean, with a NUL behind each wide character: its length is in columns."""
    return "".join(c + "\0" * (unicodedata.east_asian_width(c) in "WF") for c in line(text))


def columns(text: str) -> int:
    """Return how many columns a terminal needs for one line of text."""
    return len(_pad(text))


def shorten(text: object, width: int, tail: int = 0) -> str:
    """Return the text cleaned and cut to a width in columns, its last `tail` columns kept."""
    padded = _pad(text)
    if len(padded) > width:
        padded = padded[: width - tail - 1] + "…" + padded[len(padded) - tail :]
    return padded.replace("\0", "")


def wrap(text: str, hang: str = "") -> list[str]:
    """Return the text cleaned, as lines of at most 80 columns; `hang` indents all but the first."""
    rows = textwrap.wrap(_pad(text), 80, subsequent_indent=hang, break_on_hyphens=False)
    return [row.replace("\0", "") for row in rows] or [""]


def twin(rows: Iterable[str]) -> str:
    """Return the rows that are not empty as text of at most 80 columns."""
    return "\n".join(short for row in rows if row for short in wrap(row, hang="    "))


def in_columns(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines with the cells below each other; none if 80 are too few."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * len(widths) > 82:
        return []
    padded = ([c + " " * (w - columns(c)) for c, w in zip(r, widths, strict=True)] for r in rows)
    return ["  ".join(row).rstrip() for row in padded]


def pretty(text: str) -> list[str]:
    """Return a body as clean lines, JSON indented, cut with a last line that says so."""
    shown = text[:20_000]
    with contextlib.suppress(ValueError, RecursionError):  # no JSON: shown as it is
        shown = json.dumps(json.loads(shown), indent=2, ensure_ascii=False)
    whole, kept, room = clean(shown).split("\n"), [], LINES
    for row in whole:
        if room > 0:
            kept.append(shorten(row, min(room, 6) * 72, tail=20))
            room -= 1 + columns(row) // 72
    missing = len(whole) - len(kept)
    if missing or len(text) > 20_000:
        kept.append(f"… {missing} more lines" if missing else "… more")
    return kept


class Picture:
    """Something that a notebook shows: HTML for the eye, and the same facts as plain text."""

    def __init__(self, inner: str = "", text: str = "") -> None:
        self._drawn = inner, text

    def drawn(self) -> tuple[str, str]:
        """Return the picture as HTML and as text."""
        return self._drawn

    def _repr_html_(self) -> str:
        return f'<div class="wb"><style>{STYLE}</style>{self.drawn()[0]}</div>'

    def __repr__(self) -> str:
        return self.drawn()[1]


def titled(title: str, inner: str, notes: Iterable[str] = ()) -> str:
    """Return HTML under a title, with small notes below."""
    head = f'<div class="wb-title">{escape(title)}</div>' if title else ""
    return head + inner + "".join(f'<div class="wb-small">{escape(note)}</div>' for note in notes)


def svg(width: float, height: float, title: str, words: str, parts: Iterable[str]) -> str:
    """Return an inline picture; `title` names it and `words` tell all that it shows."""
    title, words, drawn = escape(title), escape(words), "".join(parts)
    mark = "wb-" + hashlib.sha256(f"{title}|{words}|{drawn}".encode()).hexdigest()[:12]
    return (
        f'<svg width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-labelledby="{mark}-title {mark}-desc">'
        f'<title id="{mark}-title">{title}</title>'
        f'<desc id="{mark}-desc">{words}</desc>{drawn}</svg>'
    )


def written(x: float, y: float, text: str, look: str = "wb-text", anchor: str = "start") -> str:
    """Return one line of text inside a picture."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} class="{look}">{escape(text)}</text>'


def path(steps: str, look: str = "wb-stroke wb-quiet", more: str = "") -> str:
    """Return a line or a filled shape inside a picture."""
    return f'<path d="{steps}" class="{look}" {more}/>'


def box(x: float, y: float, width: float, height: float, look: str = "wb-box") -> str:
    """Return a rectangle inside a picture."""
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} rx="5" class="{look}"/>'


def message(colour: str, sign: str, lines: list[str], link: str = "") -> Picture:
    """Return a headline with a sign and a colour, lines below it, and an address to open."""
    rows = "".join(f'<div class="wb-mono">{escape(row)}</div>' for row in lines[1:])
    if link:
        rows += f'<a href="{escape(link)}" target="_blank" rel="noopener">{escape(link)}</a>'
        lines = [*lines, link]
    head = f'<div class="wb-{colour} wb-title">{escape(f"{sign} {lines[0]}")}</div>'
    text = [f"{sign} {lines[0]}", *lines[1:]]
    return Picture(head + rows, "\n".join(row for one in text for row in wrap(line(one))))
