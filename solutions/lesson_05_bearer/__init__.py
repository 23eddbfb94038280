"""Lesson 5: how does the API ask for the token?"""
