"""What lesson 12 shows of published code happens on the locked versions."""

from __future__ import annotations

from pathlib import Path

from house.serving import KEY, Start
from workbook.notebook import Token, alice, mallory
from workbook.talking import forge
from workbook.talking.exchange import request


def test_a_long_token_for_refreshing_opens_routes_for_seven_days(start: Start) -> None:
    _, client = start("long_token_for_refresh")
    both = client.send("POST", "/login", json=alice.credentials).json
    short, long = (forge.claims_of(both[kind]) for kind in ("access_token", "refresh_token"))
    assert long["exp"] - short["exp"] == 7 * 86_400 - 30 * 60
    assert short.keys() == long.keys()
    for token in both.values():
        seen = client.send("GET", "/profile", token=token)
        assert (seen.status, seen.json) == (200, {"message": "Welcome alice"})
    other = str(Token(both["refresh_token"]).signed_with("another" + KEY))
    assert client.send("GET", "/profile", token=other).status == 401


def test_a_role_that_is_copied_outlives_the_role(start: Start) -> None:
    server, client = start("role_copied_at_refresh")

    def login() -> str:
        return str(client.send("POST", "/login", json=mallory.credentials).json["token"])

    token = login()
    assert client.send("GET", "/admin", token=token).status == 200
    users = Path(server.job.environment["DATA_DIR"]) / "users.json"
    users.write_text(users.read_text().replace('"admin"', '"user"'))
    for _ in range(3):
        token = client.send("POST", "/refresh", token=token).json["token"]
        assert client.send("GET", "/admin", token=token).status == 200
    assert client.send("GET", "/admin", token=login()).status == 403  # a login looks


def test_who_looks_first_and_writes_later_has_several_winners(start: Start) -> None:
    server, client = start("look_first_write_later")
    most = 0
    for _ in range(10):
        token = client.send("POST", "/login").json["refresh_token"]
        asked = request("POST", "/token", form={"refresh_token": token})
        seen = client.at_once([asked] * 8, server.held())
        won = sum(one.status == 200 for one in seen)
        assert {one.status for one in seen} <= {200, 400}
        most = max(most, won)
        assert client.send("POST", "/token", form={"refresh_token": token}).status == 400
    assert most > 1
