"""Judging a lesson from the outside: checks speak HTTP to it and read what it stored."""

from workbook.grading.api import Api
from workbook.grading.checks import Check, check
from workbook.grading.expect import expect
from workbook.grading.people import Person
from workbook.talking import forge
from workbook.talking.exchange import Exchange, Request, request

__all__ = ["Api", "Check", "Exchange", "Person", "Request", "check", "expect", "forge", "request"]
