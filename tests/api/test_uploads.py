# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies of bulks that come slowly, in pieces, or not at all. Run under ThreadSanitizer too."""
import json
import os
import random
import tempfile
import threading
import time
import unittest

from program import NDJSON, Program, WithProgram, lines
import tap


def documents(name, count):
    return [{'id': f'{name}-{number}', 'title': f'{name} number{number}', 'body': 'some text of news ' * 20}
            for number in range(count)]


class SlowPdf(unittest.TestCase):
    """A reader of PDF that hangs, as some PDF may make it."""
    HANGS_S = 8

    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        reader = os.path.join(home.name, 'lede-pdf-text')
        with open(reader, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\nexec /bin/sleep {self.HANGS_S}\n')
        os.chmod(reader, 0o755)
        self.lede = Program(LEDE_PDF_TEXT=reader, LEDE_SERVER_WRITE_THREADS='4')
        self.addCleanup(self.lede.remove)
        self.addCleanup(self.lede.stop)

    @tap.timeout(120)
    def test_pdfs_that_hang_hold_up_no_other_bulk(self):
        answers = []

        def post():
            answers.append(self.lede.ask('POST', '/documents', None, b'%PDF-1.4 ' + os.urandom(9), {'Content-Type': 'application/pdf'}))
        posts = [threading.Thread(target=post) for _ in range(12)]
        for each in posts:
            each.start()
        time.sleep(.2)
        started = time.monotonic()
        self.assertEqual(self.lede.bulk([{'id': 'beside', 'title': 'beside'}]).status, 200)
        self.assertLess(time.monotonic() - started, self.HANGS_S - 1)
        for each in posts:
            each.join()
        refused = [answer for answer in answers if answer.status == 503]
        self.assertGreaterEqual(len(refused), 6)
        self.assertIn('PDFs are being read', refused[0].json['detail'])
        self.assertEqual(refused[0]['Retry-After'], '1')


class Uploads(WithProgram):
    settings = {'LEDE_SERVER_WRITE_THREADS': '2', 'LEDE_STORE_PENDING_BYTES': '64KiB'}

    def begin(self, body, path='/documents', size=None):
        """A bulk of which some bytes have been sent."""
        client = self.lede.client()
        self.addCleanup(client.close)
        client.request('POST', path, [f'Content-Length: {size or len(body) + 1}', 'Content-Type: application/x-ndjson'], body)
        return client

    def test_more_dripping_bulks_than_workers_stop_neither_writes_nor_searches(self):
        body = lines([{'id': 'drip', 'title': 'dripping'}])
        clients = [self.begin(body[:-1], size=len(body)) for _ in range(20)]
        started = time.monotonic()
        for number in range(10):
            self.assertEqual(self.lede.put(f'put-{number}', {'title': 'beside'}).status, 201)
            self.assertEqual(self.lede.total('beside'), number + 1)
            self.assertEqual(self.lede.bulk(documents(f'other-{number}', 3)).status, 200)
        self.assertLess(time.monotonic() - started, 40)  # it takes a second
        for client in clients:
            client.send(body[-1:])
        outcomes = [json.loads(client.reply().body) for client in clients]
        self.assertEqual([outcome['received'] for outcome in outcomes], [1] * 20)
        self.assertEqual(sum(outcome['created'] for outcome in outcomes), 1)

    @tap.timeout(120)
    def test_a_bulk_in_pieces_with_pauses_is_answered_as_one_that_comes_at_once(self):
        seed = random.randrange(1 << 30)
        print(f'# seed {seed}', flush=True)
        chance = random.Random(seed)
        good = documents('piece', 300)
        rows = [json.dumps(document).encode() for document in good]
        for place in (7, 90, 250):
            rows.insert(place, b'{"id": "bad", "published": "yesterday", "title": "x"}')
        for media, body in (('application/x-ndjson', b'\n'.join(rows) + b'\n'),
                            ('application/json', b'[' + b',\n'.join(rows) + b']')):
            whole = self.lede.ask('POST', '/documents', None, body, {'Content-Type': media}).json
            client = self.lede.client()
            client.request('POST', '/documents', [f'Content-Length: {len(body)}', f'Content-Type: {media}'])
            at = 0
            while at < len(body):
                size = chance.choice((1, 100, 5000, 70000, 200000))
                client.send(body[at:at + size])
                at += size
                time.sleep(chance.choice((0, 0, 0.05)))
            pieces = json.loads(client.reply().body)
            client.close()
            self.assertEqual(pieces['received'], 303)
            self.assertEqual((pieces['unchanged'], pieces['failed']), (300, 3))
            self.assertEqual(pieces['errors'], whole['errors'])

    def test_bulks_side_by_side_each_keep_to_their_own(self):
        bodies = {name: lines(documents(name, 200)) for name in ('left', 'middle', 'right')}
        clients = {name: self.begin(b'', size=len(body)) for name, body in bodies.items()}
        for at in range(0, max(map(len, bodies.values())), 10000):
            for name, client in clients.items():
                client.send(bodies[name][at:at + 10000])
        for name, client in clients.items():
            answer = json.loads(client.reply().body)
            self.assertEqual((answer['received'], answer['created']), (200, 200))
            self.assertEqual(self.lede.total(f'title:{name}'), 200)

    def test_what_waits_of_a_stream_that_trickles_is_found_while_it_goes_on(self):
        rows = [{'id': f'tail-{number}', 'title': f'trickle number{number}'} for number in range(4)]
        client = self.begin(b'', size=10000)
        for number, row in enumerate(rows):
            client.send(lines([row]))
            self.until(lambda: self.lede.total('title:trickle') == number + 1, within_s=20)  # it takes a second at most
        # A version that replaces another one in the same stream comes behind it.
        for text in ('first', 'second', 'third'):
            client.send(lines([{'id': 'tail-0', 'title': f'trickle {text}'}]))
            self.until(lambda: self.lede.document('tail-0')['title'] == f'trickle {text}', within_s=20)
        client.send(lines([{'id': 'tail-5'}]))
        client.send(b'\n' * (10000 - sum(len(lines([row])) for row in (*rows, {'id': 'tail-5'}, *(
            {'id': 'tail-0', 'title': f'trickle {text}'} for text in ('first', 'second', 'third'))))))
        answer = json.loads(client.reply().body)
        self.assertEqual((answer['received'], answer['created'], answer['updated'], answer['failed']), (8, 4, 3, 1))

    def test_of_an_atomic_stream_that_trickles_nothing_is_found_before_its_end(self):
        row = lines([{'id': 'whole', 'title': 'wholetrickle'}])
        client = self.begin(row, '/documents?atomic=true', size=len(row) + 1)
        time.sleep(2)
        self.assertEqual(self.lede.total('title:wholetrickle'), 0)
        client.send(b'\n')
        self.assertEqual(client.reply().status, 200)
        self.assertEqual(self.lede.total('title:wholetrickle'), 1)

    def test_a_refusal_comes_before_the_body(self):
        for path, headers in (('/documents?unknown=1', 'application/x-ndjson'), ('/documents', 'image/png')):
            with self.lede.client() as client:
                client.request('POST', path, ['Content-Length: 1000', f'Content-Type: {headers}'])
                self.assertIn(client.reply().status, (400, 415))


class Slow(WithProgram):
    settings = {'LEDE_SERVER_UPLOAD_RATE': '1000', 'LEDE_SERVER_UPLOAD_GRACE': '1s'}

    def cut(self, name, path):
        body = lines(documents(name, 5))
        with self.lede.client() as client:
            client.request('POST', path, ['Content-Length: 1000000', 'Content-Type: application/x-ndjson'], body + b'{"id": "half')
            reply = client.reply()
            self.assertTrue(client.is_closed())
        self.assertEqual(reply.status, 408)
        self.assertEqual(reply['Content-Type'], 'application/problem+json')
        problem = json.loads(reply.body)
        self.assertEqual((problem['type'], problem['status']), ('/problems/too-slow', 408))
        return problem

    def test_a_bulk_that_is_too_slow_is_told_so_and_what_came_is_kept(self):
        problem = self.cut('slow', '/documents')
        self.assertIn('of the 5 documents that came 5 are kept', problem['detail'])
        self.assertEqual(self.lede.total('title:slow'), 5)

    def test_of_an_atomic_bulk_that_is_too_slow_nothing_is_kept(self):
        problem = self.cut('atomic', '/documents?atomic=true')
        self.assertIn('of the 5 documents that came 0 are kept', problem['detail'])
        self.assertEqual(self.lede.total('title:atomic'), 0)

    def test_a_bulk_whose_client_goes_away_harms_nobody(self):
        for _ in range(10):
            with self.lede.client() as client:
                client.request('POST', '/documents', ['Content-Length: 1000000', 'Content-Type: application/x-ndjson'],
                               lines(documents('gone', 300)))
        self.assertEqual(self.lede.ask('POST', '/documents', None, lines(documents('after', 10)), NDJSON).json['created'], 10)


class SlowDocument(WithProgram):
    settings = {'LEDE_SERVER_REQUEST_TIMEOUT': '1s'}

    def test_a_document_that_is_too_slow_is_told_so_and_not_stored(self):
        with self.lede.client() as client:
            client.request('PUT', '/documents/slow', ['Content-Length: 1000', 'Content-Type: application/json'], b'{"title": ')
            reply = client.reply()
            self.assertTrue(client.is_closed())
        self.assertEqual((reply.status, reply['Content-Type']), (408, 'application/problem+json'))
        problem = json.loads(reply.body)
        self.assertEqual((problem['type'], problem['instance']), ('/problems/too-slow', f"/requests/{reply['X-Request-Id']}"))
        self.assertIsNone(self.lede.document('slow'))


if __name__ == '__main__':
    tap.main(globals())
