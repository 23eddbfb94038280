"""Makes empty files until the file system has no more numbers for them."""

# points: 0
# status: crashed
# caps: files=1_000

number = 0
while True:
    number += 1
    open(f"file-{number}", "w").close()
