"""Grading a class: many submissions, written by anybody, on one machine or on many."""
