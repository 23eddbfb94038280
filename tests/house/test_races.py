"""Who comes at the same moment wins no more than who comes alone.

Each race is run 200 times against the last answer, and on SQLite against the first that has it;
30 times against the others. PostgreSQL is asked where TEST_DATABASE_URL names one
(`postgresql://user@host/name`; each answer gets a database of its own there, which is dropped at
the end). A race yields the losses of the answer. A naive twin of an answer has to lose, or the race
would prove nothing.
"""

from collections.abc import Callable, Iterator

import pytest

from house.serving import Serve
from house.stores import POSTGRESQL, new_database
from workbook import tree
from workbook.authoring.corpus import Edit
from workbook.grading.api import Api, Person
from workbook.talking.exchange import Exchange, Request, request

MANY, SOME = 200, 30
AT_ONCE = 5
"""How many races of one kind are on their way at one moment, where they do not disturb others."""
NO_POSTGRESQL = pytest.mark.skipif(
    not POSTGRESQL, reason="skipped: no PostgreSQL at TEST_DATABASE_URL"
)
STORES = ["sqlite", pytest.param("postgres", marks=NO_POSTGRESQL)]
Race = Callable[[Api, int], Iterator[str]]


@pytest.fixture(params=STORES)
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Name the store: SQLite by default, or a new database of PostgreSQL's."""
    if request.param == "sqlite":
        yield {}
    else:
        with new_database() as url:
            yield {"DATABASE_URL": url}


def statuses(seen: list[Exchange], *allowed: int) -> Iterator[str]:
    """Yield what was answered and is not among the allowed statuses."""
    for one in seen:
        if one.status not in allowed:
            asked = f"{one.request.method} {one.request.path}"
            yield f"{asked}: {one.status} {one.answer.problem or one.text[:80]}"


def in_rounds(api: Api, each: list[list[Request]]) -> Iterator[list[Exchange]]:
    """Send all requests at once, and yield the answers to each group."""
    seen = api.at_once(*(request for requests in each for request in requests))
    for requests in each:
        yield seen[: len(requests)]
        del seen[: len(requests)]


# -- the races -----------------------------------------------------------------------------------


def one_name(api: Api, times: int) -> Iterator[str]:
    """Two people register under one name, one of them with capitals."""
    for number in range(0, times, AT_ONCE):
        groups = []
        for name in (f"racer{number + one}" for one in range(AT_ONCE)):
            bodies = [api.new_person(name).registration | {"username": name} for _ in "ab"]
            bodies[1]["username"] = name.upper()
            groups.append([request("POST", "/register", json=body) for body in bodies])
        for seen in in_rounds(api, groups):
            yield from statuses(seen, 201, 409)
            winners = sum(one.status == 201 for one in seen)
            if winners != 1:
                yield f"{winners} accounts for one name"


def one_refresh_token(api: Api, times: int) -> Iterator[str]:
    """Two clients use one refresh token; the winner's new one is worthless afterwards, too."""
    alice = api.alice
    login = request("POST", "/token", form=alice.credentials)
    for _ in range(0, times, AT_ONCE):
        logins = api.at_once(*[login] * AT_ONCE)
        yield from statuses(logins, 200)
        groups = [[_refresh(one)] * 2 for one in logins if one.status == 200]
        winners = []
        for seen in in_rounds(api, groups):
            yield from statuses(seen, 200, 400)
            won = [one for one in seen if one.status == 200]
            if len(won) != 1:
                yield f"{len(won)} clients were served for one refresh token"
            winners += won
        yield from statuses(api.at_once(*map(_refresh, winners)), 400)


def _refresh(answer: Exchange) -> Request:
    form = {"grant_type": "refresh_token", "refresh_token": str(answer.json["refresh_token"])}
    return request("POST", "/token", form=form)


DISMISSALS: list[tuple[str, object, object]] = [
    ("roles", [], ["admin"]),
    ("roles", ["editor"], ["editor", "admin"]),
    ("disabled", True, False),
]
"""What takes an admin away, and what brings one back."""


def the_last_admins(api: Api, times: int) -> Iterator[str]:
    """Two admins dismiss each other; then the one who is left names the other again."""
    pair = [api.olga, api.alice]
    seen = api.get("/users/me", token=api.olga.token)
    api.olga.id = seen.json["id"]
    yield from statuses([_put(api, api.olga, api.alice, "roles", ["admin"])], 200)
    _log_in_again(pair)
    for number in range(times):
        field, bad, good = DISMISSALS[number % len(DISMISSALS)]
        first, second = pair
        both = [_change(first, second, field, bad), _change(second, first, field, bad)]
        seen_both = api.at_once(*both)
        yield from statuses(seen_both, 200, 401, 403, 409)
        if sum(one.status == 200 for one in seen_both) != 1:
            yield f"two admins answered each other: {[one.status for one in seen_both]}"
            return  # nobody is left to name the next
        if seen_both[1].status == 200:
            pair.reverse()
        first, second = pair
        yield from statuses([_put(api, first, second, field, good)], 200)
        if field == "disabled":
            _log_in_again([second])


def _change(who: Person, whom: Person, field: str, value: object) -> Request:
    return request("PUT", f"/users/{whom.id}/{field}", json={field: value}, token=who.token)


def _put(api: Api, who: Person, whom: Person, field: str, value: object) -> Exchange:
    return api.put(f"/users/{whom.id}/{field}", json={field: value}, token=who.token)


def _log_in_again(people: list[Person]) -> None:
    for person in people:
        person._token = person.new_token()


def logout_during_use(api: Api, times: int) -> Iterator[str]:
    """A token is in use while it logs out twice; afterwards all of its login is worthless."""
    login = request("POST", "/login", json=api.alice.credentials)
    for _ in range(0, times, AT_ONCE):
        logins = api.at_once(*[login] * AT_ONCE)
        yield from statuses(logins, 200)
        over, groups = [], []
        for answer in logins:
            token = answer.json["access_token"]
            use, leave = (
                request("GET", "/users/me", token=token),
                request("POST", "/logout", token=token),
            )
            groups.append([use, leave, leave, use])
            over.append(use)
            if "refresh_token" in answer.json:
                groups[-1].append(_refresh(answer))
                over.append(_refresh(answer))
        for seen in in_rounds(api, groups):
            yield from statuses(seen[:4:3], 200, 401)
            yield from statuses(seen[1:3], 204, 401)
            if not any(one.status == 204 for one in seen[1:3]):
                yield "nobody could log out"
            for renewed in seen[4:]:
                yield from statuses([renewed], 200, 400)
                if renewed.status == 200:
                    new = renewed.json["access_token"]
                    over += [request("GET", "/users/me", token=new), _refresh(renewed)]
        yield from statuses(api.at_once(*over), 401, 400)


# -- the proofs ----------------------------------------------------------------------------------

FROM = {one_name: 7, the_last_admins: 9, logout_during_use: 11, one_refresh_token: 12}
"""The first lesson of each race; all later ones have it, too."""
RUNS = [
    pytest.param(race, lesson.number, id=f"{race.__name__}-{lesson.number}")
    for race, first in FROM.items()
    for lesson in tree.lessons()
    if lesson.number >= first and lesson.solution.is_dir()
]


@pytest.mark.parametrize(("race", "number"), RUNS)
def test_nobody_wins_by_coming_at_the_same_moment(
    race: Race, number: int, settings: dict[str, str], serve: Serve
) -> None:
    often = number == tree.lessons()[-1].number or (number == FROM[race] and not settings)
    api = serve(tree.lesson(number), **settings)
    assert not list(race(api, MANY if often else SOME))


NAIVE = {
    one_name: [
        Edit("models.py", "func.lower(Account.username), unique=True", "Account.username"),
        Edit(
            "store.py",
            "    db.add(account)\n",
            "    if find_by_name(db, username):\n        raise NameTaken(username)\n"
            "    db.add(account)\n",
        ),
    ],
    the_last_admins: [
        Edit(
            "roles.py",
            "    db.execute(update(UserRole).where(UserRole.role == ADMIN).values(role=ADMIN))\n",
            "    admins = db.scalars(select(UserRole).where(UserRole.role == ADMIN)).all()\n"
            "    alone = len(admins) == 1\n",
        ),
        Edit("roles.py", "if had_one and not has_admin(db):", "if alone and not has_admin(db):"),
    ],
    logout_during_use: [
        Edit(
            "denylist.py", "        db.rollback()  # somebody has done it already", "        raise"
        )
    ],
    one_refresh_token: [
        Edit(
            "refresh.py",
            "    row = db.scalar(mark.values(used_at=now).returning(RefreshToken))\n",
            "    row = db.get(RefreshToken, digest(token))\n"
            "    row = row if row and row.used_at is None else None\n"
            "    db.execute(mark.values(used_at=now))\n",
        )
    ],
}
"""The form of each answer that looks first and acts then, as if nobody could come between."""


@pytest.mark.parametrize("race", NAIVE, ids=lambda race: race.__name__)
def test_the_naive_form_loses(race: Race, settings: dict[str, str], serve: Serve) -> None:
    api = serve(tree.lesson(FROM[race]), *NAIVE[race], **settings)
    assert next(race(api, MANY), None)
