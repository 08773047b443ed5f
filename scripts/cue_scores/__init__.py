"""How good the coach is: the scores of `coach bench cues`. Synthetic and filmed practices."""
