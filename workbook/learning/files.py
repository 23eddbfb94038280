"""Writing a file so that it is either the old one or the new one, whatever happens."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: str | bytes, aside: Path | None = None) -> None:
    """Replace a file's content at once; a power cut leaves the old content. Raises OSError.

    The new content grows in the folder `aside`, by default beside the file; a kill leaves it there.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    aside = aside or path.parent
    for folder in (path.parent, aside):
        folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=aside, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
