"""The live practice coach: follow a recorded instructor and be corrected while moving."""

__version__ = "0.1.0"
