# SPDX-License-Identifier: GPL-2.0-or-later
"""More is asked than can be answered: who leaves is not worked for, time in the queue counts, and what takes long gives way."""
import random
import socket
import threading
import time
import unittest

from program import NDJSON, SANITIZED, Program, lines
import tap

DEAR = '/search?q=e*+NEAR/5+a*&cache=0&timeout=30s'


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
        cls.server = Program(LEDE_SERVER_SEARCH_THREADS='1')
        answer = cls.server.ask('POST', '/documents', body=lines(documents(300 if SANITIZED else 1500)), headers=NDJSON)
        assert answer.json['created'] > 0, answer.text
        cls.server.search('number', min_revision=answer.json['revision'])

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def connect(self, target):
        client = socket.create_connection(('127.0.0.1', self.server.port))
        client.sendall(f'GET {target} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
        return client

    def seconds(self, path, **parameters):
        started = time.monotonic()
        self.assertEqual(self.server.get(path, **parameters).status, 200)
        return time.monotonic() - started

    def test_searches_whose_clients_have_left_keep_nobody_waiting(self):
        alone = self.seconds(DEAR)
        for _ in range(40):
            self.connect(DEAR).close()
        self.assertLess(self.seconds('/search', q='number', cache=0), max(4, 10 * alone))
        self.assertLess(self.seconds('/suggest', q='nu'), 4)

    def test_a_dear_search_leaves_its_worker_to_others(self):
        clients = [self.connect(DEAR) for _ in range(4)]
        try:
            times = [self.seconds('/search', q='number', cache=0) for _ in range(20)]
        finally:
            for client in clients:
                client.close()
        self.assertLess(sorted(times)[10], 2)

    def test_what_has_waited_for_half_of_its_timeout_is_503(self):
        """Those that run have the workers for longer than the others may wait."""
        clients = [self.connect(DEAR) for _ in range(6)]
        answers = []
        try:
            time.sleep(0.2)
            asked = [threading.Thread(target=lambda: answers.append(self.server.get(DEAR.replace('30s', '600ms')))) for _ in range(3)]
            for one in asked:
                one.start()
            for one in asked:
                one.join(60)
        finally:
            for client in clients:
                client.close()
        self.assertEqual(len(answers), 3)
        for answer in answers:
            self.assertIn(answer.status, (200, 503))
            if answer.status == 503:
                self.assertEqual(answer['Retry-After'], '1')


if __name__ == '__main__':
    tap.main(globals())
