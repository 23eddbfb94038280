"""Lesson 7: what if the user is gone?"""
