"""Loops for ever while it is imported."""

# points: 0
# status: timed out
# seconds: 1

while True:
    pass
