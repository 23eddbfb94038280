"""The notebook's pictures: readable by eye, by ear and by night, and safe to show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import jwt
import pytest

from workbook import tree as lessons_tree
from workbook.notebook import (
    Card,
    HashView,
    Token,
    bars,
    grid,
    predict,
    reveal,
    scene,
    source,
    timeline,
    tree,
)
from workbook.notebook.look import CHARACTER, COLOURS, INKS, STYLE, Picture, columns, wrap
from workbook.notebook.record import Recorder, recorder
from workbook.talking.exchange import Answer, Exchange, Request

KEY = "a-key-of-at-least-thirty-two-bytes!!"
CLAIMS = {"sub": "7", "iat": 1_763_600_000, "exp": 1_763_600_900}
TEXT = jwt.encode(CLAIMS, KEY, algorithm="HS256")
BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
ARGON2 = "$argon2id$v=19$m=65536,t=3,p=4$wWKIMhR9lyDFvRz9YTZweA$SD1nZ7LL2sbQ9jlPFK9Sq1QOVNiLhQhUi"
EVIL = "<script>alert(1)</script><img src=x onerror=y>\"'&\x1b[31m\x00\r\u202e\ud800</svg></style>"
JSON = (("Content-Type", "application/json"),)


def exchange(
    caller: str = "mallory",
    method: str = "GET",
    path: str = "/profile",
    status: int = 401,
    sent: tuple[tuple[str, str], ...] = (),
    headers: tuple[tuple[str, str], ...] = JSON,
    body: bytes = b'{"detail": "Not authenticated"}',
    problem: str = "",
) -> Exchange:
    """Return recorded traffic without a server."""
    request = Request(method, path, sent, b'{"a": 1}' if method == "POST" else b"")
    return Exchange(request, Answer(status, "", headers, body, problem), caller)


WITH_TOKEN = exchange(
    "alice", "POST", "/notes", 200, (("Authorization", f"Bearer {TEXT}"),), body=b'{"id": 3}'
)
CHALLENGE = exchange(headers=(*JSON, ("WWW-Authenticate", "Bearer")))
SILENT = exchange("bob", "GET", "/slow", 0, headers=(), body=b"", problem="timed out")
CROWD = [
    exchange(name, "GET", f"/notes/{'x' * 90}/{n}", status)
    for n, (name, status) in enumerate(
        [("mallory-the-first", 200), ("alexandrina", 401), ("bob", 500), ("olga", 501), ("", 422)]
        * 3
    )
]


def gallery() -> dict[str, Picture]:
    """Return one of each picture."""
    return {
        "card": Card(WITH_TOKEN),
        "challenge": Card(CHALLENGE),
        "silent": Card(SILENT),
        "token": Token(TEXT),
        "forged": Token(TEXT).with_payload(sub="1").unsigned(),
        "garbage": Token("no.token"),
        "bcrypt": HashView(BCRYPT),
        "argon2": HashView(ARGON2),
        "no hash": HashView("violin"),
        "scene": scene([CHALLENGE, WITH_TOKEN, SILENT]),
        "crowd": scene(CROWD),
        "bars": bars({"cost 4": 1.2, "cost 12": 300.0}, unit="ms", title="Time"),
        "timeline": timeline({"token": {"end": 15, "login": 0, "logout": 0.5}}, title="Life"),
        "log": bars({"cost 4": 1.2, "none": float("nan"), "z": 0}, unit="ms", log=True),
        "grid": grid(["GET /admin"], ["alice", "olga"], [[403, 200]], title="Who"),
        "wide": grid(["/a", "/b"], [f"caller {n}" for n in range(9)], [[401] * 9, [True] * 9]),
        "tree": tree({"GET /profile": {"get_user": {"scheme": {}, "store": {"db": {}}}}}),
        "missing": source(999, "nothing"),
    }


class Parsed(HTMLParser):
    """The tags, attributes, ids and words of a picture."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.ids: dict[str, str] = {}
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.open_id = dict(attrs).get("id") or ""

    def handle_data(self, data: str) -> None:
        """Note words; the style sheet must be the one that everybody has."""
        if self.tags[-1:] == ["style"]:
            assert data == STYLE
            self.tags.append("/style")
            return
        self.words += data
        if self.open_id:
            self.ids[self.open_id] = self.ids.get(self.open_id, "") + data
            self.open_id = ""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep guesses out of the learner's folder."""
    monkeypatch.setenv("WORKBOOK_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two `#rrggbb` colours (WCAG 2.2, relative luminance)."""

    def light(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("surface", ["card", "panel"])
def test_every_text_colour_reaches_seven_to_one(ink: str, surface: str, theme: int) -> None:
    assert contrast(COLOURS[ink][theme], COLOURS[surface][theme]) >= 7


def test_text_takes_no_other_colour_and_nothing_is_fetched() -> None:
    sheet = STYLE[STYLE.index(".wb .wb-text{") :]
    allowed = {f"var(--wb-{ink})" for ink in INKS} | {"inherit"}
    taken = {
        colour
        for rule, colour in re.findall(r"([^{}]*)\{color:([^;}]+)", sheet)
        if rule.strip() != ".wb .wb-line"  # edges, never text
    }
    assert taken <= allowed
    assert not re.search(r"#[0-9a-f]{3,6}|url\(|@import|http", sheet)
    for name, picture in gallery().items():
        html = picture._repr_html_().replace(STYLE, "")
        assert not re.search(r"<script|<link|\bsrc=|\bhref=|javascript:|#[0-9a-f]{6}", html), name
        assert "wb-line" not in "".join(re.findall(r"<text[^>]*>", html))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("card", ["Alice asks", "POST /notes", "200 let in", '"id": 3', '"a": 1', "✓", "curl -i"]),
        (
            "challenge",
            ["Mallory asks", "GET /profile", "✗ 401 refused", "WWW-Authenticate: Bearer"],
        ),
        ("silent", ["Bob asks", "? no answer: timed out"]),
        ("token", ['"alg": "HS256"', '"sub": "7"', "exp is 2025-11-20 01:08:20 UTC", "0:15:00"]),
        ("forged", ["payload changed (sub)", "signature taken off", '"alg": "none"']),
        ("garbage", ["this text has 2", "The payload is not base64url"]),
        ("bcrypt", ["algorithm", "4,096 rounds", "R9h/cIPz0gi.URNNX3kh2O", "digest"]),
        ("argon2", ["argon2id", "65536 KiB", "wWKIMhR9lyDFvRz9YTZweA"]),
        ("no hash", ["violin", "Is it the password itself?"]),
        ("scene", ["Alice", "Bob", "POST /notes", "401 refused", "no answer: timed out"]),
        ("crowd", ["… and 3 more", "501 not written yet", "500 crashed"]),
        ("bars", ["Time", "cost 12", "300 ms", "1.20 ms"]),
        ("timeline", ["Life", "token", "1 login (0 min)", "2 logout (0.5 min)", "3 end (15 min)"]),
        ("log", ["1.20 ms", "not measured", "0 ms", "ten times"]),
        ("grid", ["Who", "GET /admin", "✗ 403 refused: not allowed", "✓ 200 let in"]),
        ("wide", ["/b", "caller 8", "✗ 401 refused", "✓ yes"]),
        ("tree", ["GET /profile", "get_user", "scheme", "store", "db"]),
        ("missing", ["There"]),
    ],
)
def test_picture_and_text_twin_tell_the_same_facts(name: str, facts: list[str]) -> None:
    picture = gallery()[name]
    words, twin = Parsed(picture._repr_html_()).words, repr(picture)
    for fact in facts:
        assert fact in words, f"{fact} is missing in the picture"
        assert fact in " ".join(twin.split()), f"{fact} is missing in the text"


def test_text_twins_fit_into_eighty_columns() -> None:
    for name, picture in gallery().items():
        rows = repr(picture).split("\n")
        if isinstance(picture, Card):  # the line to replay is one line, whatever its length
            assert rows.pop().startswith("curl -i ")
        assert max(map(columns, rows)) <= 80, name


def test_pictures_are_deterministic() -> None:
    first, second = gallery(), gallery()
    for name in first:
        assert first[name]._repr_html_() == second[name]._repr_html_()
        assert repr(first[name]) == repr(second[name])


def test_drawings_have_alternative_texts_and_ids_of_their_own() -> None:
    seen: dict[str, str] = {}
    drawn = 0
    for name, picture in gallery().items():
        html = picture._repr_html_()
        parsed = Parsed(html)
        for svg in re.findall(r"<svg[^>]*>", html):
            drawn += 1
            assert 'role="img"' in svg
            title, words = re.search(r'aria-labelledby="(\S+) (\S+)"', svg).groups()  # type: ignore[union-attr]
            assert parsed.ids[title].strip()
            assert parsed.ids[words].strip()
        for mark in parsed.ids:
            assert mark not in seen, f"{name} and {seen[mark]} share an id"
            seen[mark] = name
    assert drawn == 6


@pytest.mark.parametrize("name", ["scene", "crowd", "bars", "log", "timeline", "tree"])
def test_words_in_a_drawing_neither_overlap_nor_leave_it(name: str) -> None:
    html = gallery()[name]._repr_html_()
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', html).groups())  # type: ignore[union-attr]
    boxes = []
    for x, y, anchor, text in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>([^<]*)<', html
    ):
        wide = columns(text) * CHARACTER
        left = float(x) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        boxes.append((left, left + wide, float(y) - 11, float(y) + 2, text))
    assert boxes
    for place, (left, right, top, bottom, text) in enumerate(boxes):
        assert left >= 0, text
        assert right <= width, text
        assert top >= 0, text
        assert bottom <= height, text
        for other in boxes[place + 1 :]:
            apart = left >= other[1] or other[0] >= right or top >= other[3] or other[2] >= bottom
            assert apart, f"{text!r} overlaps {other[4]!r}"


EVIL_BODY = json.dumps({EVIL: EVIL}).encode()
HOSTILE: dict[str, Callable[[], Picture]] = {
    "card": lambda: Card(
        exchange(
            EVIL,
            EVIL,
            f"/{EVIL}",
            200,
            (("authorization", EVIL),),
            (("Location", EVIL),),
            EVIL_BODY,
        )
    ),
    "raw body": lambda: Card(exchange(body=EVIL.encode("utf-8", "surrogatepass"))),
    "problem": lambda: Card(exchange(status=0, problem=EVIL)),
    "token": lambda: Token(EVIL),
    "claims": lambda: Token(TEXT).with_payload(**{EVIL: EVIL}),
    "raw part": lambda: Token(TEXT).with_raw("payload", EVIL),
    "hash": lambda: HashView(EVIL),
    "scene": lambda: scene([exchange(EVIL, EVIL, EVIL, 0, problem=EVIL)], title=EVIL),
    "bars": lambda: bars({EVIL: 1.0}, unit=EVIL, title=EVIL),
    "grid": lambda: grid([EVIL], [EVIL], [[EVIL]], title=EVIL),
    "timeline": lambda: timeline({EVIL: {EVIL: 1.0}}, unit=EVIL, title=EVIL),
    "tree": lambda: tree({EVIL: {EVIL: EVIL}}, title=EVIL),
    "guess": lambda: predict(EVIL, EVIL),
    "fact": lambda: reveal(EVIL, EVIL),
    "source": lambda: source(EVIL, EVIL),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name: str) -> None:
    picture = HOSTILE[name]()
    html, twin = picture._repr_html_(), repr(picture)
    parsed = Parsed(html)
    assert not {"script", "img"} & set(parsed.tags)
    assert not [attribute for attribute, _ in parsed.attributes if attribute.startswith("on")]
    assert parsed.tags.count("style") == 1
    for text in (html, twin):
        text.encode()  # a lone surrogate could not be sent to the browser
        assert not [c for c in text if c != "\n" and not c.isprintable()]


def test_a_card_offers_the_answer_to_the_notebook() -> None:
    card = Card(CHALLENGE)
    assert card.status == 401
    assert card.json == {"detail": "Not authenticated"}
    assert card.text.startswith("{")
    assert card.headers["www-authenticate"] == card.headers["WWW-AUTHENTICATE"] == "Bearer"
    assert card.headers.get("X-Nothing") is None
    assert card.answer is card.exchange.answer
    assert Card(SILENT).json is None


def test_a_card_shortens_the_token_and_a_long_body() -> None:
    assert TEXT[-8:] in repr(Card(WITH_TOKEN)).split("curl")[0]
    assert TEXT not in repr(Card(WITH_TOKEN)).split("curl")[0]
    many = exchange(body=json.dumps(list(range(100))).encode())
    assert "… 82 more lines" in repr(Card(many))
    assert len(repr(Card(exchange(body=b"a" * 3_000_000)))) < 4000
    assert len(repr(Card(exchange(body=b"[" * 100_000)))) < 4000
    cookies = (("Set-Cookie", "a=1"), ("set-cookie", "b=2"))
    assert "a=1" in repr(Card(exchange(headers=cookies)))
    assert "b=2" in repr(Card(exchange(headers=cookies)))


def test_wide_characters_count_twice() -> None:
    assert columns("漢字") == 4
    assert all(columns(row) <= 80 for row in wrap("漢" * 200, hang="  "))
    assert "".join(wrap("漢" * 200)) == "漢" * 200


GARBAGE = [
    "", ".", "..", "...", "a.b.c.d.e", "Bearer " + TEXT, TEXT + "=", "é.ü.ß", "\ud800.\x00.\n",
    "e30.W10.", "W" * 100_000, "." * 5000, None, b"\xff\xfe", 7, 1.5, [], TEXT[:-1],
    str(Token("e30.e30.").with_raw("payload", "[" * 5000)),
    str(Token("e30.e30.").with_raw("payload", b"\xff" * 40)),
    str(Token("e30.e30.").with_raw("payload", '{"exp": 1e400, "iat": "x", "nbf": true}')),
    str(Token("e30.e30.").with_payload(exp=10**30, iat=-(10**30))),
]  # fmt: skip


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_no_text_is_too_broken_for_a_token(text: object) -> None:
    token = Token(text)
    for one in (
        token,
        token.with_payload(sub="1"),
        token.with_header(alg="none"),
        token.signed_with("key"),
        token.unsigned(),
        token.without("exp"),
        *(token.with_changed_byte(part) for part in ("header", "payload", "signature")),
    ):
        assert isinstance(one.header, dict)
        assert isinstance(one.payload, dict)
        assert isinstance(one.signature, bytes)
        assert one._repr_html_()
        assert repr(one)
    if str(text or "") != TEXT:
        assert len(repr(token)) < 8000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no token"),
        ("a.b", "this text has 2"),
        (f"Bearer {TEXT}", "'Bearer ' belongs"),
        (TEXT + "=", "The signature is not base64url: the character '='"),
        ("e30.W10.", "The payload is JSON, but not an object"),
        ("e30.Pz8.", "The payload is not JSON"),
        ("e30.e30A0.", "it cannot be 5 characters long"),
    ],
)
def test_a_token_says_what_is_wrong_with_it(text: str, says: str) -> None:
    assert says in " ".join(repr(Token(text)).split())
    assert not Token(TEXT).problems


def test_tokens_made_by_hand_are_what_the_library_thinks() -> None:
    def passes(token: Token, key: str = KEY) -> bool:
        try:
            jwt.decode(str(token), key, algorithms=["HS256"], options={"verify_exp": False})
        except jwt.InvalidTokenError:
            return False
        return True

    token = Token(TEXT)
    assert str(token) == TEXT
    assert token.payload == CLAIMS
    assert token.header == {"alg": "HS256", "typ": "JWT"}
    assert len(token.signature) == 32
    assert passes(token)
    assert passes(token.with_payload(sub="8").signed_with(KEY))
    assert passes(token.with_payload(sub="8").signed_with(KEY.encode()))
    assert not passes(token.with_payload(sub="8"))
    assert not passes(token.signed_with("another key of thirty-two bytes..."))
    assert not passes(token.unsigned())
    assert token.unsigned().header["alg"] == "none"
    assert str(token.unsigned()).endswith(".")
    assert token.without("exp", "iat").payload == {"sub": "7"}
    assert token.with_header(kid="../../etc").header["kid"] == "../../etc"
    for part in ("header", "payload", "signature"):
        changed = token.with_changed_byte(part)
        assert not passes(changed)
        assert changed.header
        assert changed.payload
        assert sum(a != b for a, b in zip(str(changed), TEXT, strict=True)) <= 2
    with pytest.raises(ValueError, match="header, payload or signature"):
        token.with_changed_byte("footer")


def test_a_hash_is_taken_apart() -> None:
    view = HashView(BCRYPT)
    assert (view.algorithm, view.cost) == ("bcrypt", "12")
    assert view.salt + view.digest == BCRYPT[7:]
    assert (len(view.salt), len(view.digest)) == (22, 31)
    view = HashView(ARGON2)
    assert (view.algorithm, view.cost) == ("argon2id", "m=65536,t=3,p=4")
    assert str(view) == ARGON2
    assert HashView(None).algorithm == HashView(b"\xff").algorithm == ""


def test_a_scene_draws_what_came_since_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "exchanges", [])
    monkeypatch.setattr(recorder, "_drawn", 0)
    assert "Nothing was asked" in repr(scene())
    recorder.add(CHALLENGE)
    assert "1. Mallory asks GET /profile without a token." in repr(scene())
    recorder.add(WITH_TOKEN)
    later = repr(scene())
    assert "Alice asks POST /notes with a token. The API answers 200 let in." in later
    assert "Mallory" not in later
    assert "Nothing was asked" in repr(scene([]))
    assert "Mallory" in repr(scene([Card(CHALLENGE)]))
    assert Recorder().since_last_scene() == []


@pytest.mark.parametrize(
    ("guess", "fact", "agree"),
    [
        (401, Card(CHALLENGE), True),
        (200, Card(CHALLENGE), False),
        ("refused", Card(CHALLENGE), True),
        ("Refused ", Card(CHALLENGE), True),
        ("401", Card(CHALLENGE), True),
        ("401 refused", 401, True),
        (False, Card(CHALLENGE), True),
        (True, Card(WITH_TOKEN), True),
        (True, Card(CHALLENGE), False),
        (True, 1, False),
        (1, True, False),
        ("yes", True, True),
        ("Alice", "alice", True),
        (3, 3, True),
        (3.5, "4", False),
        (None, None, True),
        ([1], 2, False),
        (0, Card(SILENT), True),
    ],
)
def test_a_guess_is_set_beside_the_fact(guess: object, fact: object, agree: bool) -> None:
    predict("What?", guess)
    said = repr(reveal(fact))
    assert ("= As you expected" in said) is agree
    assert ("≠ Not as you expected" in said) is not agree


def test_a_guess_is_kept_and_the_last_question_is_meant(tmp_path: Path) -> None:
    predict("First?", 200)
    predict("Second?", "refused")
    assert "Second?" in repr(reveal(Card(CHALLENGE)))
    assert "First?" in repr(reveal("First?", 200))
    kept = json.loads((tmp_path / "var" / "predictions.json").read_text())["predictions"]
    assert kept["First?"] == {"guess": 200, "fact": 200, "as_expected": True}
    assert kept["Second?"] == {"guess": "refused", "fact": 401, "as_expected": True}
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["predictions.json"]


def test_no_guess_never_raises() -> None:
    assert "none yet" in repr(predict("And now?"))
    assert "none yet" in repr(predict("And now?", ...))
    assert "You had no guess yet" in repr(reveal(401))
    assert "You had no guess yet" in repr(reveal("Never asked?", True))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[]", b'{"predictions": 3}', b"[" * 10**5]
)
def test_guesses_survive_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "predictions.json").write_bytes(content)
    assert "was damaged" in repr(predict("What?", 200))
    assert (folder / "predictions.damaged.json").read_bytes() == content
    assert "damaged" not in repr(reveal(200))
    assert (
        json.loads((folder / "predictions.json").read_text())["predictions"]["What?"]["fact"] == 200
    )


def test_guesses_need_no_writable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("WORKBOOK_VAR", str(tmp_path / "file" / "var"))
    assert "not kept on disk" in repr(predict("What?", 200))
    assert "As you expected" in repr(reveal(200))


def test_a_full_disk_leaves_the_old_guesses_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict("Old?", 200)
    before = (tmp_path / "var" / "predictions.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    assert "No space left on device" in repr(predict("New?", 200))
    assert (tmp_path / "var" / "predictions.json").read_bytes() == before


LESSON = 'title = "T"\nquestion = "Q"\ngoals = []\nminutes = 1\ntasks = []\n'
SECURITY = '''
from jose import jwt
LIMIT: int = 3

@cached
def get_user(token: str = "<b>") -> str:
    """Say who calls."""
    return token  # nobody checks


class Store:
    def find(self) -> None: ...
'''


@pytest.fixture
def _lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set up a small house with one lesson."""
    for name in ("lessons", "solutions"):
        folder = tmp_path / name / "lesson_01_first"
        folder.mkdir(parents=True)
        (folder / "lesson.toml").write_text(LESSON)
        (folder / "security.py").write_text(SECURITY.replace("nobody", f"{name}: nobody"))
        (folder / "broken.py").write_text("def nope(:\n")
        (folder / "tokens.py").write_text("get_user = None\nX = {'a': 1}\n")
    monkeypatch.setattr(lessons_tree, "ROOT", tmp_path)
    monkeypatch.setattr(lessons_tree, "LESSONS", tmp_path / "lessons")
    monkeypatch.setattr(lessons_tree, "SOLUTIONS", tmp_path / "solutions")
    monkeypatch.delenv("WORKBOOK_TREE", raising=False)
    lessons_tree.lessons.cache_clear()
    yield
    lessons_tree.lessons.cache_clear()


@pytest.mark.usefixtures("_lessons")
def test_code_is_shown_from_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = source(1, "get_user")
    assert repr(shown).splitlines()[:2] == [
        "lessons/lesson_01_first/security.py, from line 5",
        "@cached",
    ]
    assert "# lessons: nobody checks" in repr(shown)
    assert repr(shown).split("\n", 1)[1].strip() in Parsed(shown._repr_html_()).words
    assert "wb-violet" in shown._repr_html_()
    assert "solutions: nobody" in repr(source(1, "get_user", solution=True))
    assert "get_user = None" in repr(source(1, "tokens.get_user"))
    assert "LIMIT: int = 3" in repr(source("01", "LIMIT"))
    assert "def find" in repr(source(1, "Store.find"))
    assert "from jose import jwt" in repr(source(1, "security.py"))
    assert "def nope(:" in repr(source(1, "broken.py"))
    monkeypatch.setenv("WORKBOOK_TREE", "solutions")
    assert "solutions: nobody" in repr(source(1, "get_user"))


@pytest.mark.usefixtures("_lessons")
@pytest.mark.parametrize(
    ("number", "name", "says"),
    [
        (1, "nothing", "There is no nothing in lessons/lesson_01_first"),
        (1, "nothing", "broken.py cannot be read (line 1"),
        (1, "jwt", "There is no jwt"),
        (1, "broken.nope", "broken.py cannot be read"),
        (1, "nothing.py", "There is no nothing.py"),
        (1, "../lesson.toml", "There is no ../lesson.toml"),
        (1, "", "There is no"),
        (9, "get_user", "There is no lesson 9"),
        ("x", "get_user", "There is no lesson x"),
    ],
)
def test_code_that_is_not_there_gets_a_clear_line(number: object, name: str, says: str) -> None:
    assert says in " ".join(repr(source(number, name)).split())  # type: ignore[arg-type]


def test_grids_take_their_cells_in_any_form() -> None:
    lists = grid(["a", "b"], ["x", "y"], [[200, True], ["refused", ...]])
    pairs = grid(["a", "b"], ["x", "y"], {("a", "x"): 200, ("a", "y"): True, ("b", "x"): "refused"})
    nested = grid(["a", "b"], ["x", "y"], {"a": {"x": 200, "y": True}, "b": {"x": "refused"}})
    assert repr(lists) == repr(pairs) == repr(nested)
    assert lists._repr_html_() == pairs._repr_html_() == nested._repr_html_()
    assert "– nothing" in repr(lists)


def test_bars_and_trees_take_odd_input() -> None:
    assert timeline({})._repr_html_()
    assert "nothing" in repr(timeline({"a": {}, "b": {"x": 1, "y": 1}}))
    odd = {"a": -1.0, "b": float("inf"), "c": 0.0, "d": 1e-9, "漢字" * 20: 12345.6}
    for log in (True, False):
        assert "not measured" in repr(bars(odd, log=log))
        assert "12,346" in repr(bars(odd, log=log))
        assert bars({}, log=log)._repr_html_()
    assert len(repr(bars({str(n): n for n in range(99)})).splitlines()) == 31
    deep: dict[str, object] = {}
    for n in range(99):
        deep = {f"level {n}": deep}
    assert "… and more" in repr(tree(deep))
    assert "… and more" in repr(tree({"a": {str(n): {} for n in range(99)}}))
    assert repr(tree({})).strip() == "What one request needs"
