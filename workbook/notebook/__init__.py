"""What a lesson's notebook works with: real traffic, shown as pictures that also speak as text."""

from workbook.notebook.bars import bars
from workbook.notebook.cards import Card
from workbook.notebook.grid import grid
from workbook.notebook.hash_view import HashView
from workbook.notebook.live import alice, attack, bob, check, live, mallory, olga, stored
from workbook.notebook.predict import predict, reveal
from workbook.notebook.record import Recorder, recorder
from workbook.notebook.scene import scene
from workbook.notebook.source import source
from workbook.notebook.token_view import Token
from workbook.notebook.tree_view import tree

__all__ = [
    "Card",
    "HashView",
    "Recorder",
    "Token",
    "alice",
    "attack",
    "bars",
    "bob",
    "check",
    "grid",
    "live",
    "mallory",
    "olga",
    "predict",
    "recorder",
    "reveal",
    "scene",
    "source",
    "stored",
    "tree",
]
