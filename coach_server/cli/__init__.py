"""The commands: arguments in, results to stdout, errors as one line."""
