"""What a practice came to: counted frame by frame, summed up in numbers and in words; no I/O."""
