"""Alice forgets a field while registering; Mallory reads the answer in a log or an error report.

It works because FastAPI's own 422 repeats all that was sent, the password included.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Read a password in the answer to a form that was not complete",
    route="POST /register",
    closes=2,
    see="CWE-209",
    catches="PW-22",
)
def password_echoed_in_422(api: Api) -> str | None:
    """Send a registration without its e-mail, and a login without its name."""
    alice = api.new_person("alice")
    form = {name: value for name, value in alice.registration.items() if name != "email"}
    answers = [
        reach(api.post("/register", json=form, caller="alice")),
        reach(api.post("/login", json={"password": alice.password}, caller="alice")),
    ]
    told = [seen.request.path for seen in answers if alice.password in seen.text]
    return f"Alice's password {alice.password}, from {' and '.join(told)}" if told else None
