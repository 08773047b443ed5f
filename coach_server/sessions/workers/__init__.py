"""Live practice spread over worker processes, and the front that admits to them."""
