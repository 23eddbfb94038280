"""Lesson 11: how do you take a token back?"""
