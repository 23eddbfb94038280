"""Writes one file without end."""

# points: 0
# status: does not start

with open("file", "wb") as file:
    while True:
        file.write(b"x" * 1_000_000)
