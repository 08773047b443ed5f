"""What lifters are judged by: people of the sets' bodies and rooms as the detector sees them.

Some of them do a known fault, all of them are seen from known places.
"""
