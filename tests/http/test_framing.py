# SPDX-License-Identifier: GPL-2.0-or-later
"""Where one request ends and the next begins, nobody may read in two ways (RFC 9112, section 11.2): what is nearly a header that frames a body,
or is no header at all, is refused, and what follows it on the connection is never taken for a request."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import PROGRAM, WithServer  # noqa: E402

HIDDEN = b'DELETE /items/victim HTTP/1.1\r\nHost: t\r\n\r\n'
SIZE = b'%d' % len(HIDDEN)
# Heads behind which a body stands for one reader and a request for another.
HEADS = {
    'a blank before the colon of Content-Length': b'Content-Length : ' + SIZE,
    'a tab before the colon of Content-Length': b'Content-Length\t: ' + SIZE,
    'a blank before the colon of Transfer-Encoding': b'Content-Length: 5\r\nTransfer-Encoding : chunked',
    'a NUL before the name': b'\0Content-Length: ' + SIZE,
    'a NUL in the name': b'Content\0-Length: ' + SIZE,
    'a NUL behind the name': b'Content-Length\0: ' + SIZE,
    'a NUL behind the length': b'Content-Length: ' + SIZE + b'\0',
    'a NUL within the length': b'Content-Length: 0\0' + SIZE,
    'a NUL behind chunked': b'Transfer-Encoding: chunked\0',
    'a NUL before chunked': b'Transfer-Encoding: \0chunked',
    'a vertical tab before chunked': b'Transfer-Encoding: \x0bchunked',
    'a form feed behind chunked': b'Transfer-Encoding: chunked\x0c',
    'a bare CR as the end of a line': b'X-A: b\rContent-Length: ' + SIZE,
    'a bare LF as the end of a line': b'X-A: b\nContent-Length: ' + SIZE,
    'a bare LF behind Content-Length': b'Content-Length: ' + SIZE + b'\nX-A: b',
    'a blank and a bare LF behind a value': b'X-A: b \nContent-Length: ' + SIZE,
    'a NUL and a bare LF behind a value': b'X-A: b\0\nContent-Length: ' + SIZE,
    'a NUL for an empty line': b'X-A: b\r\n\0\r\nContent-Length: ' + SIZE,
    'a bare LF for an empty line': b'X-A: b\r\n\nContent-Length: ' + SIZE,
    'a bare CR in a value': b'X-A: b\rc\r\nContent-Length: ' + SIZE,
    'CR CR LF': b'Content-Length: ' + SIZE + b'\r',
    'LF CR LF': b'Content-Length: ' + SIZE + b'\n',
    'a folded length': b'Content-Length:\r\n ' + SIZE,
    'a folded coding': b'Transfer-Encoding:\r\n chunked',
    'a name that is folded': b'Transfer-Encodin: chunked\r\n g',
    'a line without a colon': b'Content-Length ' + SIZE,
    'no name': b': ' + SIZE,
    'a blank before the first name': b' Content-Length: ' + SIZE,
    'a control character in a name': b'Content-Length\x01: ' + SIZE,
    'a Latin letter in a name': b'Content-Length\xe9: ' + SIZE,
    'two lengths': b'Content-Length: 0\r\nContent-Length: ' + SIZE,
    'two equal lengths': b'Content-Length: ' + SIZE + b'\r\nContent-Length: ' + SIZE,
    'a list of lengths': b'Content-Length: 0, ' + SIZE,
    'a length with a sign': b'Content-Length: +' + SIZE,
    'a negative length': b'Content-Length: -' + SIZE,
    'a hexadecimal length': b'Content-Length: 0x1',
    'a length in words': b'Content-Length: five',
    'an empty length': b'Content-Length:',
    'a length beyond all numbers': b'Content-Length: 99999999999999999999',
    'a length and chunked': b'Content-Length: ' + SIZE + b'\r\nTransfer-Encoding: chunked',
    'chunked twice': b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'chunked in a list': b'Transfer-Encoding: identity, chunked',
    'another coding': b'Transfer-Encoding: xchunked',
    'a blank behind chunked': b'Transfer-Encoding: chunked ',
    'a tab behind chunked': b'Transfer-Encoding: chunked\t',
    'a quoted coding': b'Transfer-Encoding: "chunked"',
}
LINES = (b'GET  /echo HTTP/1.1', b'GET /echo  HTTP/1.1', b'GET\t/echo\tHTTP/1.1', b'GET /echo HTTP/1.1 ', b'GET /echo\0 HTTP/1.1', b'GET /a b HTTP/1.1',
         b'GET /ec\x0bho HTTP/1.1', b'GET /ec\x7fho HTTP/1.1', b'GET /echo HTTP/1.1\0', b'GET /echo HTTP/1.1\nX-A: b', b'GET /echo HTTP/1.1\r', b'GET /echo', b'GET /echo HTTP/2.0', b'GET /echo http/1.1')
# Chunks that two readers could end at two places.
CHUNKS = {
    'a bare LF behind the size': b'5\nhello\r\n0\r\n\r\n',
    'a bare LF behind an extension': b'5;a=b\nhello\r\n0\r\n\r\n',
    'a bare LF behind the data': b'5\r\nhello\n0\r\n\r\n',
    'a bare CR behind the size': b'5\rhello\r\n0\r\n\r\n',
    'a bare CR in an extension': b'5;a=\rb\r\nhello\r\n0\r\n\r\n',
    'a NUL in an extension': b'5;a=\0b\r\nhello\r\n0\r\n\r\n',
    'a bare LF behind a trailer': b'5\r\nhello\r\n0\r\nX-A: b\n\r\n',
    'a folded trailer': b'5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n',
    'a NUL line among trailers': b'5\r\nhello\r\n0\r\nX-A: b\r\n\0\r\n\r\n',
    'a bare LF at the end': b'5\r\nhello\r\n0\n\n',
}


class Framing(WithServer):
    def answers_to(self, data, what):
        """What is answered until the server ends the connection, as it must. Nobody may have seen the hidden request."""
        before = len(self.server.log_text())
        with self.server.client() as client:
            client.socket.settimeout(5)
            client.send(data)
            self.assertTrue(client.ends(), what)
            self.assertNotIn('victim', self.server.log_text()[before:], what)
            return client.received

    def assert_refused(self, data, what):
        answers = self.answers_to(data, what)
        self.assertTrue(answers == b'' or answers.split(b' ')[1] in (b'400', b'413', b'505'), (what, answers))

    def test_a_doubtful_head_is_refused_and_the_connection_closed(self):
        for what, head in HEADS.items():
            for line in (b'POST /body HTTP/1.1', b'GET /echo HTTP/1.1'):
                with self.subTest(what, line=line):
                    self.assert_refused(line + b'\r\nHost: t\r\n' + head + b'\r\n\r\n' + HIDDEN, what)

    def test_a_doubtful_first_line_is_refused_and_the_connection_closed(self):
        for line in LINES:
            with self.subTest(line):
                self.assert_refused(line + b'\r\nHost: t\r\n\r\n' + HIDDEN, line)

    def test_a_doubtful_host_is_refused_and_the_connection_closed(self):
        for host in (b'a"><script>', b'a b', b'a/b', b'user@t', b'\xc3\xa9', b't\r\nHost: other', b't\r\nhost: t'):
            with self.subTest(host):
                self.assert_refused(b'GET /echo HTTP/1.1\r\nHost: ' + host + b'\r\n\r\n' + HIDDEN, host)

    def test_doubtful_chunks_end_the_connection(self):
        for what, body in CHUNKS.items():
            for path in ('/body', '/stream'):
                with self.subTest(what, path=path):
                    head = f'POST {path} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n'
                    self.assert_refused(head.encode() + body + HIDDEN, what)

    def test_what_comes_in_chunks_keeps_the_connection(self):
        body = b'5\r\nhello\r\n6\r\n world\r\n0\r\nX-A: b\r\n\r\n'
        head = b' HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n'
        with self.server.client() as client:
            for path in (b'/body', b'/stream'):
                client.send(b'POST ' + path + head + body + b'GET /echo HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(client.reply().status, 200)
                self.assertIn('path=/echo', client.reply().lines)
            for byte in b'POST /body' + head + body:
                client.send(bytes([byte]))
            self.assertEqual(client.reply().status, 200)

    def test_an_extension_of_a_chunk_is_passed_over(self):
        """Or refused: libmicrohttpd 1.0 takes none."""
        with self.server.client() as client:
            client.send(b'POST /body HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b c"\r\nhello\r\n0\r\n\r\n' + HIDDEN)
            status = client.reply().status
            self.assertIn(status, (200, 400))
            if status == 200:
                self.assertEqual(client.reply().status, 200)
            else:
                self.assertTrue(client.ends())

    def test_white_space_around_a_value_is_none_of_it(self):
        with self.server.client() as client:
            client.send(b'POST /body HTTP/1.1\r\nHost: t\r\nX-Test:\t one two \t\r\nContent-Length:   5\r\n\r\nhello')
            self.assertEqual(client.reply().status, 200)
            client.send(b'GET /echo HTTP/1.1\r\nHost:t\r\nX-Test:  one two \t\r\n\r\n')
            self.assertIn('x-test=one two', client.reply().lines)
            client.send(b'GET /echo HTTP/1.1\r\nHost: t\r\nX-Test:\r\nX-Other: \r\n\r\n')
            self.assertEqual(client.reply().status, 200)

    def test_hosts_that_there_are(self):
        for host in ('t', 't:80', '127.0.0.1:8080', '[::1]', '[::1]:80', 'a-b.example', 'xn--bcher-kva.example', 'a_b', ''):
            with self.subTest(host), self.server.client() as client:
                client.send(f'GET /echo HTTP/1.1\r\nHost: {host}\r\n\r\n')
                self.assertEqual(client.reply().status, 200)

    def test_two_requests_at_once_are_two(self):
        with self.server.client() as client:
            client.send(b'POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhelloGET /echo HTTP/1.1\r\nHost: t\r\n\r\n')
            self.assertEqual(client.reply().status, 200)
            self.assertIn('path=/echo', client.reply().lines)


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())
