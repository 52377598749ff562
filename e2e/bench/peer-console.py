"""A console program (virsh console, vireo console) on a terminal of its own: reads commands, answers with lines of JSON.

Its arguments: what the program says when it is connected, then its command line.

flood LINES COMMAND   types COMMAND and reads until so many numbered lines of 64 bytes have come
"""
import json
import os
import pty
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])


def answer(**values):
    print(json.dumps(values), flush=True)


def read_until(wanted):
    """Everything up to `wanted`, and when its first byte came."""
    pieces, tail, first = [], b"", None
    while wanted not in tail:
        piece = os.read(terminal, 1 << 16)
        if not piece:
            raise SystemExit("the console program ended")
        first = first or time.perf_counter()
        pieces.append(piece)
        tail = tail[-len(wanted) :] + piece
    return b"".join(pieces), first


def line(number):
    return b"%08d " % number + b"-" * 53 + b"\r\n"


def flood(lines, command):
    os.write(terminal, command.encode() + b"\r")
    data, first = read_until(line(lines - 1)[:-2])
    elapsed = time.perf_counter() - first
    # virsh leaves the terminal adding a carriage return of its own.
    data = data.replace(b"\r\r\n", b"\r\n") + b"\r\n"
    flooded = data[data.find(line(0)) :][: lines * 64]
    answer(ms=elapsed * 1000, whole=flooded == b"".join(map(line, range(lines))))


read_until(sys.argv[1].encode())
answer(ready=True)
for text in sys.stdin:
    name, lines, command = text.strip().split(" ", 2)
    if name == "flood":
        flood(int(lines), command)
# Who comes next shall not share the line with one that is about to leave.
os.close(terminal)
os.waitpid(pid, 0)
