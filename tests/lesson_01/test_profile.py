"""Lesson 1: an open profile shows what the public may see, and no more."""

from workbook.grading import Api, check, expect

FULL_NAMES = {
    "alice": "Alice Amsel",
    "bob": "Bob Brandt",
    "mallory": "Mallory Moor",
    "olga": "Olga Orlow",
}
PASSWORDS = ("violin-in-winter", "seven-green-kites", "i-read-your-mail", "keeper-of-the-keys")


@check(
    "A profile is found by its name",
    task=None,
    points=0,
    why="a door that is shut for everybody protects nobody: honest callers need their answer",
)
def test_profile_is_found(api: Api) -> None:
    for username, full_name in FULL_NAMES.items():
        seen = api.get("/profile", params={"username": username})
        expect(seen).status(200).fields(username=username, full_name=full_name)


@check(
    "A request without a name is answered with 422",
    task=None,
    points=0,
    why="a caller who forgets a parameter should learn so, and not get somebody's data",
    see="RFC 9110 §15.5.21",
)
def test_name_is_needed(api: Api) -> None:
    expect(api.get("/profile")).status(422)


@check(
    "The API describes itself at /openapi.json",
    task=None,
    points=0,
    why="the page /docs is drawn from it",
)
def test_openapi_is_there(api: Api) -> None:
    seen = expect(api.get("/openapi.json")).status(200)
    paths = seen.exchange.field("paths")
    if not isinstance(paths, dict) or "/profile" not in paths:
        seen.fail("the path /profile among its paths", "a description without it")
    expect(api.get("/docs")).status(200)


@check(
    "An unknown name is answered with 404",
    task=1,
    points=2,
    why="an empty 200 tells every client that a person without data exists",
    see="RFC 9110 §15.5.5",
    after=(test_profile_is_found,),
)
def test_unknown_name_is_not_found(api: Api) -> None:
    for username in ("nobody", "alicia", "alice2"):
        expect(api.get("/profile", params={"username": username})).status(404)


@check(
    "An odd name is unknown too, and breaks nothing",
    task=1,
    points=1,
    why="what crashes on odd input can be crashed on purpose",
    see="CWE-755",
    after=(test_unknown_name_is_not_found,),
)
def test_odd_names_are_refused(api: Api) -> None:
    for username in ("", " alice", "al\0ice", "\ud800", "ａｌｉｃｅ", "' or 1=1 --", "a" * 5000):
        expect(api.get("/profile", params={"username": username})).status(404, 422)


@check(
    "A 404 tells nothing about the people who do exist",
    task=1,
    points=1,
    why="a helpful list of known names is a list of accounts to attack",
    see="OWASP API3:2023",
    after=(test_unknown_name_is_not_found,),
)
def test_not_found_names_nobody(api: Api) -> None:
    seen = api.get("/profile", params={"username": "nobody"})
    expect(seen).hides(*FULL_NAMES, *FULL_NAMES.values(), "@example.com")
    for near, meant in (("alic", "alice"), ("bobb", "bob"), ("malory", "mallory"), ("o", "olga")):
        seen = api.get("/profile", params={"username": near})
        expect(seen).status(404)
        others = set(FULL_NAMES) - ({meant} if meant in near else set())
        expect(seen).hides(*sorted(others), *FULL_NAMES.values())


@check(
    "No profile holds a password",
    task=2,
    points=2,
    why="one loop over the user names collects every password",
    see="OWASP API3:2023",
    file="app.py",
    after=(test_profile_is_found,),
)
def test_no_password_in_a_profile(api: Api) -> None:
    for username in FULL_NAMES:
        expect(api.get("/profile", params={"username": username})).hides(*PASSWORDS)


@check(
    "No profile holds an e-mail address",
    task=2,
    points=2,
    why="one loop over the user names collects addresses for spam and false mails",
    see="OWASP API3:2023",
    file="app.py",
    after=(test_profile_is_found,),
)
def test_no_email_in_a_profile(api: Api) -> None:
    for username in FULL_NAMES:
        expect(api.get("/profile", params={"username": username})).hides("@example.com")


@check(
    "A profile has the fields username and full_name alone",
    task=2,
    points=2,
    why="an answer that lists what may go out also keeps in what is added tomorrow",
    see="OWASP API3:2023",
    file="schemas.py and app.py",
    after=(test_no_password_in_a_profile, test_no_email_in_a_profile),
)
def test_public_view_is_exact(api: Api) -> None:
    for username in FULL_NAMES:
        seen = api.get("/profile", params={"username": username})
        expect(seen).status(200).only("username", "full_name")
