"""What a check holds in its hands: one running submission, the people who use it, its data."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbook.grading import moment
from workbook.grading.people import Names, Person
from workbook.grading.stored import Stored
from workbook.grading.verdicts import NotReached
from workbook.running.folders import new_home
from workbook.running.server import DoesNotStart, Server, job_for
from workbook.talking.client import Client
from workbook.talking.exchange import Exchange, Request, request

Beside = tuple[dict[str, str], dict[str, str]]
"""The environment of a second server, and the files that lie in its data folder beforehand."""
RESTARTS = 3
"""How often a server that died in a check is started again for the next one."""


@dataclass
class Api:
    """One running submission, spoken to over HTTP.

    `seed` changes the users' names and passwords; without one they are the cast's own.
    """

    server: Server
    seed: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    prepared: list[tuple[Beside, Api, Future[None]]] = field(default_factory=list)
    crashes: int = 0
    _client: Client | None = None
    _worker: Api | None = None
    _beside: ThreadPoolExecutor = field(default_factory=ThreadPoolExecutor)

    @property
    def secret_key(self) -> str:
        """The key that the submission was given to sign with."""
        return self.server.job.environment["SECRET_KEY"]

    @property
    def data_dir(self) -> Path:
        """The folder that the submission was given for its data."""
        return Path(self.server.job.environment["DATA_DIR"])

    @property
    def stored(self) -> Stored:
        """What it stored there, or in the database that it was given."""
        environment = self.server.job.environment
        inside = Path(self.server.job.directory)
        url = environment.get("DATABASE_URL", "")
        return Stored(self.data_dir, url, inside.parent)

    def left_behind(self) -> dict[str, bytes]:
        """Return all that it keeps anywhere in its own folder, by relative path.

        What is no file stands there with its name alone.
        """
        inside = Path(self.server.job.directory)
        return Stored(inside, "", inside.parent).everything()

    # -- people ------------------------------------------------------------------------------

    def new_person(self, name: str = "guest") -> Person:
        """Return somebody who is not registered, with a name that nobody has had yet."""
        names = Names(self.seed)
        known = names.user_name(name)
        number = sum(one.startswith(known) for one in self.people)
        username = known + (str(number + 1) if number else "")
        email, full_name = f"{username}@example.com", names.full_name(name)
        person = Person(self, username, names.password(username), email, full_name)
        self.people[username] = person
        return person

    def known(self, name: str) -> Person | None:
        """Return the first person of that name, if there is one yet."""
        return self.people.get(Names(self.seed).user_name(name))

    def person(self, name: str) -> Person:
        """Return the registered person of that name, registering them when first asked for.

        Raises NotReached when they cannot be registered.
        """
        return self.known(name) or self.register(name)

    def register(self, name: str = "guest") -> Person:
        """Register and return somebody new. Raises NotReached."""
        person = self.new_person(name)
        seen = self.post("/register", json=person.registration, caller=person.username)
        body = seen.json
        if seen.status != 201 or not isinstance(body, dict):
            del self.people[person.username]
            raise NotReached(f"{name} could not register (POST /register: {seen.status})")
        person.id = str(body.get("id", ""))
        return person

    @property
    def alice(self) -> Person:
        """Alice, registered: an honest user."""
        return self.person("alice")

    @property
    def bob(self) -> Person:
        """Bob, registered: another honest user."""
        return self.person("bob")

    @property
    def mallory(self) -> Person:
        """Mallory, registered: the attacker with an account of her own."""
        return self.person("mallory")

    @property
    def olga(self) -> Person:
        """Olga, the admin: from lesson 7 on she exists from the start."""
        if "olga" not in self.people:
            password = self.server.job.environment["ADMIN_PASSWORD"]
            self.people["olga"] = Person(self, "olga", password, "olga@example.com", "Olga")
        return self.people["olga"]

    # -- speaking ----------------------------------------------------------------------------

    def call(self, method: str, path: str, *, caller: str = "", **sent: Any) -> Exchange:
        """Send one request (see `request` for what it may carry)."""
        return self.ask(request(method, path, **sent), caller=caller)[0]

    def ask(self, *requests: Request, caller: str = "") -> list[Exchange]:
        """Send requests that do not depend on one another's answers; return them in order.

        The server takes them one at a time, as if each were sent for itself, and nobody waits in
        between.
        """
        seen = self.speaking().ask(list(requests), caller)
        self.exchanges.extend(seen)
        return seen

    def at_once(
        self, *requests: Request, beside: Api | None = None, writers_wait: bool = False
    ) -> list[Exchange]:
        """Send requests so that the server meets all of them at one moment; return them in order.

        With `beside`, a second server, the later half goes to that one, and both meet theirs at one
        moment. With `writers_wait` nobody can write to the SQLite file until all have come as far:
        who looks first and writes then has looked, however fast the disk is.
        """
        seen = moment.met(self, list(requests), beside, writers_wait)
        self.exchanges.extend(seen)
        return seen

    def speaking(self) -> Client:
        """Return the client of this server, made at the first request."""
        if self._client is None:
            self._client = Client(self.server.address, shown_as=self.server.url)
        self.server.forget_events()  # what an earlier request told is not this one's fault
        return self._client

    def get(self, path: str, **sent: Any) -> Exchange:
        """Send a GET request."""
        return self.call("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> Exchange:
        """Send a POST request."""
        return self.call("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> Exchange:
        """Send a PUT request."""
        return self.call("PUT", path, **sent)

    def delete(self, path: str, **sent: Any) -> Exchange:
        """Send a DELETE request."""
        return self.call("DELETE", path, **sent)

    # -- the server --------------------------------------------------------------------------

    def restart(self, **environment: str) -> None:
        """Stop the server as a power cut would and start it on the same data."""
        self.close_client()
        self.server.restart(**environment)

    def prepare(
        self, environment: dict[str, str], files: dict[str, str], *, alice: bool = True
    ) -> None:
        """Begin to start a server that `another` will ask for, so that nobody waits for it.

        `files` lie in its data folder. `alice` logs in there, so that nobody waits for that either;
        where files lie, nobody does.
        """
        job = self.server.job
        home = new_home()
        fresh = job_for(Path(job.folder), job.package, home, environment)
        folder = Path(fresh.environment["DATA_DIR"])
        for name, text in files.items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        api = Api(Server(self.server.launcher, fresh, home=home), self.seed)
        ready = self._beside.submit(api._get_ready, alice and not files)
        self.prepared.append(((environment, files), api, ready))

    def _get_ready(self, alice: bool) -> None:
        self.server.start()
        with suppress(NotReached):  # the check asks again, and tells
            _ = alice and self.alice.token

    @contextmanager
    def another(self, files: dict[str, str] | None = None, **environment: str) -> Iterator[Api]:
        """Give a second server of the same submission, with data of its own and other settings.

        `files` lie in its data folder before it starts. Raises NotReached when it does not start.
        """
        wanted = (environment, files or {})
        if all(known != wanted for known, *_ in self.prepared):
            self.prepare(*wanted, alice=False)
        found = next(one for one in self.prepared if one[0] == wanted)
        self.prepared.remove(found)
        _, api, ready = found
        try:
            ready.result()
            yield api
        except DoesNotStart as error:
            raise NotReached(f"with {environment} it does not start: {error}") from error
        finally:
            self._beside.submit(api.close)  # the next check need not wait for that

    def worker(self) -> Api:
        """Return a second process of the same service: same data, same settings, same people.

        It runs on from check to check, whatever happens to the first. Raises NotReached when it
        does not start.
        """
        if self._worker is None:
            home = new_home()
            job = replace(self.server.job, log=str(home / "log.txt"))
            self._worker = Api(Server(self.server.launcher, job, home=home), self.seed, self.people)
            try:
                self._worker.server.start()
            except DoesNotStart as error:
                self._worker.close()
                self._worker = None
                raise NotReached(f"a second worker does not start: {error}") from error
        self._worker.revive()
        return self._worker

    def revive(self) -> None:
        """Start the server again if the last check killed or blocked it. Raises NotReached."""
        last = self.exchanges[-1] if self.exchanges else None
        dead = self.server.process is not None and self.server.process.status() is not None
        if not dead and not (last and last.status == 0):
            return
        self.crashes += 1
        if self.crashes > RESTARTS:
            raise NotReached(f"the server died or hung {self.crashes} times")
        try:
            self.restart()
        except DoesNotStart as error:
            raise NotReached(f"the server did not start again: {error}") from error

    def fault(self) -> str:
        """Return what the server told of its last 5xx answer: the learner's line and error."""
        event = self.server.next_event(1.0)
        if event["event"] != "error":
            return ""
        where = f"{event['file']}:{event['line']}: " if "file" in event else ""
        return where + ": ".join(str(event[key]) for key in ("kind", "message") if event.get(key))

    def close_client(self) -> None:
        """Drop the connection; the next request makes a new one."""
        if self._client:
            self._client.close()
            self._client = None

    def close(self) -> None:
        """Stop the server, and those prepared beside it, and remove what they stored."""
        self.close_client()
        self.stored.forget()
        if self._worker:
            self._worker.close()
        for _, api, ready in self.prepared:
            api.server.stop()
            wait([ready])
            api.close()
        self.server.close()
