"""A test as somebody writes it in Python: logs to a development agent through a client of its own, and looks at what came.

usage: look_at_events.py <folder of the generated code> <port of the agent> <port of its control API>
"""

import json
import sys
import urllib.error
import urllib.request

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TFramedTransport


def call(url, method='GET', value=None):
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(url, body, {'content-type': 'application/json'}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def main(generated, port, api_port):
    sys.path.insert(0, generated)
    from flume.ThriftSourceProtocol import Client
    from flume.ttypes import Status, ThriftFlumeEvent

    api = f'http://127.0.0.1:{api_port}/api'
    connection = TFramedTransport(TSocket('127.0.0.1', int(port)))
    client = Client(TCompactProtocol(connection))
    connection.open()
    try:
        order = ThriftFlumeEvent({'level': 'error', 'app': 'checkout'}, 'card declined: 🐟'.encode())
        script = call(f'{api}/script', 'POST', ['failed'])
        assert script['steps'] == [{'step': 'failed', 'left': 1}], script
        assert client.append(order) == Status.FAILED
        assert client.append(order) == Status.OK
        assert client.appendBatch([ThriftFlumeEvent({'n': str(n)}, bytes([n, 255])) for n in range(3)]) == Status.OK

        found = call(f'{api}/events?level=error&header.app=checkout&text=DECLINED')['events']
        assert [(event['number'], event['body']) for event in found] == [(1, 'card declined: 🐟')], found
        rest = call(f'{api}/events?after=1')['events']
        assert [event['bodyBase64'] for event in rest] == ['AP8=', 'Af8=', 'Av8='], rest
        stats = call(f'{api}/stats')
        assert (stats['accepted'], stats['calls']) == (4, 3), stats
        assert stats['answers'] == {'script: failed': 1, 'OK': 2}, stats

        try:
            call(f'{api}/script', 'POST', ['fialed'])
            raise AssertionError('a wrong script was taken')
        except urllib.error.HTTPError as error:
            assert error.code == 400 and 'fialed' in error.read().decode()
        assert call(f'{api}/events', 'DELETE') == {'removed': 4}
        assert call(f'{api}/events')['letGo'] == 4
    finally:
        connection.close()


main(*sys.argv[1:])
