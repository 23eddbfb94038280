"""One request and its answer on a card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import httpx

from workbook.notebook.look import Picture, clean, escape, line, pretty, shorten, twin
from workbook.talking.exchange import Exchange

ASKED = ("authorization", "cookie", "content-type", "origin")
ANSWERED = (
    "content-type", "www-authenticate", "cache-control", "set-cookie", "location",
    "retry-after", "access-control-allow-origin", "access-control-allow-credentials",
)  # fmt: skip
SIGNS = {
    "let in": ("✓", "blue"), "sent elsewhere": ("→", "quiet"), "refused": ("✗", "orange"),
    "crashed": ("!", "red"), "not written yet": ("…", "violet"), "no answer": ("?", "quiet"),
}  # fmt: skip
BY_HUNDRED = {2: "let in", 3: "sent elsewhere", 4: "refused", 5: "crashed"}
SPECIAL = {
    201: "let in: created", 204: "let in: done", 403: "refused: not allowed", 404: "not found",
    405: "no such method", 409: "conflict", 413: "too large", 422: "bad input",
    429: "too many tries", 503: "not ready",
}  # fmt: skip


class Verdict(NamedTuple):
    """How an outcome is shown: a sign, words and a colour, which all say the same."""

    sign: str
    words: str
    colour: str
    outcome: str  # in general: "let in" for 200, 201 and 204


def verdict(status: int, problem: str = "") -> Verdict:
    """Return how a status number is shown; 0 stands for no answer, because of the problem."""
    if status == 0:
        why = " ".join(problem.split()) or "nobody knows why"
        words = shorten(f"no answer: {why}", 300)
        return Verdict("?", words, "quiet", "no answer")
    outcome = "not written yet" if status == 501 else BY_HUNDRED.get(status // 100, "")
    sign, colour = SIGNS.get(outcome, ("?", "quiet"))
    words = SPECIAL.get(status, outcome or "no status that exists")
    return Verdict(sign, f"{status} {words}", colour, outcome)


def name_of(caller: str) -> str:
    """Return the caller's name as a sentence begins with it."""
    shown = shorten(caller, 40)
    return shown[:1].upper() + shown[1:] if shown else "Somebody"


def _headers(pairs: Iterable[tuple[str, str]], wanted: tuple[str, ...]) -> list[str]:
    return [
        f"{line(name)}: {shorten(value, 44, tail=8)}"
        for name, value in pairs
        if name.lower() in wanted
    ]


class Card(Picture):
    """A request and its answer, to look at and to go on working with."""

    def __init__(self, exchange: Exchange) -> None:
        answer = exchange.answer
        self.exchange, self.answer = exchange, answer
        self.status, self.text, self.json = answer.status, answer.text, answer.json
        pairs = (tuple(t.encode("utf-8", "replace") for t in pair) for pair in answer.headers)
        self.headers = httpx.Headers([(name, value) for name, value in pairs])
        self.verdict = verdict(answer.status, answer.problem)
        if isinstance(answer.json, dict) and answer.json.get("active") is False:
            # RFC 7662: a 200 that says no.
            self.verdict = Verdict("–", "200 answered: not active", "orange", "not active")

    def drawn(self) -> tuple[str, str]:
        """Return the card as HTML and as text."""
        asked, answer = self.exchange.request, self.answer
        who = f"{name_of(self.exchange.caller)} asks"
        what = shorten(f"{asked.method} {asked.path}", 300, tail=20)
        badge = f"{self.verdict.sign} {self.verdict.words}"
        left = _headers(asked.headers, ASKED), pretty(asked.text) if asked.body else []
        right = _headers(answer.headers, ANSWERED), pretty(answer.text) if answer.body else []

        def side(label: str, headline: str, headers: list[str], body: list[str]) -> str:
            small = "".join(f'<div class="wb-mono wb-quiet">{escape(row)}</div>' for row in headers)
            block = f'<pre class="wb-mono">{escape(chr(10).join(body))}</pre>' if body else ""
            label = f'<div class="wb-small">{escape(label)}</div>'
            return f'<div class="wb-panel">{label}{headline}{small}{block}</div>'

        line_ = f'<div class="wb-mono wb-title">{escape(what)}</div>'
        sign = f'<div class="wb-badge wb-title wb-{self.verdict.colour}">{escape(badge)}</div>'
        html = (
            f'<div class="wb-row" role="group" aria-label="{escape(f"{who}: {what}")}">'
            f"{side(who, line_, *left)}{side('What came back', sign, *right)}</div>"
            "<details><summary>the same request as a curl line</summary>"
            f'<pre class="wb-mono">{escape(self.exchange.curl())}</pre></details>'
        )
        rows = [f"{who}: {what}", *(f"  {row}" for part in left for row in part)]
        rows += [f"What came back: {badge}", *(f"  {row}" for part in right for row in part)]
        return html, f"{twin(rows)}\n{clean(self.exchange.curl())}"
