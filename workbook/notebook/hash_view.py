"""A stored password hash taken apart."""

from __future__ import annotations

import re

from workbook.notebook.look import Picture
from workbook.notebook.pieces import Piece, apart

LABELS = ("algorithm", "cost", "salt", "digest")
KNOWN = (
    re.compile(
        r"(?P<algorithm>\$2[abxy]?\$)(?P<cost>\d\d)\$(?P<salt>[./A-Za-z0-9]{22})"
        r"(?P<digest>[./A-Za-z0-9]{31})"
    ),
    re.compile(
        r"(?P<algorithm>\$argon2(?:id|i|d)\$)(?:v=\d+\$)?(?P<cost>m=\d+,t=\d+,p=\d+)"
        r"\$(?P<salt>[^$]+)\$(?P<digest>[^$]+)"
    ),
)


def _cost(cost: str) -> str:
    if "," not in cost:
        return f"2 to the power of {int(cost)}: {2 ** int(cost):,} rounds for each guess"
    memory, passes, lanes = (part[2:] for part in cost.split(","))
    return f"{memory} KiB of memory for each guess, {passes} passes, {lanes} lanes"


class HashView(Picture):
    """A bcrypt or argon2 hash in four pieces: algorithm, cost, salt and digest."""

    def __init__(self, text: object) -> None:
        self._text = text.decode("latin-1") if isinstance(text, bytes) else str(text or "")
        self._found = next(filter(None, (kind.fullmatch(self._text) for kind in KNOWN)), None)
        found = self._found.groupdict() if self._found else dict.fromkeys(LABELS, "")
        name = found["algorithm"].strip("$")
        self.algorithm = "bcrypt" if name.startswith("2") else name
        self.cost, self.salt, self.digest = found["cost"], found["salt"], found["digest"]

    def __str__(self) -> str:
        return self._text

    def drawn(self) -> tuple[str, str]:
        """Return the four pieces as HTML and as text."""
        if not self._found:
            wrong = "This is neither a bcrypt nor an argon2 hash. Is it the password itself?"
            pieces = [Piece(self._text, "text", ["no algorithm, no cost, no salt"])]
            return apart("Not a password hash", pieces, [wrong], "")
        says = {
            "algorithm": self.algorithm,
            "cost": _cost(self.cost),
            "salt": f"{len(self.salt)} random characters: not secret, new for each user",
            "digest": f"{len(self.digest)} characters: what a login has to arrive at again",
        }
        pieces, place = [], 0
        for label in LABELS:
            start, end = self._found.span(label)
            between = [Piece(self._text[place:start])] if start > place else []
            pieces += [*between, Piece(self._text[start:end], label, [says[label]])]
            place = end
        closing = "The password is not in here. Whoever holds this line can only guess."
        return apart(f"A password hash made by {self.algorithm}", pieces, [], closing)
