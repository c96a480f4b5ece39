# SPDX-License-Identifier: GPL-2.0-or-later
"""Hundreds of bad requests, generated (bad_requests.py): each has its status and its problem, and nothing of them stays."""
import json

from bad_requests import rows
from program import SANITIZED, WithProgram
import tap

REQUESTS = 5000 if SANITIZED else 100000
GROWTH_MIB = 12


def as_set(value):
    return value if isinstance(value, set) else {value}


class BadRequests(WithProgram):
    with_sample = True

    def setUp(self):
        self.lede.put('sample', {key: value for key, value in self.documents[0].items() if key != 'id'})
        self.rows = rows(self.lede.get('/openapi.json').json)

    def ask(self, client, data):
        try:
            client.send(data)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return client.reply()

    def test_each_has_its_status_and_its_problem(self):
        print(f'# {len(self.rows)} bad requests', flush=True)
        self.assertGreaterEqual(len(self.rows), 250)
        for words, data, status, problem, ends in self.rows:
            with self.subTest(words), self.lede.client() as client:
                if status is None:
                    client.send(data)
                    self.assertTrue(client.is_closed())
                    continue
                reply = self.ask(client, data)
                self.assertIn(reply.status, as_set(status), reply.body[:300])
                self.assertEqual(reply['Content-Type'], 'application/problem+json')
                told = json.loads(reply.body)
                self.assertIn(told['type'].removeprefix('/problems/'), as_set(problem), told)
                self.assertEqual((told['status'], told['instance']), (reply.status, f"/requests/{reply['X-Request-Id']}"))
                if ends:
                    self.assertTrue(client.ends())
                elif ends is False:
                    client.send(b'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
                    self.assertEqual(client.reply().status, 200)
        self.assertEqual(self.lede.get('/health/ready').json['status'], 'ready')

    def memory_mib(self):
        with open(f'/proc/{self.lede.process.pid}/status') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmRSS')) / 1024

    @tap.timeout(900)
    def test_memory_is_flat_after_many(self):
        small = [(data, ends) for _, data, status, _, ends in self.rows if status and len(data) < 2000]
        client, before, count = None, None, 0
        while count < REQUESTS:
            for data, ends in small:
                client = client or self.lede.client()
                self.ask(client, data)
                count += 1
                if ends is not False:
                    client.close()
                    client = None
            if before is None and count >= REQUESTS // 5:
                before = self.memory_mib()
        if client:
            client.close()
        grown = self.memory_mib() - before
        print(f'# {count} requests, {before:.1f} MiB after the first fifth, {grown:+.1f} MiB since', flush=True)
        if not SANITIZED:
            self.assertLess(grown, GROWTH_MIB)
        self.assertEqual(self.lede.get('/health/ready').json['status'], 'ready')


if __name__ == '__main__':
    tap.main(globals())
