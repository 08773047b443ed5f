"""Routine, matching, deviation, cues and wording: pure decisions on poses; no I/O, no clock."""
