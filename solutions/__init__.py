"""The answers: one package a lesson, each plain and runnable."""
