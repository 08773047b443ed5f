"""Training of the lifter, with torch: `scripts/train_lifter.py` runs it, the server never does.

`sources` draw windows of keypoints and truth, `augmentation` varies them, `network` is the window
form of the network, `losses` say what is learnt, `loop` trains, saves and resumes, `evaluation` and
`curve` say how it goes, and `export` makes the engine that the server runs.
"""
