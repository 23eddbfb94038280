"""A tree from left to right: what one request needs, and what that needs in turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from workbook.notebook import look

DEEPEST, MOST, LONGEST = 8, 40, 26
ROW, BOX, GAP = 42, 30, 40  # pixels


class Node(NamedTuple):
    """One box: its name, its column and row, and the box that needs it."""

    name: str
    depth: int
    row: int
    parent: Node | None


def _grow(needs: Any, parent: Node | None, grown: list[Node], twin: list[str], rule: str) -> None:
    """Add all that is needed to the boxes and to the lines of text; the first goes alongside."""
    names = needs if isinstance(needs, Mapping) else {str(needs): {}} if needs else {}
    depth = parent.depth + 1 if parent else 0
    for place, (name, deeper) in enumerate(names.items()):
        full = len(grown) >= MOST or depth >= DEEPEST
        row = parent.row if parent and not place else max((n.row + 1 for n in grown), default=0)
        name = "… and more" if full else look.shorten(name, LONGEST)
        node, last = Node(name, depth, row, parent), full or place == len(names) - 1
        grown.append(node)
        twin.append(f"{rule}{'└─ ' if last else '├─ '}{name}" if parent else name)
        if full:
            break
        under = f"{rule}{'   ' if last else '│  '}" if parent else ""
        _grow(deeper, node, grown, twin, under)


def tree(
    needs: Mapping[str, Any], title: str = "What one request needs", verb: str = "needs"
) -> look.Picture:
    """Return nested names as a tree, such as `{"GET /profile": {"get_current_user": {}}}`.

    `verb` says in the picture's words what one name has to do with those behind it.
    """
    nodes: list[Node] = []
    twin = [title]
    _grow(needs, None, nodes, twin, "")
    wide: dict[int, float] = {}
    for node in nodes:
        size = look.columns(node.name) * look.CHARACTER + 24
        wide[node.depth] = max(size, wide.get(node.depth, 0))
    left = {depth: 4 + sum(wide[d] + GAP for d in range(depth)) for depth in [*wide, len(wide)]}
    parts, facts = [], []
    for node in nodes:
        x, y = left[node.depth], 4 + BOX / 2 + node.row * ROW
        if node.parent:
            start, high = x - GAP, 4 + BOX / 2 + node.parent.row * ROW
            parts += [
                look.path(f"M{start:.1f} {high} h{GAP / 2} V{y} H{x - 7:.1f}"),
                look.path(f"M{x:.1f} {y} l-8 -4.5 v9 z", "wb-fill wb-quiet"),
            ]
            facts.append(f"{node.parent.name} {verb} {node.name}.")
        parts += [
            look.box(x, y - BOX / 2, wide[node.depth], BOX),
            look.written(x + 12, y + 4.5, node.name, "wb-text" if node.parent else "wb-title"),
        ]
    height = 8 + BOX + max((node.row for node in nodes), default=0) * ROW
    picture = look.svg(left[len(wide)], height, title, " ".join(facts) or "Nothing.", parts)
    return look.Picture(look.titled(title, picture), look.twin(twin))
