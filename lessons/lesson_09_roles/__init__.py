"""Lesson 9: what may they do?"""
