"""Frames of all students, gathered into small batches: what a GPU needs to be worth its price.

`gathering` decides, on a clock that is passed in; `scheduler` has the threads; `engine` is what
either asks of an engine. Nothing here knows a runtime, so the CPU's engines run through it too.
"""
