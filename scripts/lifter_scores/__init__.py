"""How good lifters are: the scores of `coach bench lifter`. Needs no torch."""
