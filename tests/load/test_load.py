# SPDX-License-Identifier: GPL-2.0-or-later
"""A small run of run.py, for what is answered, not for how fast."""
import json
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'api'), HERE]
from program import NDJSON, SAMPLE, WAIT_S, Program, read_documents, lines  # noqa: E402
import run  # noqa: E402
import tap  # noqa: E402


class Small(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Program(LEDE_SERVER_ANSWER_CACHE='0', LEDE_SERVER_SEARCH_THREADS='1')
        answer = cls.server.ask('POST', '/documents', body=lines(read_documents(SAMPLE)), headers=NDJSON)
        assert answer.status == 200, answer.text

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.server.remove()
        assert code == 0, code

    def load(self, *groups):
        arguments = []
        for name, kind, number, targets in groups:
            path = os.path.join(self.server.home, name)
            with open(path, 'w', encoding='utf-8') as file:
                file.write('\n'.join(targets) + '\n')
            arguments.append(f'{name}:{kind}:{number}:{path}')
        told = subprocess.run([os.environ['LEDE_LOAD_CLIENT'], str(self.server.port), '1.5', *arguments], stdout=subprocess.PIPE, text=True,
                              check=True, timeout=100).stdout
        return {row['group']: row for row in map(json.loads, told.splitlines())}

    def assert_answered(self, row, errors=0):
        self.assertLessEqual(set(row['statuses']), {'200', '429', '503'}, row)
        self.assertGreater(row['statuses'].get('200', 0), 0, row)
        self.assertLessEqual(row['errors'], errors, row)

    def test_ordinary_searches_are_answered_beside_dear_ones(self):
        rows = self.load(('ordinary', 'closed', 4, [run.address('ferry')]), ('dear', 'closed', 8, list(run.dear_targets().values())))
        self.assert_answered(rows['ordinary'])
        self.assert_answered(rows['dear'])

    def test_more_than_it_carries_is_answered_or_refused(self):
        before = self.server.log_text().count('status=503')
        row = self.load(('ordinary', 'open', 3000, [run.address('ferry')]))['ordinary']
        self.assert_answered(row)
        self.assertEqual(self.server.get('/health/live').status, 200)
        logged = self.server.log_text().count('status=503') - before
        self.assertLessEqual(logged, 60)
        if row['statuses'].get('503', 0) > 200:
            time.sleep(1.5)
            self.assertRegex(self.server.log_text(), r'\d+ more answers like these within a second')

    def test_three_hundred_connections_at_once_are_answered_or_refused(self):
        self.assert_answered(self.load(('ordinary', 'closed', 300, [run.address('ferry')]))['ordinary'])
        end = time.monotonic() + WAIT_S
        answer = self.server.get('/search', q='ferry')
        while answer.status == 503 and time.monotonic() < end:  # those who have gone still wait
            time.sleep(.05)
            answer = self.server.get('/search', q='ferry')
        self.assertEqual(answer.json['timed_out'], False)


class Guess(unittest.TestCase):
    def test_what_is_dear_is_guessed_to_be_dearer(self):
        server = Program()
        try:
            words = ['e' + 'abcdefgh'[i % 8] * 3 for i in range(8)]
            texts = [{'id': f'd{i}', 'title': f'number {i}', 'body': ' '.join(words), 'published': '2024-01-01T00:00:00Z', 'source': 'x'}
                     for i in range(1000)]
            server.ask('POST', '/documents', body=lines(texts), headers=NDJSON)
            self.assertEqual(server.stop(), 0)
            asked = [{'q': 'lantern'}, {'q': 'number'}, {'q': 'eaaa NEAR/5 ebbb'}, {'q': 'number', 'limit': 1000}, {'q': 'e* NEAR/5 ea*'}]
            told = subprocess.run([os.environ['LEDE_GUESS_COST'], server.data], input=''.join(json.dumps(one) + '\n' for one in asked),
                                  stdout=subprocess.PIPE, text=True, check=True, timeout=100).stdout
            guesses = [float(line) for line in told.split()]
        finally:
            server.remove()
        self.assertEqual(guesses, sorted(guesses))
        self.assertGreater(guesses[4], 20 * guesses[0])


if __name__ == '__main__':
    tap.main(globals())
