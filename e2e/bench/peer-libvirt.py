"""The official Python binding as a peer: reads commands from standard input, answers with one line of JSON each."""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import libvirt

connection = libvirt.open(sys.argv[1])
# As many calls in flight as our client makes; the binding lets go of the interpreter lock while it waits.
pool = ThreadPoolExecutor(4)
domains = connection.listAllDomains()
nowait = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT

work = {
    "list": lambda: len(connection.listAllDomains()),
    "stats": lambda: len(connection.getAllDomainStats(0, nowait)),
    "xml": lambda: sum(1 for domain in domains if domain.XMLDesc()),
    "xml-threads": lambda: sum(1 for xml in pool.map(lambda domain: domain.XMLDesc(), domains) if xml),
}

for line in sys.stdin:
    start = time.perf_counter()
    count = work[line.strip()]()
    print(json.dumps({"ms": (time.perf_counter() - start) * 1000, "count": count}), flush=True)
