# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies taken whole and streamed, over bare sockets."""
import gzip
import os
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import CHUNKED, GZIP, MIB, PROGRAM, SANITIZED, WithServer, chunk  # noqa: E402


class Bodies(WithServer):
    def test_a_body_arrives_whole(self):
        body = bytes(range(256)) * 300
        reply = self.ask('POST', '/body', body=body)
        self.assertIn('bytes=76800 ', reply.text)
        self.assertIn('body=hé', self.ask('PUT', '/items/1', body='hé'.encode()).lines)

    def test_a_chunked_body_is_the_same_body(self):
        with self.server.client() as client:
            plain = client.ask('POST', '/body', body=b'one two three')
            client.request('POST', '/body', CHUNKED, chunk(b'one ') + chunk(b'two three') + b'0\r\n\r\n')
            self.assertEqual(client.reply().body, plain.body)

    def test_an_empty_body_is_allowed(self):
        self.assertIn('bytes=0 ', self.ask('POST', '/body', ['Content-Length: 0']).text)
        self.assertIn('bytes=0 ', self.ask('POST', '/body').text)

    def test_a_body_where_none_is_allowed_is_413(self):
        self.assertEqual(self.ask('GET', '/echo', body=b'x').status, 413)

    def test_length_and_transfer_encoding_together_are_refused_and_closed(self):
        for headers in (['Content-Length: 4', *CHUNKED], [*CHUNKED, 'Content-Length: 4']):
            with self.server.client() as client:
                client.request('POST', '/body', headers, chunk(b'abcd') + b'0\r\n\r\n')
                self.assertEqual(client.reply().status, 400)
                self.assertTrue(client.is_closed())

    def test_doubtful_framing_is_refused_and_closed(self):
        for headers in (['Content-Length: 4', 'Content-Length: 4'], ['Content-Length: +4'], ['Content-Length: 4, 4'],
                        ['Content-Length: 0x4'], ['Transfer-Encoding: gzip, chunked'], ['Transfer-Encoding: identity'],
                        [*CHUNKED, *CHUNKED], ['Content-Length: 99999999999999999999999']):
            with self.subTest(headers), self.server.client() as client:
                client.request('POST', '/body', headers, b'abcd')
                self.assertIn(client.reply().status, (400, 413))
                self.assertTrue(client.ends())

    def test_a_malformed_chunk_is_refused_and_closed(self):
        with self.server.client() as client:
            client.request('POST', '/body', CHUNKED, b'zz\r\nabcd\r\n0\r\n\r\n')
            self.assertEqual(client.reply().status, 400)
            self.assertTrue(client.is_closed())

    def test_a_length_far_over_the_limit_is_413_before_the_body(self):
        with self.server.client() as client:
            client.request('POST', '/body', [f'Content-Length: {MIB + 1}'])
            reply = client.reply()
            self.assertEqual((reply.status, reply['Connection']), (413, 'close'))

    def test_a_length_over_the_limit_keeps_the_connection(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('POST', '/body', body=bytes(100001)).status, 413)
            self.assertEqual(client.ask('POST', '/nowhere', body=b'abc').status, 404)
            self.assertEqual(client.ask('GET', '/').status, 200)

    def test_who_sends_all_of_a_refused_body_before_it_reads_gets_the_answer(self):
        for path, status in ('/body', 413), ('/nowhere', 404), ('/stream?stop_after=0', 200):
            for headers, body in ([], bytes(20 * MIB)), (CHUNKED, chunk(bytes(MIB)) * 20 + b'0\r\n\r\n'):
                with self.subTest(path=path, headers=headers), self.server.client() as client:
                    client.request('POST', path, headers, body)
                    self.assertEqual(client.reply().status, status)

    def test_a_client_that_expects_100_gets_the_refusal_instead(self):
        with self.server.client() as client:
            client.request('POST', '/body', ['Content-Length: 100001', 'Expect: 100-continue'])
            self.assertEqual(client.reply().status, 413)
            client = self.server.client()
            client.request('POST', '/body', ['Content-Length: 3', 'Expect: 100-continue'])
            self.assertEqual(client.reply().status, 100)
            client.send(b'abc')
            self.assertIn('bytes=3 ', client.reply().text)
            client.close()

    def test_a_chunked_body_over_the_limit_is_413(self):
        with self.server.client() as client:
            client.request('POST', '/body', CHUNKED, chunk(b'a' * 60000) * 3 + b'0\r\n\r\n')
            self.assertEqual(client.reply().status, 413)

    def test_an_endless_chunked_body_is_told_413_in_the_middle(self):
        with self.server.client() as client:
            client.request('POST', '/body', CHUNKED)
            try:
                for _ in range(200):
                    client.send(chunk(b'a' * MIB))
            except (ConnectionResetError, BrokenPipeError):
                pass
            self.assertEqual(client.reply().status, 413)
        self.assertTrue(self.server.wait_for_log('log POST /body 413'))

    def test_an_unknown_content_encoding_is_415(self):
        for coding in ('br', 'gzip, gzip', 'deflate'):
            self.assertEqual(self.ask('POST', '/body', [f'Content-Encoding: {coding}'], b'abc').status, 415)
        self.assertEqual(self.ask('POST', '/body', ['Content-Encoding: identity'], b'abc').status, 200)

    def test_a_gzip_body_is_unzipped(self):
        body = b'some text ' * 5000
        plain = self.ask('POST', '/body', body=body)
        self.assertEqual(self.ask('POST', '/body', GZIP, gzip.compress(body)).body, plain.body)

    def test_gzip_members_one_after_another_are_one_body(self):
        plain = self.ask('POST', '/body', body=b'one two three')
        zipped = gzip.compress(b'one ') + gzip.compress(b'') + gzip.compress(b'two three')
        self.assertEqual(self.ask('POST', '/body', GZIP, zipped).body, plain.body)

    def test_damaged_gzip_is_400(self):
        good = gzip.compress(b'some text ' * 100)
        for bad in (b'not gzip', good[:-1], good[:20], good + b'rubbish', good[:30] + b'\xff\xff\xff' + good[33:],
                    zlib.compress(b'zlib, not gzip')):
            self.assertEqual(self.ask('POST', '/body', GZIP, bad).status, 400)

    def test_a_gzip_bomb_is_413(self):
        self.assertEqual(self.ask('POST', '/body', GZIP, gzip.compress(bytes(60 * MIB))).status, 413)
        self.assertEqual(self.ask('POST', '/body', GZIP, gzip.compress(bytes(100000))).status, 200)
        self.assertEqual(self.ask('POST', '/body', GZIP, gzip.compress(bytes(100001))).status, 413)

    def test_a_body_cut_short_is_logged_as_gone(self):
        with self.server.client() as client:
            # TLS 1.3's tickets come first. A client that goes with something unread resets, and may take its own request with it.
            client.request('POST', '/body', ['Content-Length: 1000', 'Expect: 100-continue'])
            self.assertEqual(client.reply().status, 100)
            client.send(b'too little')
        self.assertTrue(self.server.wait_for_log('log POST /body 0 0'))


class Streams(WithServer):
    def test_a_stream_is_read_to_its_end(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('POST', '/stream', body=b'line\n' * 100).text,
                             'status=ok bytes=500 newlines=100\n')
            self.assertEqual(client.ask('POST', '/stream').text, 'status=ok bytes=0 newlines=0\n')
            self.assertEqual(client.ask('GET', '/').status, 200)
            client.request('POST', '/stream', CHUNKED, chunk(b'a\nb') + chunk(b'\nc\n') + b'0\r\n\r\n')
            self.assertEqual(client.reply().text, 'status=ok bytes=6 newlines=3\n')

    def test_a_stream_client_that_expects_100_gets_it(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 3', 'Expect: 100-continue'])
            self.assertEqual(client.reply().status, 100)
            client.send(b'abc')
            self.assertIn('bytes=3 ', client.reply().text)

    @tap.timeout(180)
    def test_200_megabytes_pass_in_bounded_memory(self):
        before = self.server.memory_peak_kib()
        piece = b'a line of news, forty bytes long, or so\n' * (MIB // 40)
        with self.server.client() as client:
            client.request('POST', '/stream', [f'Content-Length: {len(piece) * 200}'])
            for _ in range(200):
                client.send(piece)
            self.assertIn(f'bytes={len(piece) * 200} ', client.reply().text)
        if not SANITIZED:
            self.assertLess(self.server.memory_peak_kib() - before, 8 * 1024)

    @tap.timeout(180)
    def test_a_slow_reader_holds_the_sender_back(self):
        before = self.server.memory_peak_kib()
        with self.server.client() as client:
            client.request('POST', '/stream?pause_ms=2', [f'Content-Length: {40 * MIB}'])
            for _ in range(40):
                client.send(bytes(MIB))
            self.assertIn(f'bytes={40 * MIB} ', client.reply().text)
        if not SANITIZED:
            self.assertLess(self.server.memory_peak_kib() - before, 8 * 1024)

    def test_a_gzip_stream_is_unzipped_member_by_member(self):
        lines = b''.join(b'{"id": %d}\n' % n for n in range(100000))
        with self.server.client() as client:
            reply = client.ask('POST', '/stream', GZIP, gzip.compress(lines) * 3)
            self.assertEqual(reply.text, f'status=ok bytes={len(lines) * 3} newlines=300000\n')

    def test_a_damaged_gzip_stream_is_told(self):
        good = gzip.compress(os.urandom(200000))
        for bad in (b'not gzip at all', good[:-1], good[:100000], good + b'x' * 100):
            self.assertIn('status=invalid-input', self.ask('POST', '/stream', GZIP, bad).text)

    @tap.timeout(180)
    def test_a_gzip_bomb_in_a_stream_is_stopped(self):
        reply = self.ask('POST', '/stream', GZIP, gzip.compress(bytes(100 * MIB)))
        self.assertEqual(reply.status, 413)
        self.assertIn('status=limit', reply.text)

    def test_a_client_that_goes_away_stops_the_reader(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 1000000'], b'only the beginning')
            time.sleep(0.1)
        self.assertTrue(self.server.wait_for_log('read stopped'))
        self.assertTrue(self.server.wait_for_log('log POST /stream 0 0'))

    def test_an_answer_before_the_body_is_read_comes_at_once(self):
        with self.server.client() as client:
            client.request('POST', '/stream?stop_after=0', ['Content-Length: 1000000', 'Expect: 100-continue'])
            self.assertEqual(client.reply().status, 200)
            self.assertTrue(client.is_closed())

    def test_an_answer_in_the_middle_of_a_short_body_keeps_the_connection(self):
        with self.server.client() as client:
            body = bytes(500000)
            self.assertEqual(client.ask('POST', '/stream?stop_after=1000', body=body).status, 200)
            self.assertEqual(client.ask('GET', '/').status, 200)

    def test_an_answer_in_the_middle_of_a_long_body_is_sent_in_the_middle(self):
        with self.server.client() as client:
            client.request('POST', '/stream?stop_after=1000', [f'Content-Length: {1000 * MIB}'])
            for _ in range(10):
                client.send(bytes(MIB))
            reply = client.reply()
            self.assertEqual((reply.status, reply['Connection']), (200, 'close'))
            self.assertRegex(reply.text, '^status=ok bytes=')
            self.assertTrue(client.is_closed())

    def test_a_waiting_stream_costs_no_processor_time(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 10'], b'12345')
            time.sleep(0.2)
            before = self.server.cpu_s()
            time.sleep(1)
            self.assertLess(self.server.cpu_s() - before, 0.1)
            client.send(b'67890')
            self.assertIn('bytes=10 ', client.reply().text)


class Memory(WithServer):
    settings = {'body_mib': 256}

    @tap.timeout(120)
    def test_bodies_of_all_requests_together_are_bounded(self):
        size, most = 8 * MIB, 256 * MIB
        clients = [self.server.client() for _ in range(40)]
        for client in clients:  # all but the last byte of each
            client.request('POST', '/large', [f'Content-Length: {size}'], bytes(size - 1))
        time.sleep(0.5)
        for client in clients:
            client.send(b'.')
        statuses = [client.reply().status for client in clients]
        for client in clients:
            client.close()
        self.assertGreaterEqual(statuses.count(503), 40 - most // size)
        self.assertGreater(statuses.count(200), 20)
        self.assertEqual(len(statuses), statuses.count(503) + statuses.count(200))
        self.assertEqual(self.ask('POST', '/large', body=bytes(size)).status, 200)  # and what was taken is given back


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())
