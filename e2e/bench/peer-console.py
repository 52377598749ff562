"""A console program (virsh console, vireo console) on a terminal of its own: reads commands, answers with lines of JSON.

Its arguments are the program's command line. It answers `{"ready": true}` when the guest's shell stands at its prompt.

{"do": "flood", "typed": ..., "mark": ...}  types and reads until the mark: milliseconds, whole lines, pieces out of order
{"do": "echo", "typed": ..., "samples": N}  starts what floods, then times N keys until they come back; 2000: it never did
"""
import json
import os
import pty
import re
import select
import sys
import time

PROMPT = b"vireo# "
LINE = re.compile(rb"(?m)^(\d{8}) -{53}\r*$")

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])


def answer(**values):
    print(json.dumps(values), flush=True)


def read_until(wanted, seconds):
    """The pieces up to `wanted`, each with its time; None when it does not come."""
    pieces, tail, end = [], b"", time.perf_counter() + seconds
    while wanted not in tail:
        if not select.select([terminal], [], [], max(0, end - time.perf_counter()))[0]:
            return None
        piece = os.read(terminal, 1 << 16)
        pieces.append((time.perf_counter(), piece))
        tail = tail[-len(wanted) :] + piece
    return pieces


def prompt(key, seconds):
    """Presses a key until the prompt comes: what is typed before the program has its terminal ready is thrown away."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        os.write(terminal, key)
        if read_until(PROMPT, 0.5):
            # The rest of what earlier keys gave.
            while select.select([terminal], [], [], 0.2)[0]:
                os.read(terminal, 1 << 16)
            return
    raise SystemExit("the guest's shell does not answer")


def flood(typed, mark):
    os.write(terminal, typed.encode() + b"\r")
    pieces = read_until(mark.encode(), 30)
    if pieces is None:
        raise SystemExit("the end of the flood did not come")
    times = [at for at, piece in pieces if b"-----" in piece]
    numbers = [int(number) for number in LINE.findall(b"".join(piece for _, piece in pieces))]
    answer(ms=(times[-1] - times[0]) * 1000, lines=len(numbers), ordered=numbers == sorted(set(numbers)))


def echo(typed, samples):
    os.write(terminal, typed.encode() + b"\r")
    read_until(b"-----", 5)
    times = []
    for _ in range(samples):
        start = time.perf_counter()
        os.write(terminal, b"@")
        back = read_until(b"@", 2)
        times.append((back[-1][0] - start) * 1000 if back else 2000)
        read_until(b"@", 0.05)
    prompt(b"\x03", 10)
    answer(times=times)


prompt(b"\r", 20)
answer(ready=True)
for text in sys.stdin:
    command = json.loads(text)
    {"flood": flood, "echo": echo}[command.pop("do")](**command)
# Who comes next shall not share the line with one that is about to leave.
os.close(terminal)
os.waitpid(pid, 0)
