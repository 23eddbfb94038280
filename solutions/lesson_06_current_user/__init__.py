"""Lesson 6: who is calling?"""
