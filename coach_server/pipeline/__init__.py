"""One student's frames to cues: synchronous, the clock passed in, no I/O."""
