"""What the service reads from its environment; an empty variable counts as unset (given)."""

import os
from pathlib import Path

LESSON = Path(__file__).resolve().parent


def setting(name: str, default: str) -> str:
    """Return an environment variable, or the default."""
    return os.environ.get(name) or default


DATA_DIR = Path(setting("DATA_DIR", str(LESSON.parents[1] / "var" / LESSON.name)))
PASSWORD_ROUNDS = int(setting("PASSWORD_ROUNDS", "12"))  # bcrypt does 2 ** 12 rounds of work
