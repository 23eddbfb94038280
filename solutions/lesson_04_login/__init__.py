"""Lesson 4: how does a client ask for a token?"""
