"""Mallory registers names that look like Alice's on a screen, to write to people as Alice.

It works because any text is taken as a name: a Cyrillic letter, a space or an invisible character
make another name of it, but not for the eye.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Register a name that looks like somebody else's",
    route="POST /register",
    closes=2,
    see="CWE-1007",
    catches="PW-17",
)
def register_a_look_alike(api: Api) -> str | None:
    """Try three twins of Alice's name."""
    name = api.alice.username
    twins = {
        "with a Cyrillic a": "\N{CYRILLIC SMALL LETTER A}" + name[1:],
        "with a space behind it": f"{name} ",
        "with an invisible character": f"{name[:1]}\N{ZERO WIDTH SPACE}{name[1:]}",
    }
    got = []
    for how, twin in twins.items():
        body = api.new_person("mallory").registration | {"username": twin}
        if reach(api.post("/register", json=body, caller="mallory")).status == 201:
            got.append(how)
    return f"look-alikes of Alice: one {', one '.join(got)}" if got else None
