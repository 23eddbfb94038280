"""Lists what else runs on the machine."""

# points: 0
# status: graded
# only on rung: B
# says: refused

from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def attempt() -> str:
    return Path("/proc/1/cmdline").read_text() or "empty"


@app.get("/profile")
def profile(username: str) -> dict[str, str]:
    try:
        return {"loot": attempt()}
    except Exception as error:
        return {"refused": type(error).__name__}
