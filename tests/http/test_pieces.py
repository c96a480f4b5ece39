# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that are made while they are sent: whole or visibly cut, with two pieces in memory, without a thread while nobody reads, and
what their handlers keep is let go whatever happens."""
import gzip
import http.client
import os
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import PROGRAM, SANITIZED, Server, WithServer  # noqa: E402

WAIT_S = 120 if SANITIZED else 30


def expected(count, size):
    return b''.join(bytes(97 + (piece + i) % 26 for i in range(1, size)) + b'\n' for piece in range(count))


class Pieces(WithServer):
    settings = {'readers': 2}

    def get(self, path, headers=None, method='GET'):
        connection = http.client.HTTPConnection('127.0.0.1', self.server.port, timeout=WAIT_S)
        connection.request(method, path, headers=headers or {})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply, body

    def expect_none_kept(self):
        end = time.monotonic() + WAIT_S
        while self.get('/pieces_kept')[1] != b'0\n':
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def begin(self, path, room=16384):
        """An answer that has begun, and is not read on."""
        stream = socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S)
        self.addCleanup(stream.close)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        stream.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.encode())
        self.assertEqual(stream.recv(12), b'HTTP/1.1 200')
        return stream

    def test_they_arrive_whole_and_in_order(self):
        for count, size in ((1, 10), (2, 1), (10, 100000), (300, 7), (5, 1 << 20)):
            reply, body = self.get(f'/pieces?count={count}&size={size}')
            self.assertEqual((reply.status, body), (200, expected(count, size)), (count, size))
        self.expect_none_kept()

    def test_a_connection_goes_on_behind_them(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.server.port, timeout=WAIT_S)
        for _ in range(20):
            connection.request('GET', '/pieces?count=7&size=30000')
            self.assertEqual(connection.getresponse().read(), expected(7, 30000))
        connection.close()

    def test_they_are_compressed_for_who_takes_that_each_as_it_comes(self):
        reply, body = self.get('/pieces?count=9&size=70000', {'Accept-Encoding': 'gzip'})
        self.assertEqual((reply.headers['Content-Encoding'], reply.headers['Transfer-Encoding']), ('gzip', 'chunked'))
        self.assertLess(len(body), 70000)
        self.assertEqual(gzip.decompress(body), expected(9, 70000))

    def test_a_failure_in_the_middle_is_seen(self):
        for headers in ({}, {'Accept-Encoding': 'gzip'}):
            for fail in (1, 2, 8):
                with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                    self.get(f'/pieces?count=10&size=50000&fail={fail}', headers)
        self.expect_none_kept()

    def test_a_head_has_none_and_keeps_nothing(self):
        reply, body = self.get('/pieces?count=10', method='HEAD')
        self.assertEqual((reply.status, reply.headers['Content-Type'], body), (200, 'text/plain', b''))
        self.expect_none_kept()

    def test_more_of_them_than_workers_hold_none_while_nobody_reads(self):
        streams = [self.begin('/pieces?count=100&size=1000000') for _ in range(6)]
        for _ in range(20):
            self.assertEqual(self.get('/')[1], b'hello\n')
        self.assertEqual(self.get('/pieces_kept')[1], b'6\n')
        for stream in streams:
            stream.close()
        self.expect_none_kept()

    def test_a_client_that_leaves_at_any_time_harms_nobody(self):
        for number in range(40):
            stream = self.begin(f'/pieces?count={number}&size={number * 3000 + 1}&pause_ms={number % 3}')
            stream.recv(number * 1000 + 1)
            stream.close()
        self.expect_none_kept()
        self.assertEqual(self.get('/')[1], b'hello\n')

    def test_a_client_of_http_1_0_gets_them_until_the_end_of_the_connection(self):
        stream = socket.create_connection(('127.0.0.1', self.server.port), timeout=WAIT_S)
        stream.sendall(b'GET /pieces?count=4&size=20000 HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n')
        answer = b''
        while piece := stream.recv(65536):
            answer += piece
        stream.close()
        self.assertEqual(answer.partition(b'\r\n\r\n')[2], expected(4, 20000))


class Stopping(unittest.TestCase):
    def test_a_server_that_stops_cuts_them_and_lets_go_what_they_keep(self):
        server = Server(PROGRAM, grace_ms=200)
        streams = []
        for _ in range(3):
            stream = socket.create_connection(('127.0.0.1', server.port), timeout=WAIT_S)
            stream.sendall(b'GET /pieces?count=100&size=1000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
            self.assertEqual(stream.recv(12), b'HTTP/1.1 200')
            streams.append(stream)
        server.stop()
        for stream in streams:
            rest = b''
            try:
                while piece := stream.recv(1 << 20):
                    rest = piece
            except ConnectionError:
                pass
            self.assertFalse(rest.endswith(b'0\r\n\r\n'))
            stream.close()


if __name__ == '__main__':
    tap.main(globals())
