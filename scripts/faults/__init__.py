"""How the coach bears bad networks and dying peers, in figures: `python -m scripts.faults`."""
