"""The HTTP floor from outside: a small server of the floor alone (echo_server.c), driven over bare sockets."""
import gzip
import os
import socket
import sys
import threading
import time
import unittest
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import Client, Server, chunk  # noqa: E402

PROGRAM = os.environ.get('LEDE_HTTP_ECHO_SERVER')
SANITIZED = os.environ.get('LEDE_HTTP_SANITIZED') == 'true'
MIB = 1 << 20
GZIP = ['Content-Encoding: gzip']
CHUNKED = ['Transfer-Encoding: chunked']


class WithServer(unittest.TestCase):
    """A server for each class, which must end cleanly (a sanitizer's finding is an exit code)."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, **cls.settings)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, 'the server did not end cleanly'

    def ask(self, *arguments, **named):
        return self.server.ask(*arguments, **named)


class Requests(WithServer):
    def test_a_get_is_answered_with_its_usual_headers(self):
        reply = self.ask('GET', '/')
        self.assertEqual((reply.status, reply.body), (200, b'hello\n'))
        self.assertEqual(reply['Content-Type'], 'text/plain; charset=utf-8')
        self.assertEqual(reply['Vary'], 'Accept-Encoding')
        self.assertEqual(reply['X-Content-Type-Options'], 'nosniff')
        self.assertRegex(reply['X-Request-Id'], '^[0-9a-f]{16}$')
        self.assertIsNone(reply['Server'])

    def test_a_connection_serves_many_requests(self):
        with self.server.client() as client:
            for number in range(50):
                self.assertIn(f'n={number}', client.ask('GET', f'/echo?n={number}').lines)

    def test_an_error_without_a_body_keeps_the_connection(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('GET', '/nowhere').status, 404)
            self.assertEqual(client.ask('POST', '/echo').status, 405)
            self.assertEqual(client.ask('GET', '/echo?%zz').status, 400)
            self.assertEqual(client.ask('GET', '/').status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.client() as client:
            client.send(b''.join(b'GET /echo?n=%d HTTP/1.1\r\nHost: t\r\n\r\n' % n for n in range(20)))
            for number in range(20):
                self.assertIn(f'n={number}', client.reply().lines)

    def test_a_request_in_single_bytes_is_understood(self):
        with self.server.client() as client:
            for byte in b'GET /echo?slow=yes HTTP/1.1\r\nHost: t\r\n\r\n':
                client.send(bytes([byte]))
            self.assertIn('slow=yes', client.reply().lines)

    def test_connection_close_is_obeyed(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('GET', '/', ['Connection: close']).status, 200)
            self.assertTrue(client.is_closed())

    def test_an_http_1_0_client_is_served_and_closed(self):
        with self.server.client() as client:
            client.request('GET', '/', version='HTTP/1.0')
            self.assertEqual(client.reply().body, b'hello\n')
            self.assertTrue(client.is_closed())

    def test_head_gives_the_headers_of_get_and_no_body(self):
        with self.server.client() as client:
            get = client.ask('GET', '/big?size=5000')
            head = client.ask('HEAD', '/big?size=5000', ['Accept-Encoding: gzip'])
            self.assertEqual(head['Content-Length'], '5000')
            differing = {'date', 'x-request-id'}
            self.assertEqual([pair for pair in head.headers if pair[0] not in differing],
                             [pair for pair in get.headers if pair[0] not in differing])
            self.assertEqual(client.ask('GET', '/').body, b'hello\n')  # and the connection is in step

    def test_an_unknown_path_is_404(self):
        for path in ('/nowhere', '/echo/', '/items', '/items/', '/items/1/other', '//', '/items//similar', '*'):
            with self.subTest(path):
                reply = self.ask('GET', path)
                self.assertEqual(reply.status, 404)
                self.assertEqual(reply['Content-Type'], 'application/problem+json')

    def test_a_wrong_method_is_405_and_allow_lists_the_right_ones(self):
        reply = self.ask('POST', '/items/1')
        self.assertEqual((reply.status, reply['Allow']), (405, 'GET, HEAD, PUT, DELETE'))
        self.assertEqual(self.ask('PURGE', '/stream')['Allow'], 'POST')

    def test_a_method_of_odd_bytes_is_400(self):
        with self.server.client() as client:
            client.send(b'G\xb6T /\xff?q HTTP/1.1\r\nHost: t\r\n\r\n')
            self.assertEqual(client.reply().status, 400)
        self.assertTrue(self.server.wait_for_log('log  /? 400'))

    def test_raw_utf8_in_a_uri_is_taken_as_it_is(self):
        with self.server.client() as client:
            client.send('GET /echo?q=é HTTP/1.1\r\nHost: t\r\n\r\n')
            self.assertIn('q=é', client.reply().lines)
            client.send(b'GET /echo?q=\xff HTTP/1.1\r\nHost: t\r\n\r\n')
            self.assertEqual(client.reply().status, 400)

    def test_an_escaped_slash_belongs_to_its_segment(self):
        lines = self.ask('GET', '/items/a%2Fb%20%C3%A9+').lines
        self.assertIn('parameter=a/b é+', lines)
        self.assertIn('path=/items/a/b é+', lines)
        self.assertIn('parameter=x%2Fy', self.ask('GET', '/items/x%252Fy/similar').lines)

    def test_an_escaped_letter_of_a_route_is_that_letter(self):
        self.assertEqual(self.ask('GET', '/%65cho').status, 200)

    def test_query_parameters_are_decoded_in_order(self):
        lines = self.ask('GET', '/echo?b=1+2&a=%26%3D&b=%E6%97%A5&flag&=x&&e=').lines
        self.assertEqual(lines[3:9], ['b=1 2', 'a=&=', 'b=日', 'flag=', '=x', 'e='])
        self.assertIn('query=b=1+2&a=%26%3D&b=%E6%97%A5&flag&=x&&e=', lines)

    def test_a_malformed_parameter_is_400_and_named(self):
        for value in ('%zz', '%', '%4', '%00', '%ff', '%C3', '%ED%A0%80', '%C0%AF'):
            with self.subTest(value):
                reply = self.ask('GET', f'/echo?fine=1&bad={value}')
                self.assertEqual(reply.status, 400)
                self.assertIn('"param": "bad"', reply.text)

    def test_a_malformed_path_parameter_is_400_and_named(self):
        reply = self.ask('GET', '/items/%zz')
        self.assertEqual(reply.status, 400)
        self.assertIn('"param": "id"', reply.text)
        self.assertEqual(self.ask('GET', '/%ff').status, 400)

    def test_too_many_parameters_are_400(self):
        self.assertEqual(self.ask('GET', '/echo?' + '&'.join(['a=1'] * 256)).status, 200)
        self.assertEqual(self.ask('GET', '/echo?' + '&'.join(['a=1'] * 257)).status, 400)

    def test_a_nul_in_the_uri_is_400(self):
        with self.server.client() as client:
            client.send(b'GET /echo\0/hidden HTTP/1.1\r\nHost: t\r\n\r\n')
            self.assertEqual(client.reply().status, 400)

    def test_a_target_in_absolute_form_is_its_path(self):
        self.assertIn('path=/echo', self.ask('GET', 'http://test:80/echo?a=1').lines)
        self.assertEqual(self.ask('GET', 'http://test').status, 200)

    def test_a_long_uri_is_414(self):
        self.assertEqual(self.ask('GET', '/echo?q=' + 'a' * 8000).status, 200)
        self.assertEqual(self.ask('GET', '/echo?q=' + 'a' * 9000).status, 414)

    def test_long_headers_are_431(self):
        self.assertEqual(self.ask('GET', '/echo', ['X-Test: ' + 'a' * 15000]).status, 200)
        self.assertEqual(self.ask('GET', '/echo', ['X-Test: ' + 'a' * 17000]).status, 431)

    def test_endless_headers_are_refused(self):
        with self.server.client() as client:
            try:
                client.send(b'GET / HTTP/1.1\r\nHost: t\r\n' + b'X-A: bbbbbbbbbbbbbbbb\r\n' * 20000)
            except (ConnectionResetError, BrokenPipeError):
                pass
            self.assertIn(client.reply().status, (413, 431))

    def test_a_request_without_host_is_400(self):
        with self.server.client() as client:
            client.send(b'GET / HTTP/1.1\r\n\r\n')
            self.assertEqual(client.reply().status, 400)

    def test_a_header_is_found_in_any_case_and_the_first_of_two_counts(self):
        self.assertIn('x-test=one', self.ask('GET', '/echo', ['X-TEST: one', 'x-test: two']).lines)

    def test_a_folded_header_is_refused_and_closed(self):
        for blank in (' ', '\t'):
            with self.server.client() as client:
                client.request('POST', '/body', ['Transfer-Encodin: chunked', f'{blank}g'], b'0\r\n\r\n')
                self.assertEqual(client.reply().status, 400)
                self.assertTrue(client.is_closed())

    def test_a_sane_request_id_is_kept_and_any_other_replaced(self):
        self.assertEqual(self.ask('GET', '/', ['X-Request-Id: My.id_1-2'])['X-Request-Id'], 'My.id_1-2')
        for bad in ('', 'a b', 'a;b', 'x' * 65, '"'):
            with self.subTest(bad):
                self.assertRegex(self.ask('GET', '/', [f'X-Request-Id: {bad}'])['X-Request-Id'], '^[0-9a-f]{16}$')

    def test_every_refusal_has_a_request_id(self):
        self.assertEqual(self.ask('GET', '/nowhere', ['X-Request-Id: mine'])['X-Request-Id'], 'mine')

    def test_a_handler_that_forgets_its_answer_gives_500(self):
        self.assertEqual(self.ask('GET', '/bare?status=0').status, 500)

    def test_statuses_without_a_body_have_none(self):
        with self.server.client() as client:
            for status in (204, 304):
                reply = client.ask('GET', f'/bare?status={status}')
                self.assertEqual((reply.status, reply['Content-Type']), (status, None))
            self.assertEqual(client.ask('GET', '/').body, b'hello\n')

    def test_each_answer_is_logged(self):
        self.ask('GET', '/echo?logged', [])
        self.assertTrue(self.server.wait_for_log('log GET /echo 200'))
        self.assertTrue(self.server.wait_for_log('log GET /nowhere 404'))


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

    def test_a_length_over_the_limit_is_413_before_the_body(self):
        with self.server.client() as client:
            client.request('POST', '/body', ['Content-Length: 100001'])
            self.assertEqual(client.reply().status, 413)
            self.assertTrue(client.is_closed())

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

    def test_a_chunked_body_over_the_limit_is_413_and_the_connection_stays(self):
        with self.server.client() as client:
            client.request('POST', '/body', CHUNKED, chunk(b'a' * 60000) * 3 + b'0\r\n\r\n')
            self.assertEqual(client.reply().status, 413)
            self.assertEqual(client.ask('GET', '/').status, 200)

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
            client.request('POST', '/body', ['Content-Length: 1000'], b'too little')
        self.assertTrue(self.server.wait_for_log('log POST /body 0 0'))


class Streams(WithServer):
    def test_a_stream_is_read_to_its_end(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('POST', '/stream', body=b'line\n' * 100).text,
                             'status=ok bytes=500 newlines=100\n')
            client.request('POST', '/stream', CHUNKED, chunk(b'a\nb') + chunk(b'\nc\n') + b'0\r\n\r\n')
            self.assertEqual(client.reply().text, 'status=ok bytes=6 newlines=3\n')
            self.assertEqual(client.ask('POST', '/stream').text, 'status=ok bytes=0 newlines=0\n')
            self.assertEqual(client.ask('GET', '/').status, 200)

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


class Compression(WithServer):
    def zipped(self, accept, path='/big?size=5000'):
        reply = self.ask('GET', path, [] if accept is None else [f'Accept-Encoding: {accept}'])
        self.assertEqual(reply.status, 200)
        if reply['Content-Encoding'] != 'gzip':
            self.assertIsNone(reply['Content-Encoding'])
            return False
        self.assertEqual(gzip.decompress(reply.body), self.ask('GET', path).body)
        return True

    def test_gzip_is_sent_to_those_who_accept_it(self):
        for accept in ('gzip', 'deflate, gzip, br', 'gzip;q=0.5', '*', 'GZIP', 'x-gzip', 'gzip;q=1.000, identity;q=0.5'):
            with self.subTest(accept):
                self.assertTrue(self.zipped(accept))

    def test_gzip_is_not_sent_to_others(self):
        for accept in (None, '', 'br', 'gzip;q=0', 'gzip;q=0.000', '*;q=0', 'identity', 'gzip;q=0, *', 'gzip;q=x'):
            with self.subTest(accept):
                self.assertFalse(self.zipped(accept))

    def test_small_answers_and_pictures_stay_as_they_are(self):
        self.assertFalse(self.zipped('gzip', '/'))
        self.assertFalse(self.zipped('gzip', '/big?size=1023'))
        self.assertTrue(self.zipped('gzip', '/big?size=1024'))
        self.assertFalse(self.zipped('gzip', '/big?size=5000&image=1'))

    def test_a_static_body_is_compressed_and_plain(self):
        self.assertTrue(self.zipped('gzip', '/static'))

    def test_a_large_answer_arrives_whole(self):
        reply = self.ask('GET', f'/big?size={20 * MIB}')
        self.assertEqual(len(reply.body), 20 * MIB)
        self.assertTrue(self.zipped('gzip', f'/big?size={5 * MIB}'))


class Load(WithServer):
    settings = {'queue': 4, 'readers': 2}

    def test_a_full_queue_is_503_while_another_pool_answers(self):
        clients = [self.server.client() for _ in range(6)]
        for client in clients:
            client.request('GET', '/sleep?ms=1500')
            time.sleep(0.05)
        started = time.monotonic()
        refused = self.ask('GET', '/sleep?ms=1500')
        self.assertEqual((refused.status, refused['Retry-After']), (503, '1'))
        self.assertEqual(self.ask('GET', '/live').status, 200)
        self.assertEqual(self.server.stat('queued'), 4)
        self.assertLess(time.monotonic() - started, 1)
        for client in clients:
            self.assertEqual(client.reply().status, 200)
            client.close()

    def test_sleeping_requests_cost_no_processor_time(self):
        with self.server.client() as client:
            client.request('GET', '/sleep?ms=1500')
            time.sleep(0.2)
            before = self.server.cpu_s()
            time.sleep(1)
            self.assertLess(self.server.cpu_s() - before, 0.1)
            self.assertEqual(client.reply().status, 200)

    def test_a_client_that_leaves_while_its_request_runs_harms_nobody(self):
        for _ in range(4):
            with self.server.client() as client:
                client.request('GET', '/sleep?ms=200')
        time.sleep(0.1)
        with self.server.client() as client:
            client.request('GET', '/sleep?ms=10')
            self.assertEqual(client.reply().status, 200)


class Concurrency(WithServer):
    settings = {'readers': 4, 'queue': 200}

    @tap.timeout(120)
    def test_64_clients_at_once_each_get_their_own_answers(self):
        wrong = []

        def one(number):
            try:
                with self.server.client() as client:
                    for turn in range(30):
                        mark = f'n={number}-{turn}'
                        kind = (number + turn) % 4
                        if kind == 0:
                            reply = client.ask('POST', '/stream', body=b'x\n' * (number * 1000))
                            fine = f'newlines={number * 1000}\n' in reply.text
                        elif kind == 1:
                            fine = f'body={mark}' in client.ask('PUT', '/items/7', body=mark.encode()).lines
                        else:
                            fine = mark in client.ask('GET', f'/echo?{mark}').lines
                        if not fine:
                            wrong.append(mark)
            except Exception as error:  # told below, in the main thread
                wrong.append(repr(error))

        self.ask('GET', '/')
        files = self.server.open_files()
        threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(100)
        self.assertEqual(wrong, [])
        until = time.monotonic() + 10
        while self.server.open_files() > files and time.monotonic() < until:
            time.sleep(0.05)
        self.assertLessEqual(self.server.open_files(), files)
        self.assertEqual(self.server.stat('connections'), 1)  # its own


class Deadlines(WithServer):
    settings = {'idle': 1, 'request': 2}

    def test_an_idle_connection_is_closed(self):
        with self.server.client() as client:
            self.assertEqual(client.ask('GET', '/').status, 200)
            self.assertTrue(client.is_closed(5))

    def test_a_connection_that_says_nothing_is_closed(self):
        with self.server.client() as client:
            self.assertTrue(client.is_closed(6))

    def drip(self, first, piece):
        with self.server.client() as client:
            client.send(first)
            started = time.monotonic()
            try:
                while time.monotonic() - started < 10:
                    time.sleep(0.2)
                    client.send(piece)
            except (ConnectionResetError, BrokenPipeError):
                pass
            return time.monotonic() - started

    def test_headers_that_drip_are_cut(self):
        self.assertLess(self.drip(b'GET / HTTP/1.1\r\nHost: t\r\n', b'X-A: b\r\n'), 6)

    def test_a_request_line_that_drips_is_cut(self):
        self.assertLess(self.drip(b'GET /', b'a'), 6)

    def test_a_whole_body_that_drips_is_cut(self):
        self.assertLess(self.drip(b'POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n', b'a'), 6)

    def test_a_stream_that_drips_is_left_alone(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 20'])
            for _ in range(20):
                time.sleep(0.2)
                client.send(b'a')
            self.assertIn('bytes=20 ', client.reply().text)

    def test_a_stream_that_falls_silent_is_cut(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 20'], b'a')
            self.assertTrue(client.is_closed(6))
        self.assertTrue(self.server.wait_for_log('read stopped'))

    def test_a_running_request_may_take_longer(self):
        with self.server.client() as client:
            client.request('GET', '/sleep?ms=3500')
            self.assertEqual(client.reply().status, 200)

    def test_an_answer_that_nobody_takes_is_cut(self):
        with self.server.client() as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.request('GET', f'/big?size={20 * MIB}&nobody')
            self.assertTrue(self.server.wait_for_log('log GET /big 0 ', 15))


class Limits(WithServer):
    settings = {'connections': 60, 'per_address': 50}

    def test_connections_over_the_limit_of_an_address_are_closed(self):
        clients = [self.server.client() for _ in range(50)]
        for client in clients:
            self.assertEqual(client.ask('GET', '/').status, 200)
        with self.server.client() as client:
            self.assertTrue(client.is_closed())
        for client in clients:
            client.close()


class Memory(WithServer):
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


class FewConnections(WithServer):
    settings = {'connections': 4, 'io': 2}

    def test_connections_over_the_limit_wait_until_others_end(self):
        clients = [self.server.client() for _ in range(4)]
        answered = sum(client.ask('GET', '/').status == 200 for client in clients[:2])
        waiting = [self.server.client() for _ in range(6)]
        for client in waiting:
            client.request('GET', '/')
        for client in clients:
            client.close()
        for client in waiting:  # each makes room for the next
            answered += client.reply().status == 200
            client.close()
        self.assertEqual(answered, 8)


class Stopping(unittest.TestCase):
    def begin(self, **settings):
        server = Server(PROGRAM, **settings)
        self.addCleanup(server.stop)
        return server

    def stops_within(self, server, seconds):
        self.assertIsNotNone(server.process.wait(seconds))
        self.assertEqual(server.process.returncode, 0, server.log_text())

    def test_an_idle_server_stops_at_once(self):
        server = self.begin(grace_ms=10000)
        with server.client() as client:
            client.ask('GET', '/')
            server.signal_stop()
            self.stops_within(server, 5)

    def test_running_and_waiting_requests_are_answered_within_the_grace(self):
        server = self.begin(grace_ms=10000, readers=1)
        clients = [server.client() for _ in range(3)]
        for client in clients:
            client.request('GET', '/sleep?ms=400')
        time.sleep(0.2)
        server.signal_stop()
        replies = [client.reply() for client in clients]
        self.assertEqual([reply.status for reply in replies], [200] * 3)
        self.assertEqual(replies[0]['Connection'], 'close')
        self.stops_within(server, 10)

    def test_requests_that_still_wait_after_the_grace_are_503(self):
        server = self.begin(grace_ms=100, readers=1)
        clients = [server.client() for _ in range(3)]
        for client in clients:
            client.request('GET', '/sleep?ms=1000')
        time.sleep(0.2)
        server.signal_stop()
        self.assertEqual(sorted(client.reply().status for client in clients), [200, 503, 503])
        self.stops_within(server, 10)

    def test_a_new_request_is_503_while_stopping(self):
        server = self.begin(grace_ms=10000)
        with server.client() as busy, server.client() as other:
            self.assertEqual(other.ask('GET', '/').status, 200)
            busy.request('GET', '/sleep?ms=1000')
            time.sleep(0.2)
            server.signal_stop()
            time.sleep(0.2)
            reply = other.ask('GET', '/')
            self.assertEqual((reply.status, reply['Connection']), (503, 'close'))
            self.assertEqual(server.ask('GET', '/live').status, 503)
            self.assertEqual(busy.reply().status, 200)
        self.stops_within(server, 10)

    def test_a_stream_is_cut_after_the_grace(self):
        server = self.begin(grace_ms=300)
        with server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 1000'], b'some')
            time.sleep(0.2)
            server.signal_stop()
            self.assertTrue(server.wait_for_log('read stopped the server is stopping'))
            self.stops_within(server, 10)

    def test_a_stream_with_a_full_ring_is_cut_after_the_grace(self):
        server = self.begin(grace_ms=300)
        with server.client() as client:
            client.request('POST', '/stream?pause_ms=100', [f'Content-Length: {100 * MIB}'])
            client.socket.settimeout(0.5)
            try:
                client.send(bytes(20 * MIB))
            except TimeoutError:
                pass
            server.signal_stop()
            self.stops_within(server, 10)


class Starting(unittest.TestCase):
    def test_ipv6_literals_are_listened_on(self):
        server = Server(PROGRAM, address='::1')
        if server.port is None and 'not available' in server.log_text() + ' not available':
            self.skipTest('no IPv6 on this machine')
        with Client(server.port, '::1') as client:
            self.assertEqual(client.ask('GET', '/').status, 200)
        self.assertEqual(server.stop(), 0)

    def test_an_address_in_use_is_refused_in_words(self):
        first = Server(PROGRAM)
        second = Server(PROGRAM, port=first.port)
        self.assertEqual(second.process.returncode, 1)
        self.assertRegex(second.log_text(), f"failed .* cannot listen on '127.0.0.1' port {first.port}: Address already in use")
        second.process.stdout.close()
        self.assertEqual(first.stop(), 0)

    def test_a_bad_address_is_refused_in_words(self):
        server = Server(PROGRAM, address='example.org')
        self.assertEqual(server.process.returncode, 1)
        self.assertIn("expected an address such as 127.0.0.1 or ::1, found 'example.org'", server.log_text())
        server.process.stdout.close()

    def test_a_port_is_free_again_after_a_stop(self):
        server = Server(PROGRAM)
        port = server.port
        with server.client() as client:
            client.ask('GET', '/')
            self.assertEqual(server.stop(), 0)
        again = Server(PROGRAM, port=port)
        self.assertEqual(again.port, port)
        self.assertEqual(again.stop(), 0)


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())
