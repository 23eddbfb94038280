"""Takes the socket from the server, says that it is ready, and answers garbage for ever."""

# points: 0
# status: timed out
# seconds: 2

import json
import os
import socket
import stat

for number in range(3, 64):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    if stat.S_ISFIFO(mode):
        os.write(number, json.dumps({"event": "ready", "port": 22}).encode() + b"\n")
    if stat.S_ISSOCK(mode):
        listening = socket.socket(fileno=number)
        while True:
            caller, _ = listening.accept()
            try:
                while True:
                    caller.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            except OSError:
                continue
