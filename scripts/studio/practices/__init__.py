"""Whole practices, as the detector sees them: an instructor's routine, and students who follow it.

What the coach is judged by (`coach bench cues`). Bodies, rooms and outfits are those of a set
(`draws`), each person's own.
"""
