"""Attacks that run for real, each against the learner's own server on this machine."""

from workbook.attacking.attacks import Attack, NoSuchRoute, attack, attacks, reach
from workbook.grading import Api, Person
from workbook.talking import forge

__all__ = ["Api", "Attack", "NoSuchRoute", "Person", "attack", "attacks", "forge", "reach"]
