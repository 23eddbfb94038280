"""Lives of tokens or keys, one line each, with their numbered moments in the order of time."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.notebook import look

MOST, WIDTH, ROW, MARK, LONGEST = 8, 420, 58, 22, 24  # lines; pixels; columns of text


def timeline(
    lives: Mapping[str, Mapping[str, float]], unit: str = "min", title: str = "A life line"
) -> look.Picture:
    """Return a line for each name, such as `{"the token": {"login": 0, "logout": 4, "end": 15}}`.

    The number of a moment is its place in time, in `unit`. Moments close together are drawn apart.
    """
    shown = dict(list(lives.items())[:MOST])
    ends = [float(at) for moments in shown.values() for at in moments.values()]
    first, last = min(ends, default=0.0), max(ends, default=1.0)
    names = {name: look.shorten(name, LONGEST) for name in shown}
    left = max(map(look.columns, names.values()), default=0) * look.CHARACTER + 26
    parts: list[str] = []
    facts, wide = [], 0.0
    for row, (name, moments) in enumerate(shown.items()):
        y, said = row * ROW + 20, []
        places: list[float] = []
        for number, (what, at) in enumerate(sorted(moments.items(), key=lambda one: one[1]), 1):
            x = left + (at - first) / ((last - first) or 1) * WIDTH
            places.append(max(x, places[-1] + MARK + 4) if places else x)
            said.append(f"{number} {look.shorten(what, LONGEST)} ({at:g} {unit})")
        caption = look.shorten(" · ".join(said), 110)
        wide = max([wide, *places, left - 11 + look.columns(caption) * look.CHARACTER])
        parts += [
            look.written(left - 22, y + 4.5, names[name], "wb-text wb-title", "end"),
            look.path(f"M{places[0]:.1f} {y} H{places[-1]:.1f}") if places else "",
            look.written(left - 11, y + 30, caption, "wb-quiet"),
        ]
        for number, x in enumerate(places, 1):
            parts.append(look.box(x - MARK / 2, y - MARK / 2, MARK, MARK))
            parts.append(look.written(x, y + 4.5, str(number), anchor="middle"))
        facts.append(f"{names[name]}: {' · '.join(said) or 'nothing'}")
    picture = look.svg(wide + 24, len(shown) * ROW + 4, title, "; ".join(facts), parts)
    return look.Picture(look.titled(title, picture), look.twin([title, *facts]))
