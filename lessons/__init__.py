"""The starters: one package a lesson, yours to edit."""
