"""Lesson 2: what if the user file leaks?"""
