"""Lesson 8: whose page is it?"""
