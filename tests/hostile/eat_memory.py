"""Takes memory until there is none."""

# points: 0
# status: crashed
# caps: memory_bytes=300_000_000

taken = []
while True:
    taken.append(bytearray(b"x" * 10_000_000))
