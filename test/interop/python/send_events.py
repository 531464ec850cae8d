"""Sends one event, then a batch of 100, to a Flume Thrift source, with Thrift's own Python library.

usage: send_events.py <folder of the generated code> <protocol> <transport> (tcp <port> | tls <port> <ca file> | unix <path>)
"""

import ssl
import sys

from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.protocol.TJSONProtocol import TJSONProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TSSLSocket import TSSLSocket
from thrift.transport.TTransport import TBufferedTransport, TFramedTransport

PROTOCOLS = {'compact': TCompactProtocol, 'binary': TBinaryProtocol, 'json': TJSONProtocol}
TRANSPORTS = {'framed': TFramedTransport, 'unframed': TBufferedTransport}


def open_socket(kind, address, ca_file=None):
    if kind == 'unix':
        return TSocket(unix_socket=address)
    if kind == 'tls':
        return TSSLSocket('localhost', int(address), cert_reqs=ssl.CERT_REQUIRED, ca_certs=ca_file)
    return TSocket('127.0.0.1', int(address))


def main(generated, protocol, transport, *endpoint):
    sys.path.insert(0, generated)
    from flume.ThriftSourceProtocol import Client
    from flume.ttypes import Status, ThriftFlumeEvent

    socket = open_socket(*endpoint)
    socket.setTimeout(10_000)
    connection = TRANSPORTS[transport](socket)
    client = Client(PROTOCOLS[protocol](connection))
    connection.open()
    try:
        statuses = [client.append(ThriftFlumeEvent({'a': 'hello'}, b'world'))]
        batch = [
            ThriftFlumeEvent({'n': str(n), 'ключ': 'é € 😀 "\n'}, f'wörld {n} '.encode() + bytes(range(n)))
            for n in range(100)
        ]
        statuses.append(client.appendBatch(batch))
    finally:
        connection.close()
    if statuses != [Status.OK, Status.OK]:
        sys.exit(f'the source answered {statuses}')


main(*sys.argv[1:])
