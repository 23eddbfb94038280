"""Lesson 12: how can short tokens be comfortable?"""
