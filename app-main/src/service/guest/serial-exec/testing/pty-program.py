"""Runs a program on a terminal of its own whose other end is our standard input and output; ends with either."""
import os
import pty
import select
import signal
import sys

pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
# As a serial port: what is typed while nobody reads waits, and is not lost to us.
os.set_blocking(master, False)
pending = b""
try:
    while True:
        wanted = [master] if len(pending) > 65536 else [master, 0]
        readable, writable, _ = select.select(wanted, [master] if pending else [], [])
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                break
            pending += data
        if master in readable:
            data = os.read(master, 65536)
            if not data:
                break
            while data:
                data = data[os.write(1, data):]
        if master in writable:
            try:
                pending = pending[os.write(master, pending[:4096]):]
            except BlockingIOError:
                pass
except OSError:
    pass
# The session's leader; a hang-up reaches the rest.
try:
    os.kill(pid, signal.SIGHUP)
    os.close(master)
    os.waitpid(pid, 0)
except OSError:
    pass
