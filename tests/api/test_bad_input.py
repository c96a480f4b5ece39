# SPDX-License-Identifier: GPL-2.0-or-later
"""The worst client: each kind of bad input has its own clear answer, and the program goes on."""
import gzip
import json
import os
import socket
import subprocess
import time
import unittest

from program import BINARY, JSON, MIB, NDJSON, SANITIZED, Program, WithProgram, chunk
import tap

MEMORY_MIB = 160  # what no request may make the program need, on an almost empty store


def raw_post(length, headers=b''):
    return (b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n' + headers +
            b'Content-Length: %d\r\n\r\n' % length)


class BadBodies(WithProgram):
    settings = {'LEDE_SERVER_IDLE_TIMEOUT': '2s'}

    def tearDown(self):
        self.assertEqual(self.lede.get('/health/ready').json['status'], 'ready')

    def expect_bounded_memory(self):
        if not SANITIZED:
            self.assertLess(self.lede.memory_peak_mib(), MEMORY_MIB)

    def test_truncated_json_fails_with_its_line(self):
        answer = self.lede.bulk(b'{"id": "t1", "title": "cutone"}\n{"id": "t2", "title": "cu')
        self.assertEqual((answer.status, answer.json['created'], answer.json['errors'][0]['line']), (207, 1, 2))
        whole = self.lede.ask('POST', '/documents', None, b'{"title": "cu', JSON)
        self.assertIn(whole.status, (400, 422))
        self.expect_problem(self.lede.ask('PUT', '/documents/x', None, b'{"title": "cu', JSON), 400, 'malformed-json')

    def test_a_broken_array_keeps_what_came_before_the_break(self):
        body = b'[{"id": "b1", "title": "breakone"}, {"id": "b2", "title": "breakone"} {"id": "b3"}]'
        answer = self.lede.ask('POST', '/documents', None, body, JSON)
        self.assertEqual((answer.status, answer.json['created'], answer.json['failed']), (207, 2, 1), answer.text)
        self.assertEqual(self.lede.total('breakone'), 2)

    @tap.timeout(120)
    def test_a_line_of_100_mb_fails_alone_in_bounded_memory(self):
        with self.lede.client() as client:
            first, last = b'{"id": "h1", "title": "hugeline"}\n', b'\n{"id": "h2", "title": "hugeline"}\n'
            size = 100 * MIB
            client.send(raw_post(len(first) + size + len(last)) + first + b'{"title": "')
            block = b'x' * MIB
            for _ in range(size // MIB - 1):
                client.send(block)
            client.send(b'x' * (MIB - 11) + last)
            answer = json.loads(client.reply().body)
        self.assertEqual((answer['received'], answer['created'], answer['failed']), (3, 2, 1))
        self.assertEqual((answer['errors'][0]['line'], answer['errors'][0]['status']), (2, 413))
        self.assertEqual(self.lede.total('hugeline'), 2)
        self.expect_bounded_memory()

    def test_nul_and_invalid_utf_8_are_replaced_or_refused_never_stored(self):
        answer = self.lede.bulk(b'{"id": "u1", "title": "nulone \\u0000 end"}\n{"id": "u2", "title": "nulone \xff\xfe end"}\n'
                                b'{"id": "u3", "title": "nulone \x00 end"}\n{"id\\u0000x": 1, "title": "nulone"}\n')
        self.assertEqual(answer.json['received'], 4)
        for hit in self.lede.search('nulone')['hits']:
            self.assertNotIn('\x00', hit['document']['title'])
            hit['document']['title'].encode('utf-8')
        self.assertIn('\ufffd', self.lede.document('u2')['title'])

    def test_nesting_100000_deep_is_refused(self):
        deep = b'[' * 100000 + b']' * 100000
        answer = self.lede.bulk(b'{"id": "deep", "title": "x", "desk": ' + deep + b'}\n{"id": "flat", "title": "x"}\n')
        self.assertEqual((answer.status, answer.json['created'], answer.json['failed']), (207, 1, 1))
        self.expect_problem(self.lede.ask('PUT', '/documents/deep', None, b'{"title": "x", "d": ' + deep + b'}', JSON), 400, 'malformed-json')
        self.expect_problem(self.lede.ask('POST', '/search', None, b'[' * 100000, JSON), 400, 'malformed-json')

    def test_wrong_types_are_422_with_a_pointer(self):
        cases = [({'title': 5}, '/title'), ({'title': 't', 'body': {}}, '/body'), ({'title': 't', 'tags': [1]}, '/tags/0'),
                 ({'title': 't', 'published': 'yesterday'}, '/published'), ({'title': 't', 'status': 'gone'}, '/status'),
                 ({'title': 't', 'language': 'english please'}, '/language'), ({'title': 't', 'author': {'name': 'x'}}, '/author'),
                 ({'title': 't', 'tags': ['x'] * 257}, '/tags')]
        for document, pointer in cases:
            with self.subTest(pointer):
                problem = self.expect_problem(self.lede.put('wrong', document), 422, 'invalid-document', pointer=pointer)
                self.assertTrue(problem['detail'].startswith(pointer.strip('/').split('/')[0]), problem)
        self.expect_problem(self.lede.put('wrong', {'summary': 'neither title nor body'}), 422, 'invalid-document')
        for value in (b'5', b'"x"', b'null', b'[5]'):
            self.assertEqual(self.lede.bulk(value + b'\n').json['failed'], 1)

    @tap.timeout(120)
    def test_a_gzip_bomb_is_refused_in_bounded_memory(self):
        bomb = gzip.compress(b' ' * (64 * MIB if SANITIZED else 400 * MIB), 9)
        answer = self.lede.bulk(bomb, {'Content-Encoding': 'gzip'})
        self.assertEqual(answer.status, 413, answer.text)
        put = self.lede.ask('PUT', '/documents/bomb', None, bomb, {**JSON, 'Content-Encoding': 'gzip'})
        self.assertEqual(put.status, 413, put.text)
        self.expect_bounded_memory()

    def test_damaged_gzip_is_400(self):
        body = bytearray(gzip.compress(b'{"title": "damaged"}\n' * 50))
        body[len(body) // 2] ^= 0xFF
        answer = self.lede.bulk(bytes(body), {'Content-Encoding': 'gzip'})
        self.assertIn(answer.status, (400, 207), answer.text)

    def test_a_body_shorter_than_its_content_length_is_not_answered_as_done(self):
        with self.lede.client() as client:
            client.send(raw_post(1000) + b'{"id": "short", "title": "shortbody"}\n{"id": "short2", "ti')
            client.socket.shutdown(socket.SHUT_WR)
            client.socket.settimeout(30)
            got = b''
            try:
                while block := client.socket.recv(65536):
                    got += block
            except ConnectionError:
                pass
            self.assertNotIn(b'HTTP/1.1 200', got)
        self.assertIsNone(self.lede.document('short2'))

    def test_both_content_length_and_transfer_encoding_are_refused(self):
        with self.lede.client() as client:
            client.send(raw_post(5, b'Transfer-Encoding: chunked\r\n') + chunk(b'{}') + chunk(b''))
            reply = client.reply()
            self.assertEqual(reply.status, 400)
            self.assertTrue(client.is_closed())

    @tap.timeout(60)
    def test_an_idle_connection_is_closed(self):
        with self.lede.client() as client:
            client.ask('GET', '/health/live')
            self.assertTrue(client.is_closed(within_s=20))

    def test_an_oversized_document_is_413_before_it_is_sent(self):
        with self.lede.client() as client:
            client.send(b'PUT /documents/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
                        b'Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n')
            self.assertEqual(client.reply().status, 413)


class BadQueries(WithProgram):
    with_sample = True

    def test_an_unknown_parameter_and_a_negative_limit_are_named(self):
        self.expect_problem(self.lede.get('/search', q='x', foo='1'), 400, 'unknown-parameter', param='foo')
        self.assertIn('-1', self.expect_problem(self.lede.get('/search', limit='-1'), 400, 'invalid-parameter', param='limit')['detail'])

    def test_ten_thousand_open_parentheses_are_refused_with_a_position(self):
        answer = self.lede.post('/search', {'q': '(' * 10000})
        self.assertIn('position', self.expect_problem(answer, 400, 'query-syntax'))
        nested = self.lede.post('/search', {'q': '(' * 2000 + 'a' + ')' * 2000})
        self.assertIn('position', self.expect_problem(nested, 400, 'query-syntax'))

    def test_an_address_too_long_is_414(self):
        with self.lede.client() as client:
            reply = client.ask('GET', '/search?q=' + 'x' * 20000)
            self.assertEqual(reply.status, 414)

    def test_bytes_that_are_no_utf_8_and_bad_escapes_are_400(self):
        for query in ('q=%ff', 'q=%zz', 'q=%00'):
            with self.subTest(query):
                self.assertEqual(self.lede.ask('GET', '/search?' + query).status, 400)

    def test_paths_and_methods_that_are_not_there_are_404_and_405(self):
        self.expect_problem(self.lede.get('/nowhere'), 404, 'not-found')
        answer = self.lede.ask('DELETE', '/search')
        self.expect_problem(answer, 405, 'method-not-allowed')
        self.assertEqual({method.strip() for method in answer['Allow'].split(',')} - {'OPTIONS'}, {'GET', 'HEAD', 'POST'})

    def test_a_total_is_exact_unless_the_time_ran_out(self):
        answer = self.lede.search('a* OR e* OR o*', timeout='1ms')
        self.assertEqual(answer['total']['relation'], 'approx' if answer['timed_out'] else 'eq')

    def test_a_long_text_is_shown_as_far_as_there_is_time(self):
        body = 'The lighthouse of a long text stood there. ' * 160000
        self.assertEqual(self.lede.put('long', {'title': 'Zanzibar', 'body': body}).status, 201)
        answer = self.lede.search('zanzibar lighthouse', timeout='5ms')
        self.assertTrue(answer['timed_out'])
        answer = self.lede.search('zanzibar lighthouse', timeout='30s')
        self.assertFalse(answer['timed_out'])
        self.assertIn('<mark>', answer['hits'][0]['highlights']['body'][0])


class BadDirectories(unittest.TestCase):
    def refused(self, data):
        run = subprocess.run([BINARY, 'serve', '--data', data, '--listen', '127.0.0.1:0'], capture_output=True, text=True, timeout=60,
                             check=False)
        self.assertEqual(run.returncode, 2, run.stderr)
        return run.stderr

    def test_a_directory_that_cannot_be_written_is_refused_by_name(self):
        self.assertIn('/proc/lede-data', self.refused('/proc/lede-data'))

    def test_a_directory_of_a_newer_version_is_refused_and_kept(self):
        lede = Program()
        try:
            lede.bulk([{'id': 'kept', 'title': 'kept'}])
            self.assertEqual(lede.stop(), 0)
            path = os.path.join(lede.data, 'manifest.json')
            with open(path) as file:
                manifest = json.load(file)
            with open(path, 'w') as file:
                json.dump({**manifest, 'format': 99}, file)
            self.assertIn('newer', self.refused(lede.data))
            with open(path, 'w') as file:
                json.dump(manifest, file)
            lede.start()
            self.assertEqual(lede.ids('kept'), ['kept'])
        finally:
            lede.remove()


class FullDisk(unittest.TestCase):
    """A small tmpfs as the data's disk."""

    def setUp(self):
        self.lede = Program()
        self.assertEqual(self.lede.stop(), 0)
        self.mounted = False
        if os.geteuid() != 0:
            self.skipTest('mounting a small disk needs root')
        os.makedirs(self.lede.data, exist_ok=True)
        mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', self.lede.data], capture_output=True, check=False)
        if mount.returncode != 0:
            self.skipTest('this machine mounts no tmpfs')
        self.mounted = True
        self.lede.start()

    def tearDown(self):
        if self.lede.process.poll() is None:
            self.lede.stop()
        if self.mounted:
            subprocess.run(['umount', self.lede.data], check=True)
        self.lede.remove()

    def fill(self):
        """Batches until one is refused; returns the ids that were answered as done."""
        done = []
        for batch in range(400):
            documents = [{'id': f'f{batch}-{n}', 'title': 'filling', 'body': os.urandom(3000).hex()} for n in range(20)]
            answer = self.lede.bulk(documents)
            if answer.status != 200:
                self.assertEqual(answer.status, 507, answer.text)
                self.assertEqual(answer.json['type'], '/problems/no-space')
                return done
            done += [document['id'] for document in documents]
        self.fail('the disk never filled')

    def expect_all(self, done):
        self.assertGreaterEqual(self.lede.total('filling'), len(done))
        for identity in done[::37]:
            self.assertIsNotNone(self.lede.document(identity), identity)

    @tap.timeout(120)
    def test_a_full_disk_is_507_reads_go_on_and_it_recovers_with_room(self):
        ballast = os.path.join(self.lede.data, 'ballast')
        # Coming back takes room for what the list does not name yet, beside what searches still read.
        with open(ballast, 'wb') as file:
            file.write(b'x' * 10 * MIB)
        done = self.fill()
        self.assertEqual(self.lede.put('one-more', {'title': 'x', 'body': 'y' * 500000}).status, 507)
        self.expect_all(done)
        os.unlink(ballast)
        answer = self.lede.put('after', {'title': 'with room again'})
        self.assertEqual(answer.status, 201, answer.text)
        self.expect_all(done)
        self.lede.kill()
        self.lede.start()
        self.expect_all(done)
        self.assertIsNotNone(self.lede.document('after'))


if __name__ == '__main__':
    tap.main(globals())
