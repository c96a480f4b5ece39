# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests and their answers, over bare sockets."""
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import GZIP, MIB, PROGRAM, Server, WithServer  # noqa: E402


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
        for path in ('/nowhere', '/echo/', '/items', '/items/', '/items/1/other', '//', '/items//similar'):
            with self.subTest(path):
                reply = self.ask('GET', path)
                self.assertEqual(reply.status, 404)
                self.assertEqual(reply['Content-Type'], 'application/problem+json')

    def test_a_wrong_method_is_405_and_allow_lists_the_right_ones(self):
        reply = self.ask('POST', '/items/1')
        self.assertEqual((reply.status, reply['Allow']), (405, 'GET, HEAD, PUT, DELETE, OPTIONS'))
        self.assertEqual(self.ask('PURGE', '/stream')['Allow'], 'POST, OPTIONS')

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

    def test_a_nul_in_the_uri_is_400_or_the_end(self):
        with self.server.client() as client:
            client.send(b'GET /echo\0/hidden HTTP/1.1\r\nHost: t\r\n\r\n')
            try:
                self.assertEqual(client.reply().status, 400)
            except EOFError:  # libmicrohttpd 1.0 closes the connection
                pass
            self.assertTrue(client.is_closed())

    def test_a_target_in_absolute_form_is_its_path(self):
        self.assertIn('path=/echo', self.ask('GET', 'http://test:80/echo?a=1').lines)
        for target in ('http://test', 'http://test?a=1', 'https://test/', 'HTTP://test/', 'http://[::1]:80/'):
            self.assertEqual(self.ask('GET', target).status, 200)
        self.assertIn('a=1', self.ask('GET', 'http://other/echo?a=1').lines)

    def test_a_target_of_another_form_is_400(self):
        for target in ('*', 'echo', 'ftp://test/', 'http:///echo', 'http://a@test/', 'http://te"st/', 'test:80', '?q=1'):
            with self.subTest(target):
                reply = self.ask('GET', target)
                self.assertEqual((reply.status, reply['Content-Type']), (400, 'application/problem+json'))
        self.assertEqual(self.ask('CONNECT', 'test:80').status, 400)

    def test_the_host_of_a_target_takes_the_place_of_the_header(self):
        with self.server.client() as client:
            client.send(b'GET http://named/host HTTP/1.1\r\nHost: other\r\n\r\n')
            self.assertEqual(client.reply().text, 'named\n')

    def test_options_tells_the_methods(self):
        with self.server.client() as client:
            for target, allow in (('/items/1', 'GET, HEAD, PUT, DELETE, OPTIONS'), ('/stream', 'POST, OPTIONS'),
                                  ('*', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'), ('/', 'GET, HEAD, OPTIONS')):
                reply = client.ask('OPTIONS', target)
                self.assertEqual((reply.status, reply['Allow'], reply['Content-Type']), (204, allow, None))
            self.assertEqual(client.ask('OPTIONS', '/nowhere').status, 404)
            self.assertEqual(client.ask('GET', '/').status, 200)

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

    def test_what_mhd_refuses_by_itself_is_said_as_every_other_refusal(self):
        """Once, as problem+json with a request's id, and the connection is closed."""
        chunked = b'POST /body HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n'
        for data, status in ((b'GET /\r\n\r\n', 400), (b'GET / HTTP/2.0\r\nHost: t\r\n\r\n', 505), (b'GET / FTP/1.1\r\nHost: t\r\n\r\n', 400),
                             (b'GET /a b HTTP/1.1\r\nHost: t\r\n\r\n', 400), (b'GET / HTTP/1.1\r\n\r\n', 400),
                             (b'GET / HTTP/1.1\r\nHost: t\r\nfoo\r\n\r\n', 400),
                             (b'GET /' + b'a' * 100000 + b' HTTP/1.1\r\nHost: t\r\n\r\n', 414),
                             (b'GET / HTTP/1.1\r\nHost: t\r\nX-A: ' + b'a' * 100000 + b'\r\n\r\n', 431),
                             (chunked + b'zz\r\n', 400), (chunked + b'f' * 18 + b'\r\n', 413), (chunked + b'5;' + b'a' * 100000, {400, 413}),
                             (chunked.replace(b'/body', b'/stream') + b'5\r\nhello\r\nzz\r\n', 400),
                             (b'POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n', 400),
                             (b'POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999999\r\n\r\n', 413)):
            with self.subTest(data[:60]), self.server.client() as client:
                try:
                    client.send(data)
                except (ConnectionResetError, BrokenPipeError):
                    pass
                reply = client.reply()
                self.assertIn(reply.status, status if isinstance(status, set) else {status})
                self.assertEqual((reply['Content-Type'], reply['Connection']), ('application/problem+json', 'close'))
                self.assertRegex(reply['X-Request-Id'], '^[0-9a-f]{16}$')
                self.assertTrue(client.is_closed())
        self.assertTrue(self.server.wait_for_log('log POST /stream 400'))

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


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())
