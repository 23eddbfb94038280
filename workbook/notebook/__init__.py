"""What a lesson's notebook works with: real traffic, shown as pictures that also speak as text."""

from workbook.notebook.bars import bars
from workbook.notebook.cards import Card
from workbook.notebook.cast import alice, bob, mallory, olga
from workbook.notebook.graded import attack, check
from workbook.notebook.grid import grid
from workbook.notebook.hash_view import HashView
from workbook.notebook.measured import measured
from workbook.notebook.predict import predict, reveal
from workbook.notebook.record import Recorder, recorder
from workbook.notebook.routes import routes
from workbook.notebook.scene import scene
from workbook.notebook.source import source
from workbook.notebook.stage import live, restart, second_worker, stored, wild
from workbook.notebook.table import change, table
from workbook.notebook.timeline import timeline
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
    "change",
    "check",
    "grid",
    "live",
    "mallory",
    "measured",
    "olga",
    "predict",
    "recorder",
    "restart",
    "reveal",
    "routes",
    "scene",
    "second_worker",
    "source",
    "stored",
    "table",
    "timeline",
    "tree",
    "wild",
]
