"""The lifter's training set: rendered people as the product's own detector sees them.

`take` draws what a sequence is made of, `flow` moves people through asanas, `shooting` draws each
frame only where the tracker looks next and runs the detector on it, `record` keeps what the
detector said in few bytes, and `corpus` reads it again beside the 3D truth.
"""
