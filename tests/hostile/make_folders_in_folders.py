"""Makes a folder in a folder without end, so that nobody can remove them."""

# points: 0
# status: crashed
# caps: files=1_000

import os

while True:
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
