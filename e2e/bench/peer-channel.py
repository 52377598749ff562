"""A channel read through the official Python binding: asks for a flood and tells its milliseconds and whether it is whole.

Arguments: URI, name of the domain, name of the channel, lines.
"""
import json
import sys
import time

import libvirt

uri, domain, channel, lines = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
connection = libvirt.open(uri)
stream = connection.newStream()
connection.lookupByName(domain).openChannel(channel, stream)
stream.send(b"flood %d\r" % lines)
pieces, size, first = [], 0, None
while size < lines * 64:
    pieces.append(stream.recv(1 << 18))
    first = first or time.perf_counter()
    size += len(pieces[-1])
elapsed = time.perf_counter() - first
expected = b"".join(b"%08d " % number + b"-" * 53 + b"\r\n" for number in range(lines))
print(json.dumps({"ms": elapsed * 1000, "whole": b"".join(pieces) == expected}))
stream.abort()
