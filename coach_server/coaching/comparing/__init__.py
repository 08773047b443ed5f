"""Two recorded films: aligned in time, compared angle by angle, and what stands out named."""
