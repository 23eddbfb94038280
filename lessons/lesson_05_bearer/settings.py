"""What the service reads from its environment; an empty variable counts as unset (given)."""

import os
import secrets
import tempfile
from pathlib import Path

LESSON = Path(__file__).resolve().parent


def setting(name: str, default: str) -> str:
    """Return an environment variable, or the default."""
    return os.environ.get(name) or default


def kept_secret(path: Path) -> str:
    """Return the secret in this file; make it first if there is none.

    A secret in the source code would be known to everybody who reads the code.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside (O_EXCL, 0600), then linked: of two processes that start, one wins.
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix="secret-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a disk without links, such as a memory stick: the last one wins
            os.replace(draft, path)
        Path(draft).unlink(missing_ok=True)
    secret = path.read_text(encoding="ascii")
    if len(secret.strip()) < 32:  # a disk that was full, say; with an empty key anybody can sign
        raise RuntimeError(f"{path} holds no key. Remove it; then everybody logs in again.")
    return secret


DATA_DIR = Path(setting("DATA_DIR", str(LESSON.parents[1] / "var" / LESSON.name)))
PASSWORD_ROUNDS = int(setting("PASSWORD_ROUNDS", "12"))  # bcrypt does 2 ** 12 rounds of work
SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")
ACCESS_TOKEN_SECONDS = 60 * int(setting("ACCESS_TOKEN_MINUTES", "15"))
