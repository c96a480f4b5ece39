# SPDX-License-Identifier: GPL-2.0-or-later
"""More is asked than can be answered: who leaves is not worked for, time in the queue counts, and what takes long gives way."""
import itertools
import os
import random
import select
import socket
import threading
import time
import unittest

from program import NDJSON, SANITIZED, WAIT_S, Program, lines, query
import tap

NEAR = [f'({a}* NEAR/9 {b}*) NEAR/20 ({c}* NEAR/8 {d}*)' for a, b, c, d in itertools.permutations('eaxy')][:16]
DEAR = query('/search', {'q': ' OR '.join(NEAR[:2]), 'cache': 0, 'timeout': '30s'})
DEAREST = query('/search', {'q': ' OR '.join(NEAR), 'cache': 0, 'timeout': '30s'})


def documents(count):
    """Texts of many words that begin with e or a: patterns near each other find no end."""
    chance = random.Random(7)
    words = [chance.choice('eaxyz') + ''.join(chance.choice('abcdefgh') for _ in range(6)) for _ in range(3000)]
    for number in range(count):
        yield {'id': f'd{number}', 'title': f'number {number}', 'body': ' '.join(chance.choice(words) for _ in range(400)),
               'published': '2024-01-01T00:00:00Z', 'source': 'x'}


class Overload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Program(LEDE_SERVER_SEARCH_THREADS='1', LEDE_SERVER_QUEUE_WAIT='0ms')
        answer = cls.server.ask('POST', '/documents', body=lines(documents(300 if SANITIZED else 1500)), headers=NDJSON)
        assert answer.json['created'] > 0, answer.text
        cls.server.search('number', min_revision=answer.json['revision'])

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def connect(self, target):
        client = socket.create_connection(('127.0.0.1', self.server.port))
        client.sendall(f'GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
        return client

    def seconds(self, path, **parameters):
        started = time.monotonic()
        self.assertEqual(self.server.get(path, **parameters).status, 200)
        return time.monotonic() - started

    def cpu_s(self):
        with open(f'/proc/{self.server.process.pid}/stat', encoding='ascii') as file:
            of_user, of_system = file.read().rpartition(')')[2].split()[11:13]
        return (int(of_user) + int(of_system)) / os.sysconf('SC_CLK_TCK')

    def status(self, client):
        client.settimeout(WAIT_S)
        return int(client.recv(12).split()[1])

    def spent_s(self, path):
        before = self.cpu_s()
        self.seconds(path)
        return self.cpu_s() - before

    def test_a_search_whose_client_leaves_ends(self):
        spent = self.spent_s(DEAREST)
        self.assertGreater(spent, 0.2)
        client = self.connect(DEAREST)
        time.sleep(spent / 10)
        client.close()
        time.sleep(spent / 10)
        before = self.cpu_s()
        time.sleep(spent / 4)
        self.assertLess(self.cpu_s() - before, spent / 10)

    def test_searches_whose_clients_have_left_are_not_begun(self):
        spent = self.spent_s(DEAR)
        self.assertGreater(spent, 0.05)
        for _ in range(40):
            self.connect(DEAR).close()
        self.seconds('/search', q='number', cache=0)
        self.seconds('/suggest', q='nu')
        time.sleep(2 * spent)
        before = self.cpu_s()
        time.sleep(4 * spent)
        self.assertLess(self.cpu_s() - before, spent)

    def test_a_dear_search_lets_others_go_before(self):
        """There is one worker: without giving way, it would answer in the order in which it was asked."""
        clients = [self.connect(DEAR) for _ in range(4)]
        try:
            time.sleep(0.02)
            self.seconds('/search', q='number', cache=0)
            answered, _, _ = select.select(clients, [], [], 0)
            self.assertLess(len(answered), 4)
            self.assertEqual([self.status(client) for client in clients], [200] * 4)
        finally:
            for client in clients:
                client.close()

    def test_what_has_waited_for_half_of_its_timeout_is_503(self):
        """Those that run have the workers for longer than the others may wait."""
        clients = [self.connect(DEAR) for _ in range(6)]
        answers = []
        try:
            time.sleep(0.2)
            asked = [threading.Thread(target=lambda: answers.append(self.server.get(DEAR.replace('30s', '200ms')))) for _ in range(3)]
            for one in asked:
                one.start()
            for one in asked:
                one.join(WAIT_S)
        finally:
            for client in clients:
                client.close()
        self.assertEqual(len(answers), 3)
        refused = [answer for answer in answers if answer.status == 503]
        self.assertLessEqual({answer.status for answer in answers}, {200, 503})
        self.assertGreater(len(refused), 0)
        for answer in refused:
            self.assertEqual(answer['Retry-After'], '1')

    def test_waiting_for_a_revision_is_not_waiting_for_others(self):
        """A search that takes long is asked for a revision that comes past half of its timeout."""
        before = self.server.get('/search', q='number', limit=0).json['revision']
        answers = []
        wanted = f'{DEAR.replace("30s", "3s")}&min_revision={before + 1}'
        asked = threading.Thread(target=lambda: answers.append(self.server.get(wanted)))
        asked.start()
        time.sleep(1.8)
        self.server.ask('PUT', '/documents/late', body=b'{"title": "late"}', headers={'Content-Type': 'application/json'})
        asked.join(WAIT_S)
        self.assertEqual([answer.status for answer in answers], [200])


if __name__ == '__main__':
    tap.main(globals())
