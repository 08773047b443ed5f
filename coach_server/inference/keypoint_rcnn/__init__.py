"""Keypoint R-CNN (He et al., Mask R-CNN, ICCV 2017, section 5) for one person, in static shapes.

What needs no torch is here: the architecture and its two dialects, and the weights by one set of
names. The network itself is in `torch_graphs`.
"""
