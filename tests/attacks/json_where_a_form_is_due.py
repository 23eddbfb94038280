"""Mallory sends JSON to the token address, which waits for a form.

Code that takes the form's fields for granted falls over. The crash shows her where nobody looked,
and a loop of such requests fills the log, so that her next attack is hard to find in it.
"""

from workbook.attacking import Api, attack, reach


@attack(
    "Crash the login with JSON where a form is due",
    route="POST /token",
    closes=4,
    see="RFC 6749 §4.3.2",
    catches="TR-11",
)
def json_where_a_form_is_due(api: Api) -> str | None:
    mallory = api.mallory
    seen = reach(api.post("/token", json=mallory.credentials, caller=mallory.username))
    if seen.status == 0 or seen.status >= 500:
        return f"a crash ({seen.status or seen.answer.problem}), as often as she likes"
    if seen.status == 200:
        return "a second form of login that nobody wrote down"
    return None
