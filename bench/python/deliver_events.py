"""The Python peer: delivers events in batches with Thrift's own library, and reports milliseconds and CPU as JSON.

usage: deliver_events.py <folder of the generated code> <port> <events> <batch size> <bytes of a body> (accelerated | plain)
"""

import json
import sys
import time

from thrift.protocol.TCompactProtocol import TCompactProtocol, TCompactProtocolAccelerated
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TFramedTransport

POOL = 1_000


# `accelerated` is written in C, and falls back to Python where the library was built without.
PROTOCOLS = {'accelerated': TCompactProtocolAccelerated, 'plain': TCompactProtocol}


def main(generated, port, events, batch, body_bytes, protocol):
    sys.path.insert(0, generated)
    from flume.ThriftSourceProtocol import Client
    from flume.ttypes import Status, ThriftFlumeEvent

    transport = TFramedTransport(TSocket('127.0.0.1', port))
    client = Client(PROTOCOLS[protocol](transport))
    transport.open()
    pool = [
        ThriftFlumeEvent(
            {'host': 'web-1.example.org', 'timestamp': str(1_731_234_567_000 + n), 'level': 'info', 'app': 'checkout'},
            f'event {n} '.ljust(body_bytes, 'x')[:body_bytes].encode(),
        )
        for n in range(POOL)
    ]

    def deliver(count):
        for sent in range(0, count, batch):
            if client.appendBatch(pool[sent % POOL : sent % POOL + batch]) != Status.OK:
                sys.exit('not OK')

    deliver(events // 4)
    cpu = time.process_time()
    start = time.perf_counter()
    deliver(events)
    ms = (time.perf_counter() - start) * 1_000
    cpu_ms = (time.process_time() - cpu) * 1_000
    print(json.dumps({'events': events, 'ms': ms, 'cpuMs': cpu_ms}))
    transport.close()


main(sys.argv[1], *map(int, sys.argv[2:6]), sys.argv[6])
