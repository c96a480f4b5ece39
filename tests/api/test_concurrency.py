# SPDX-License-Identifier: GPL-2.0-or-later
"""Many clients at once: each reads its own writes, nobody sees half a body. Run under ThreadSanitizer too."""
import json
import threading
import unittest

from program import SANITIZED, WithProgram
import tap

ROUNDS = 6 if SANITIZED else 20


class Concurrency(WithProgram):
    settings = {'LEDE_SERVER_SEARCH_THREADS': '4', 'LEDE_STORE_PENDING_BYTES': '64KiB'}

    def run_all(self, *jobs):
        problems = []

        def guarded(job):
            try:
                job()
            except Exception as error:  # pylint: disable=broad-except
                problems.append(f'{type(error).__name__}: {error}')
        threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems[:3], [])

    @tap.timeout(200)
    def test_each_client_reads_its_own_writes(self):
        def client(name):
            for number in range(ROUNDS):
                identity = f'{name}-{number % 3}'
                answer = self.lede.put(identity, {'title': f'own {name} version{number}'})
                assert answer.status in (200, 201), answer.text
                assert self.lede.document(identity)['title'].endswith(f'version{number}')
                assert self.lede.ids(f'own {name} version{number}') == [identity]
                if number % 5 == 4:
                    assert self.lede.delete(identity).status == 204
                    assert self.lede.document(identity) is None
        self.run_all(*[lambda name=f'client{n}x': client(name) for n in range(5)])

    @tap.timeout(200)
    def test_a_body_is_seen_whole_or_not_at_all(self):
        done = threading.Event()

        def write():
            for number in range(ROUNDS):
                body = [{'id': f'whole-{n}', 'title': f'wholeness generation{number}'} for n in range(40)]
                assert self.lede.bulk(body, atomic='true').status == 200
            done.set()

        def watch():
            while not done.is_set():
                hits = self.lede.search('wholeness', limit=100)['hits']
                generations = {hit['document']['title'] for hit in hits}
                assert len(hits) in (0, 40) and len(generations) <= 1, (len(hits), generations)
        self.run_all(write, watch, watch)

    @tap.timeout(200)
    def test_of_many_that_create_one_id_one_wins(self):
        statuses = []

        def create(number):
            statuses.append(self.lede.put('contested', {'title': f'by {number}'}, {'If-None-Match': '*'}).status)
        self.run_all(*[lambda n=n: create(n) for n in range(8)])
        self.assertEqual(sorted(statuses), [201] + [412] * 7)


if __name__ == '__main__':
    tap.main(globals())
