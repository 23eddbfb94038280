"""Writes files until the disk is full."""

# points: 0
# status: crashed
# caps: disk_bytes=30_000_000

number = 0
while True:
    number += 1
    with open(f"file-{number}", "wb") as file:
        file.write(b"x" * 1_000_000)
