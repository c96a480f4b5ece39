# SPDX-License-Identifier: GPL-2.0-or-later
"""All that a search finds goes out in a stream: whole, in order, as it was when the export began, in bounded memory; and where it is not
whole the client sees that."""
import csv
import http.client
import io
import json
import random
import socket
import threading
import time
import unittest

from program import JSON, Program, SANITIZED, WAIT_S, WithProgram
import tap

FORMATS = {'/export.ndjson': 'application/x-ndjson', '/export.csv': 'text/csv; charset=utf-8', '/export.txt': 'text/plain; charset=utf-8'}
EXPORTS_MAX = 8
SOURCES = ['AP', 'Reuters', 'The Osterquay Post']


def documents(count, body_words=60, seed=7):
    chance = random.Random(seed)
    words = ['ferry', 'harbour', 'strike', 'vote', 'minister', 'storm', 'price', 'court', 'bridge', 'night']
    return [{'id': f'd-{n}', 'title': f'Report {n} on the {chance.choice(words)}', 'source': SOURCES[n % 3], 'language': 'en', 'tags': [f't{n % 5}', 'all'],
             'body': ' '.join(chance.choices(words, k=body_words)), 'url': f'https://news.example/{n}', 'published': f'2021-{n % 12 + 1:02}-{n % 28 + 1:02}T00:00:00Z'}
            for n in range(count)]


def ids_of(answer):
    return [json.loads(line)['id'] for line in answer.text.splitlines()]


class Whole(WithProgram):
    """More than a turn of a worker writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = documents(3000)
        assert cls.lede.bulk(cls.documents).json['created'] == 3000

    def paged(self, **parameters):
        page, seen = self.lede.search(limit=1000, highlight='none', fields='id', **parameters), []
        while page:
            seen += [hit['id'] for hit in page['hits']]
            page = page['next'] and self.lede.ask('GET', page['next']).json
        return seen

    def test_it_has_every_hit_in_the_order_of_the_search(self):
        for parameters in ({'sort': 'newest'}, {'sort': 'oldest'}, {'q': 'ferry', 'sort': 'oldest'}, {'q': 'storm OR ferry'}, {'q': 'ferry night', 'source': '-AP'},
                           {'collapse': 'source'}, {'q': 'nothingatall'}, {'q': 'ferry', 'recency': '9d'}):
            with self.subTest(parameters):
                answer = self.lede.get('/export.ndjson', **parameters)
                self.assertEqual((answer.status, answer['Content-Type']), (200, FORMATS['/export.ndjson']), answer.text[:300])
                self.assertEqual(ids_of(answer), self.paged(**parameters))

    def test_what_is_exported_can_be_imported(self):
        text = self.lede.get('/export.ndjson').body
        again = Program()
        try:
            self.assertEqual(again.bulk(text).json['created'], 3000)
            self.assertEqual(again.bulk(text).json['unchanged'], 3000)
            self.assertEqual(again.document('d-17'), self.lede.document('d-17'))
        finally:
            again.kill()
            again.remove()

    def test_a_table_has_a_row_for_each_document_and_its_columns(self):
        rows = list(csv.DictReader(io.StringIO(self.lede.get('/export.csv', sort='oldest').text, newline='')))
        self.assertEqual(sorted(row['id'] for row in rows), sorted(d['id'] for d in self.documents))
        self.assertEqual(list(rows[0]), ['id', 'published', 'source', 'section', 'title', 'author', 'tags', 'language', 'url'])
        by_id = {row['id']: row for row in rows}
        self.assertEqual(by_id['d-7']['tags'], 't2; all')
        some = self.lede.get('/export.csv', q='id', fields='title,source,absent', ids='d-7', match='any', strict='false')
        self.assertEqual(some.status, 200)
        rows = list(csv.reader(io.StringIO(self.lede.get('/export.csv', fields='title,absent', ids='d-7').text, newline='')))
        self.assertEqual(rows, [['title', 'absent'], [self.documents[7]['title'], '']])

    def test_a_clipping_file_reads_as_one(self):
        text = self.lede.get('/export.txt', ids='d-7').text
        one = self.documents[7]
        self.assertEqual(text, f"{one['title']}\n{one['source']}\n{one['published']}\n\n{one['body']}\n\n{one['url']}\n\n{'-' * 64}\n\n")

    def test_fields_are_those_that_are_asked_for(self):
        text = self.lede.get('/export.ndjson', fields='id,title', limit=2, sort='newest').text
        self.assertEqual([sorted(json.loads(line)) for line in text.splitlines()], [['id', 'title']] * 2)

    def test_ticked_hits_alone_are_exported(self):
        wanted = [f'd-{n}' for n in range(0, 3000, 7)]
        answer = self.lede.ask('POST', '/export.ndjson', None, json.dumps({'ids': wanted, 'sort': 'oldest'}).encode(), JSON)
        self.assertEqual(sorted(ids_of(answer)), sorted(wanted))
        self.assertEqual(ids_of(answer), [i for i in self.paged(sort='oldest') if i in set(wanted)])
        self.assertEqual(ids_of(self.lede.get('/export.ndjson', ids='d-3,absent,d-1,d-3', q='report', sort='oldest')), ['d-1', 'd-3'])
        self.assertEqual(self.lede.get('/export.ndjson', ids='absent').text, '')
        self.expect_problem(self.lede.post('/export.ndjson', {'ids': [f'x{n}' for n in range(1001)]}), 400, 'invalid-parameter', param='ids')

    def test_it_is_compressed_for_who_takes_that(self):
        plain = self.lede.get('/export.ndjson', {'Accept-Encoding': 'identity'})
        zipped = self.lede.get('/export.ndjson', {'Accept-Encoding': 'gzip'})
        self.assertEqual((plain['Content-Encoding'], zipped['Content-Encoding']), (None, 'gzip'))
        self.assertLess(len(zipped.raw), len(plain.raw) / 2)
        self.assertEqual(zipped.body, plain.body)

    def test_head_and_refusals(self):
        for path, kind in FORMATS.items():
            head = self.lede.ask('HEAD', path)
            self.assertEqual((head.status, head['Content-Type'], head.body), (200, kind, b''))
            self.assertIn(path[1:], head['Content-Disposition'])
            self.expect_problem(self.lede.get(path, facets='source'), 400, 'unknown-parameter', param='facets')
            self.expect_problem(self.lede.get(path, q='"open', strict='true'), 400, 'query-syntax')
            self.expect_problem(self.lede.get(path, limit='-1'), 400, 'invalid-parameter', param='limit')
        self.expect_problem(self.lede.get('/export.txt', fields='title'), 400, 'unknown-parameter', param='fields')
        self.assertEqual(len(ids_of(self.lede.get('/export.ndjson', limit=7))), 7)

    def test_a_hundred_exports_in_turn_leave_no_place_taken(self):
        for number in range(100):
            answer = self.lede.get('/export.ndjson', q='ferry' if number % 2 else '"open', strict='true', limit=500)
            self.assertIn(answer.status, (200, 400))


class Hostile(WithProgram):
    def test_no_cell_is_a_formula_and_no_text_leaves_its_place(self):
        starts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', 'plain "quoted", with, commas\nand lines']
        self.lede.bulk([{'id': f'h{n}', 'title': text, 'author': [text], 'section': text, 'odd key"': text, 'body': 'hostileword', 'url': 'javascript:alert(1)'}
                        for n, text in enumerate(starts)])
        answer = self.lede.get('/export.csv', q='hostileword', fields='id,title,author,section,odd key",url')
        rows = {row['id']: row for row in csv.DictReader(io.StringIO(answer.text, newline=''))}
        self.assertEqual(len(rows), len(starts))
        for row in rows.values():
            for cell in row.values():
                self.assertNotIn(cell[:1], ('=', '+', '-', '@', '\t', '\r', '＝'), row)
        self.assertEqual(rows['h7']['title'], starts[7])
        self.assertEqual(rows['h0']['odd key"'], "'=1+1")


class Streams(unittest.TestCase):
    """Large enough that no kernel takes all of it at once."""
    COUNT, WORDS = (120, 20000) if SANITIZED else (300, 20000)

    def setUp(self):
        self.lede = Program(LEDE_SERVER_SHUTDOWN_GRACE='1s')
        self.addCleanup(self.close)
        self.documents = documents(self.COUNT, self.WORDS)
        for begin in range(0, self.COUNT, 50):
            self.lede.bulk(self.documents[begin:begin + 50])

    def close(self):
        code = self.lede.stop()
        self.lede.remove()
        self.assertEqual(code, 0)

    def open(self, path='/export.ndjson?sort=oldest', headers=''):
        """A connection whose answer has begun, and is not read on."""
        stream = socket.create_connection(('127.0.0.1', self.lede.port), timeout=WAIT_S)
        self.addCleanup(stream.close)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        stream.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n'.encode())
        self.assertTrue(stream.recv(16).startswith(b'HTTP/1.1 200'))
        return stream

    def rest(self, stream):
        reply = b''
        while piece := stream.recv(1 << 20):
            reply += piece
            if reply.endswith(b'\r\n0\r\n\r\n'):
                return reply
        return reply

    def test_it_shows_what_was_there_when_it_began(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.lede.port, timeout=WAIT_S)
        connection.request('GET', '/export.ndjson?sort=oldest')
        reply = connection.getresponse()
        first = reply.read(65536)
        self.lede.bulk([{**document, 'title': 'changed', 'body': 'changed'} for document in self.documents[:self.COUNT // 2]])
        self.lede.bulk([{'id': document['id']} for document in self.documents[self.COUNT // 2:]], op='delete')
        seen = [json.loads(line) for line in (first + reply.read()).splitlines()]
        connection.close()
        self.assertEqual(sorted(d['id'] for d in seen), sorted(d['id'] for d in self.documents))
        self.assertNotIn('changed', {d['title'] for d in seen})

    def test_those_who_do_not_read_hold_no_thread_and_places_come_back_when_they_go(self):
        streams = [self.open() for _ in range(EXPORTS_MAX)]
        refused = self.lede.get('/export.ndjson', limit=1)
        self.assertEqual((refused.status, refused.json['type']), (503, '/problems/busy'))
        for _ in range(20):
            self.assertEqual(self.lede.search('ferry', limit=1)['total']['value'], self.COUNT)
        for stream in streams:
            stream.close()
        end = time.monotonic() + WAIT_S
        while self.lede.get('/export.ndjson', limit=1).status != 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_a_server_that_stops_cuts_it_so_that_the_client_sees_it(self):
        for headers in ('', 'Accept-Encoding: gzip\r\n'):
            stream = self.open(headers=headers)
            stopping = threading.Thread(target=self.lede.stop)
            stopping.start()
            time.sleep(0.2)
            stopping.join(WAIT_S)
            self.assertFalse(stopping.is_alive())
            try:
                text = self.rest(stream)
            except ConnectionError:
                text = b''
            self.assertFalse(text.endswith(b'0\r\n\r\n'))
            self.lede.start()

    def test_its_memory_does_not_grow_with_what_is_exported(self):
        if SANITIZED:
            raise unittest.SkipTest("a sanitizer's memory says nothing")
        self.lede.get('/export.ndjson', limit=20)
        resting = self.lede.memory_peak_mib()
        self.lede.forget_memory_peak()
        answer = self.lede.get('/export.ndjson', {'Accept-Encoding': 'identity'}, sort='oldest')
        mib = len(answer.raw) / (1 << 20)
        self.assertGreater(mib, 30)
        self.assertLess(self.lede.memory_peak_mib() - resting, mib / 2)
        self.assertEqual(len(ids_of(answer)), self.COUNT)


if __name__ == '__main__':
    tap.main(globals())
