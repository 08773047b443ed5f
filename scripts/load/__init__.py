"""Simulated webcams: stock aiortc peers that send a film encoded beforehand and count the answers.

Nothing of the server runs here, so what they cost is never part of what it costs.
"""
