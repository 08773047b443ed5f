"""How well two films are compared: whether moments belong together, and faults stand out."""
