"""A guess before the fact: written down, never graded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from workbook import tree
from workbook.notebook.cards import Card, Verdict, verdict
from workbook.notebook.look import Picture, escape, line, shorten, titled, twin

MISSING: Any = object()
_guesses: dict[str, object] = {}  # of this notebook, the newest last


def _told(value: object) -> tuple[object, str, Verdict | None]:
    """Return a guess or a fact as a plain value, in words, and as the verdict that it may be."""
    if isinstance(value, Card):
        return value.status, value.verdict.words, value.verdict
    if isinstance(value, bool):
        return value, "yes" if value else "no", None
    if isinstance(value, int) and (value == 0 or 100 <= value <= 599):
        return value, verdict(value).words, verdict(value)
    plain = value if isinstance(value, int | float | str) else str(value)
    return plain, shorten(plain, 200), None


def _agree(guess: object, fact: object) -> bool:
    """Return whether the guess names the fact: its value, its word, or let in as True or False."""
    (value, words, found), (guessed, said, _) = _told(fact), _told(guess)
    if isinstance(guess, bool) and found:
        return guess == (found.outcome == "let in")
    names = [str(value), words, *([found.outcome, words.partition(" ")[2]] if found else [])]
    told = {str(guessed).strip().lower(), said.strip().lower()}
    return any(name.strip().lower() in told for name in names)


def _keep(question: str, **told: object) -> list[str]:
    """Write a guess or a fact into the file; return what went wrong, in words."""
    path = Path(os.environ.get("WORKBOOK_VAR") or tree.VAR) / "predictions.json"
    new = path.with_name(f".predictions-{os.getpid()}")
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "")).stem  # which Jupyter sets
    question = f"{notebook}: {question}" if notebook else question
    notes, known = [], {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            kept = json.loads(path.read_bytes())["predictions"] if path.exists() else {}
            known = {name: dict(entry) for name, entry in kept.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            os.replace(path, path.with_suffix(".damaged.json"))
            notes = ["The file of guesses was damaged: it is predictions.damaged.json now."]
        known[question] = {**known.get(question, {}), **told}
        new.write_text(json.dumps({"format_version": 1, "predictions": known}, indent=1) + "\n")
        os.replace(new, path)
    except OSError as error:
        return [f"Your guess is not kept on disk ({error.strerror}). Go on all the same."]
    return notes


def _show(question: str, cells: dict[str, str], said: str, notes: list[str]) -> Picture:
    panels = "".join(
        f'<div class="wb-panel"><div class="wb-small">{label}</div><b>{escape(words)}</b></div>'
        for label, words in cells.items()
    )
    rows = [question, *(f"{label}: {words}" for label, words in cells.items()), said, *notes]
    inner = f'<div class="wb-row">{panels}</div><div>{escape(said)}</div>'
    return Picture(titled(question, inner, notes), twin(rows))


def predict(question: str, guess: object = ...) -> Picture:
    """Write down a guess (a status, a word, True or False; `...` for none yet) and show it."""
    question = line(question)
    _guesses.pop(question, None)
    _guesses[question] = guess
    if guess is ...:
        return _show(question, {"Your guess": "none yet: write it where the dots are"}, "", [])
    value, words, _ = _told(guess)
    notes = _keep(question, guess=value, fact=None, as_expected=None)
    return _show(question, {"Your guess": words}, "", notes)


def reveal(question: object, fact: object = MISSING) -> Picture:
    """Set the fact beside the guess; `reveal(fact)` means the question asked last.

    The fact is a Card, whose status counts, or a plain value like the guess.
    """
    last = next(reversed(_guesses), "What happened?")
    asked, fact = (last, question) if fact is MISSING else (line(question or last), fact)
    guess = _guesses.get(asked, ...)
    value, happened, found = _told(fact)
    happened = f"{found.sign} {happened}" if found else happened
    if guess is ...:
        said = "You had no guess yet. Next time write one first: it helps you to remember."
        return _show(asked, {"Your guess": "none yet", "What happened": happened}, said, [])
    agree, (plain, words, _) = _agree(guess, fact), _told(guess)
    notes = _keep(asked, guess=plain, fact=value, as_expected=agree)
    surprise = "≠ Not as you expected. That is worth more than a lucky guess: find out why."
    said = "= As you expected." if agree else surprise
    return _show(asked, {"Your guess": words, "What happened": happened}, said, notes)
