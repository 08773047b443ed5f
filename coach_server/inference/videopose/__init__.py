"""VideoPose3D (Pavllo et al., CVPR 2019) as it runs live: a column a frame, from ONNX, numpy only.

Training lives in `scripts/lifter`, with torch. What is common to both is here: the architecture,
the encoding of keypoints, and the names of the weights, which are those of the authors'.
"""
