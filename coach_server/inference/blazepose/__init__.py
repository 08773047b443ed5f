"""BlazePose: a person detector and a landmark network on a crop that follows the person.

After Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking" (2020), and the graphs
that MediaPipe publishes with the weights.
"""
