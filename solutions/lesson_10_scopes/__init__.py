"""Lesson 10: read or write?"""
