"""Lesson 1: who can read your profile?"""
