"""A sequence diagram, drawn from traffic that really happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.notebook import look
from workbook.notebook.cards import Card, name_of, verdict
from workbook.notebook.record import recorder
from workbook.talking.exchange import Exchange

MOST = 12
STEP, GAP, LEFT, ROW, TOP = 96, 420, 56, 62, 66  # pixels


def _asks(exchange: Exchange, room: int) -> str:
    asked = f"{exchange.request.method} {exchange.request.path}"
    return look.shorten(asked, room, tail=room // 3)


def _sentence(number: int, exchange: Exchange) -> str:
    found = verdict(exchange.answer.status, exchange.answer.problem)
    token = "with" if exchange.request.header("authorization") else "without"
    said = "The API answers" if exchange.answer.status else "There is"
    who = name_of(exchange.caller)
    return f"{number}. {who} asks {_asks(exchange, 300)} {token} a token. {said} {found.words}."


def _lane(x: float, name: str, bottom: float) -> str:
    wide = look.columns(name) * look.CHARACTER + 20
    return (
        look.path(f"M{x} 38 V{bottom}", more='stroke-dasharray="2 4"')
        + look.box(x - wide / 2, 10, wide, 28)
        + look.written(x, 29, name, "wb-text wb-title", "middle")
    )


def _arrow(start: float, end: float, y: float, colour: str, more: str = "") -> str:
    back = 9 if end > start else -9
    shaft = look.path(f"M{start} {y} H{end - back}", f"wb-stroke wb-{colour}", more)
    return shaft + look.path(f"M{end} {y} l{-back} -5 v10 z", f"wb-fill wb-{colour}")


def _steps(shown: list[Exchange], lanes: dict[str, int], api: int) -> Iterator[str]:
    near = max(lanes.values())  # every text stands between this life line and the API's
    room = int((api - near - 46) / look.CHARACTER)
    for number, exchange in enumerate(shown):
        x, y = lanes[name_of(exchange.caller)], TOP + number * ROW
        token = " + token" if exchange.request.header("authorization") else ""
        found = verdict(exchange.answer.status, exchange.answer.problem)
        said = look.shorten(f"{found.sign} {found.words}", room)
        yield look.written(near + 26, y, _asks(exchange, room - len(token)) + token)
        yield _arrow(x, api, y + 7, "text")
        yield look.box(x - 11, y - 4, 22, 22, "wb-box")
        yield look.written(x, y + 11.5, str(number + 1), anchor="middle")
        yield look.written(api - 16, y + 28, said, f"wb-title wb-{found.colour}", "end")
        if exchange.answer.status:
            yield _arrow(api, x, y + 35, found.colour, 'stroke-dasharray="6 4"')


def scene(
    cards: Iterable[Card | Exchange] | None = None, title: str = "Who asked what"
) -> look.Picture:
    """Return a sequence diagram of these exchanges; by default of all since the last scene."""
    chosen = recorder.since_last_scene() if cards is None else cards
    given = [card.exchange if isinstance(card, Card) else card for card in chosen]
    if not given:
        nothing = "Nothing was asked since the last scene. Run the cells above once more."
        return look.Picture(nothing, nothing)
    shown, more = given[:MOST], len(given) - MOST
    names = dict.fromkeys(name_of(exchange.caller) for exchange in shown)
    lanes = {name: LEFT + STEP * place for place, name in enumerate(names)}
    api = max(lanes.values()) + GAP
    bottom = TOP + len(shown) * ROW - 12
    parts = [_lane(x, look.shorten(name, 9), bottom) for name, x in lanes.items()]
    parts += [_lane(api, "the API", bottom), *_steps(shown, lanes, api)]
    sentences = [_sentence(number, exchange) for number, exchange in enumerate(shown, 1)]
    notes = [f"… and {more} more"] if more > 0 else []
    picture = look.svg(api + 48, bottom + 8, title, " ".join(sentences + notes), parts)
    return look.Picture(look.titled(title, picture, notes), look.twin([title, *sentences, *notes]))
