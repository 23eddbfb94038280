"""Lesson 3: what is inside a token, and who can change it?"""
