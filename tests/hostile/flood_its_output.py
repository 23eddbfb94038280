"""Prints without end."""

# points: 0
# status: does not start

while True:
    print("x" * 100_000)
