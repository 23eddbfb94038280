"""What lesson 2 shows of the wild holds on the versions that are installed."""

from __future__ import annotations

import json
from importlib.metadata import packages_distributions, version
from pathlib import Path

import bcrypt
import pytest
from passlib.context import CryptContext

from house.serving import Start
from workbook.notebook import alice


def test_a_table_in_clear_opens_every_account(start: Start) -> None:
    """From outside nothing is wrong: whoever has read the file comes in."""
    server, client = start("clear_passwords")
    users = json.loads((Path(server.job.environment["DATA_DIR"]) / "users.json").read_text())
    stolen = {"username": "alice", "password": users["alice"]["password"]}
    assert stolen == alice.credentials
    assert client.send("POST", "/login", json=stolen).json == {"message": "Welcome alice"}
    for wrong in ({"password": "a-wrong-guess"}, {"username": "zed"}):
        assert client.send("POST", "/login", json=stolen | wrong).status == 401


def test_bcrypt_raises_on_the_text_of_an_old_self_test() -> None:
    """Before its first password, passlib 1.7.4 hashes 255 bytes, and so never gets to one."""
    assert int(version("bcrypt").split(".")[0]) >= 5
    with pytest.raises(ValueError, match="longer than 72 bytes"):
        bcrypt.hashpw(b"7" * 255, bcrypt.gensalt(4))
    assert bcrypt.hashpw(b"7" * 72, bcrypt.gensalt(4)).startswith(b"$2b$04$")


def test_what_is_installed_as_passlib_hashes() -> None:
    """It is libpass, which carries passlib on."""
    assert packages_distributions()["passlib"] == ["libpass"]
    hashing = CryptContext(schemes=["bcrypt"], bcrypt__rounds=4)
    assert hashing.verify("violin-in-winter", hashing.hash("violin-in-winter"))
