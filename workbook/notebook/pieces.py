"""A long text taken apart: numbered pieces, each with a colour and an underline of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from workbook.notebook.look import escape, shorten, titled, twin

COLOURS = ("blue", "orange", "teal", "violet")  # underlined solid, dashed, dotted and double


class Piece(NamedTuple):
    """One part of the text; without a label it only stands between two others."""

    text: str
    label: str = ""
    says: Sequence[str] = ()


def apart(
    title: str, pieces: Sequence[Piece], problems: Sequence[str], closing: str
) -> tuple[str, str]:
    """Return as HTML and as text: the whole, what is wrong with it, and what each piece says."""
    whole, panels, rows, number = "", "", [title], 0
    for piece in pieces:
        text = shorten(piece.text, 1200, tail=20)
        if not piece.label:
            whole += f'<span class="wb-quiet">{escape(text)}</span>'
            continue
        look = f"wb-{COLOURS[number % 4]} wb-{number % 4 + 1}"
        number += 1
        whole += f'<span class="wb-piece {look}" data-n="{number}">{escape(text)}</span>'
        panels += (
            f'<div class="wb-panel wb-edge {look}"><b data-n="{number}">{escape(piece.label)}</b>'
            f'<pre class="wb-mono">{escape(chr(10).join(piece.says))}</pre></div>'
        )
        rows += [f"{number} {piece.label}: {text or '(empty)'}", *(f"  {s}" for s in piece.says)]
    rows += [*(f"! {problem}" for problem in problems), closing]
    wrong = "".join(f'<div class="wb-red">! {escape(problem)}</div>' for problem in problems)
    inner = (
        f'<div class="wb-mono wb-whole">{whole}</div>{wrong}'
        f'<div class="wb-row wb-pieces">{panels}</div>'
    )
    return titled(title, inner, [closing] if closing else []), twin(rows)
