# SPDX-License-Identifier: GPL-2.0-or-later
"""Load, deadlines, limits, starting and stopping, over bare sockets."""
import gzip
import os
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402
from client import Client, GZIP, MIB, PROGRAM, SANITIZED, Server, WithServer  # noqa: E402


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

    def test_an_io_route_answers_whatever_the_pools_do(self):
        clients = [(self.server.client(), path) for path in ('/doze', '/sleep', '/sleep', '/sleep')]
        for client, path in clients:
            client.request('GET', path + '?ms=3000')
        time.sleep(0.1)
        started = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.ask('GET', '/alive').text, 'hello\n')
        self.assertEqual(self.ask('HEAD', '/alive').body, b'')
        self.assertLess(time.monotonic() - started, 2)
        for client, _ in clients:
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


class WhoLeaves(WithServer):
    settings = {'readers': 1, 'queue': 50}

    def leave(self, target, count=1):
        for _ in range(count):
            with self.server.client() as client:
                client.request('GET', target)

    def test_what_only_reads_ends_when_its_client_leaves(self):
        started = time.monotonic()
        with self.server.client() as client:
            client.request('GET', '/stay?ms=15000')
            time.sleep(0.3)
        self.assertEqual(self.ask('GET', '/').status, 200)
        self.assertLess(time.monotonic() - started, 10)
        self.assertIn('cancelled\n', self.server.log_text())

    def half_closed(self, target, version='HTTP/1.1', within_s=20):
        """What a client gets that closes its sending side and reads on."""
        with self.server.client() as client:
            client.request('GET', target, version=version)
            client.socket.shutdown(socket.SHUT_WR)
            client.socket.settimeout(within_s)
            got = b''
            while block := client.socket.recv(65536):
                got += block
            return got

    def test_who_closes_its_side_and_reads_on_gets_its_answer(self):
        for version in ('HTTP/1.1', 'HTTP/1.0'):
            self.assertTrue(self.half_closed('/', version).startswith(b'HTTP/1.1 200 '), version)
            self.assertTrue(self.half_closed('/sleep?ms=50', version).endswith(b'hello\n'), version)

    def test_an_end_that_comes_with_the_last_bytes_is_heard(self):
        """Not only when the connection has been idle for half a minute."""
        for target in ('/', '/nowhere'):
            for _ in range(20):
                with self.server.client() as client:
                    client.socket.send(f'GET {target} HTTP/1.1\r\nHost: t\r\n\r\n'.encode(), socket.MSG_MORE)
                    client.socket.shutdown(socket.SHUT_WR)
                    client.socket.settimeout(10)
                    got = b''
                    while block := client.socket.recv(65536):
                        got += block
                    self.assertTrue(got.startswith(b'HTTP/1.1 '), target)

    def test_an_answer_that_takes_longer_comes_behind_an_interim_one(self):
        got = self.half_closed('/stay?ms=1500')
        self.assertTrue(got.startswith(b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 '), got)
        self.assertNotIn('cancelled\n', self.server.log_text()[-100:])

    def test_of_http_1_0_it_has_a_second_and_no_interim_answer(self):
        self.assertTrue(self.half_closed('/sleep?ms=600', 'HTTP/1.0').startswith(b'HTTP/1.1 200 '))
        before = self.server.log_text().count('cancelled\n')
        started = time.monotonic()
        self.half_closed('/stay?ms=15000', 'HTTP/1.0')
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(self.server.log_text().count('cancelled\n'), before + 1)

    def test_those_who_leave_take_no_place_among_those_who_wait(self):
        with self.server.client() as first:
            first.request('GET', '/stay?ms=15000')
            time.sleep(0.2)
            self.leave('/sleep?ms=1000', 40)
            deadline = time.monotonic() + 10
            while self.server.stat('queued') > 0 and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(self.server.stat('queued'), 0)
        started = time.monotonic()
        self.assertEqual(self.ask('GET', '/').status, 200)
        self.assertLess(time.monotonic() - started, 20)

    def test_a_write_is_done_though_its_client_leaves(self):
        with self.server.client() as client:
            client.request('PUT', '/items/7', body=b'x')
        deadline = time.monotonic() + 10
        while 'log PUT /items/7' not in self.server.log_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIn('log PUT /items/7', self.server.log_text())


class Long(WithServer):
    settings = {'readers': 1, 'queue': 50}

    def test_a_request_that_is_moved_is_run_anew_and_leaves_its_worker_to_others(self):
        with self.server.client() as client:
            client.request('GET', '/move?ms=3000')
            started = time.monotonic()
            self.assertEqual(self.ask('GET', '/').status, 200)
            self.assertLess(time.monotonic() - started, 2)
            self.assertEqual(client.reply().text, 'body=\nlong\n')
        body = b'y' * 5000
        reply = self.ask('POST', '/move', GZIP, gzip.compress(body))
        self.assertEqual(reply.body, b'body=' + body + b'\nlong\n')

    def test_what_waits_for_longer_than_it_may_is_503(self):
        clients = [self.server.client() for _ in range(4)]
        clients[0].request('GET', '/move?ms=3000')
        time.sleep(0.2)
        started = time.monotonic()
        for client in clients[1:]:
            client.request('GET', '/move?ms=3000&wait_ms=400')
        for client in clients[1:]:
            reply = client.reply()
            self.assertEqual((reply.status, reply['Retry-After']), (503, '1'))
            self.assertIn('waited', reply.text)
        self.assertLess(time.monotonic() - started, 2.5)
        self.assertEqual(clients[0].reply().status, 200)
        for client in clients:
            client.close()


class Overload(WithServer):
    settings = {'readers': 1, 'queue': 500, 'queue_wait': 50}

    @tap.timeout(120)
    def test_what_would_wait_too_long_is_refused_at_once(self):
        """It takes 50 ms each, and 8 may wait in any case."""
        with self.server.client() as client:
            for _ in range(100):
                self.assertEqual(client.ask('GET', '/sleep?ms=50').status, 200)
        clients = [self.server.client() for _ in range(40)]
        for client in clients:
            client.request('GET', '/sleep?ms=50')
        statuses = [client.reply().status for client in clients]
        for client in clients:
            client.close()
        self.assertGreaterEqual(statuses.count(200), 8)
        self.assertGreaterEqual(statuses.count(503), 20)
        self.assertEqual(statuses.count(200) + statuses.count(503), 40)


class SlowReaders(WithServer):
    settings = {'reply_bytes': 20 * MIB, 'connections': 400, 'queue': 400}

    @tap.timeout(120)
    def test_answers_that_nobody_reads_have_a_bound_and_are_cut(self):
        clients = [self.server.client() for _ in range(150)]
        for client in clients:
            client.request('GET', '/big?size=5900000&image=1')
        deadline = time.monotonic() + 20
        while 'log GET /big 503' not in self.server.log_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIn('log GET /big 503', self.server.log_text())
        if not SANITIZED:
            self.assertLess(self.server.memory_peak_kib(), 150 * 1024)
        self.assertEqual(self.ask('GET', '/big?size=60000').status, 200)
        deadline = time.monotonic() + 40
        reply = self.ask('GET', '/big?size=5900000&image=1')
        while reply.status == 503 and time.monotonic() < deadline:
            time.sleep(0.2)
            reply = self.ask('GET', '/big?size=5900000&image=1')
        self.assertEqual((reply.status, len(reply.body)), (200, 5900000))
        for client in clients:
            client.close()


class FullTable(WithServer):
    settings = {'connections': 40, 'request': 60, 'idle': 60}

    def fill(self, begin):
        clients = [self.server.client() for _ in range(44)]
        for client in clients:
            client.send(begin)
        started = time.monotonic()
        self.assertEqual(self.ask('GET', '/live').status, 200)
        self.assertLess(time.monotonic() - started, 30)
        for client in clients:
            client.close()

    @tap.timeout(120)
    def test_connections_that_ask_nothing_keep_nobody_out(self):
        self.fill('')

    @tap.timeout(120)
    def test_heads_that_do_not_end_keep_nobody_out(self):
        self.fill('GET / HTTP/1.1\r\nHost: test\r\n')

    @tap.timeout(120)
    def test_bodies_that_do_not_end_keep_nobody_out(self):
        self.fill('POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx')

    @tap.timeout(120)
    def test_streams_that_do_not_end_keep_nobody_out(self):
        self.fill('POST /stream HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx')


class Rates(WithServer):
    settings = {'client_rate': 20, 'client_searches': 3, 'readers': 1}

    def test_more_requests_a_second_than_a_client_may_make_are_429(self):
        replies = [self.ask('GET', '/live') for _ in range(200)]
        refused = [reply for reply in replies if reply.status == 429]
        self.assertGreater(len(refused), 0)
        self.assertGreaterEqual(200 - len(refused), 20)
        self.assertEqual(refused[0]['Retry-After'], '1')
        self.assertEqual(refused[0]['RateLimit-Policy'], '"requests";q=20;w=1')
        self.assertEqual(refused[0]['RateLimit'], '"requests";r=0;t=1')
        self.assertRegex(replies[0]['RateLimit'], '^"requests";r=1[0-9];t=1$')
        self.assertEqual([self.ask('GET', '/alive').status for _ in range(30)], [200] * 30)
        time.sleep(1.1)
        self.assertEqual(self.ask('GET', '/live').status, 200)

    def test_more_searches_at_a_time_than_a_client_may_have_are_429(self):
        time.sleep(1.1)
        clients = [self.server.client() for _ in range(3)]
        for client in clients:
            client.request('GET', '/sleep?ms=500')
        time.sleep(0.2)
        refused = self.ask('GET', '/sleep?ms=500')
        self.assertEqual((refused.status, refused['Retry-After']), (429, '1'))
        self.assertEqual(self.ask('GET', '/live').status, 200)
        for client in clients:
            self.assertEqual(client.reply().status, 200)
            client.close()
        self.assertEqual(self.ask('GET', '/sleep?ms=1').status, 200)


class RatesOfTheKnown(WithServer):
    """X-Client: NUMBER REQUESTS SEARCHES is somebody whom the server knows."""
    settings = {'client_rate': 2, 'client_searches': 1, 'readers': 1}

    def test_each_has_its_own_quota_whatever_its_address_has(self):
        for number, rate in ((11, 30), (12, 5)):
            replies = [self.ask('GET', '/live', [f'X-Client: {number} {rate} 0']) for _ in range(100)]
            refused = [reply for reply in replies if reply.status == 429]
            self.assertGreaterEqual(100 - len(refused), rate)
            self.assertEqual({reply['RateLimit-Policy'] for reply in replies}, {f'"requests";q={rate};w=1'})
            self.assertEqual({reply['Retry-After'] for reply in refused}, {'1'})
        self.assertEqual({self.ask('GET', '/live', ['X-Client: 13 0 0']).status for _ in range(50)}, {200})

    def test_each_has_its_own_searches(self):
        clients = [self.server.client() for _ in range(3)]
        for number, client in enumerate(clients):
            client.request('GET', '/sleep?ms=500', [f'X-Client: {21 + number // 2} 0 2'])
        time.sleep(0.2)
        answers = [self.ask('GET', '/sleep?ms=1', [f'X-Client: {number} 0 2']).status for number in (21, 22, 23)]
        self.assertEqual(answers, [429, 200, 200])
        for client in clients:
            self.assertEqual(client.reply().status, 200)
            client.close()
        self.assertEqual(self.ask('GET', '/sleep?ms=1', ['X-Client: 21 0 2']).status, 200)


class BodiesTogether(WithServer):
    settings = {'body_mib': 1}

    def test_what_all_bodies_take_is_bounded_and_is_given_back(self):
        clients = [self.server.client() for _ in range(14)]
        for client in clients:
            client.request('POST', '/body', ['Content-Length: 100000'], bytes(99000))
        time.sleep(0.3)
        for client in clients:
            client.send(bytes(1000))
        statuses = [client.reply().status for client in clients]
        for client in clients:
            client.close()
        self.assertEqual(set(statuses), {200, 503})
        self.assertGreaterEqual(statuses.count(200), 9)
        self.assertEqual(self.ask('POST', '/body', body=bytes(100000)).status, 200)

    def test_a_stream_counts_among_them(self):
        clients = [self.server.client() for _ in range(6)]
        for client in clients:
            client.request('POST', '/stream', ['Content-Length: 2'], b'a')
            time.sleep(0.1)
        for client in clients:
            client.send(b'b')
        self.assertEqual([client.reply().status for client in clients], [200] * 4 + [503] * 2)
        for client in clients:
            client.close()


class RatesOfOthers(WithServer):
    settings = {'client_rate': 2, 'limits_loopback': 0}

    def test_the_machine_itself_has_no_limit(self):
        replies = [self.ask('GET', '/live') for _ in range(20)]
        self.assertEqual({(reply.status, reply['RateLimit']) for reply in replies}, {(200, None)})


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
        # Its own is left; the server notices a moment after the socket is gone that another has ended.
        connections = self.server.stat('connections')
        while connections > 1 and time.monotonic() < until + 10:
            time.sleep(0.05)
            connections = self.server.stat('connections')
        self.assertEqual(connections, 1)


class Deadlines(WithServer):
    settings = {'reply_bytes': 20 * MIB, 'idle': 1, 'request': 2}

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
        self.assertLess(self.drip(b'POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n', b'a'), 9.5)

    def test_a_whole_body_that_falls_silent_is_told_408_and_closed(self):
        with self.server.client() as client:
            client.request('POST', '/body', ['Content-Length: 1000'], b'a')
            time.sleep(0.8)
            client.send(b'a')
            time.sleep(0.8)
            client.send(b'a')
            reply = client.reply()
            self.assertEqual((reply.status, reply['Connection']), (408, 'close'))
            self.assertEqual(reply['Content-Type'], 'application/problem+json')
            self.assertTrue(client.is_closed())
        self.assertTrue(self.server.wait_for_log('log POST /body 408'))

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


class DrippingStreams(WithServer):
    """There are two write workers."""

    def begin_streams(self, count, first=b'a'):
        clients = [self.server.client() for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
            client.request('POST', '/stream', [f'Content-Length: {len(first) + 1}'], first)
        return clients

    def test_more_dripping_streams_than_workers_do_not_stop_a_put(self):
        clients = self.begin_streams(50)
        started = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.ask('PUT', '/items/1', body=b'x').status, 200)
        self.assertLess(time.monotonic() - started, 15)  # it takes milliseconds
        for client in clients:
            client.send(b'b')
        self.assertEqual({client.reply().text for client in clients}, {'status=ok bytes=2 newlines=0\n'})

    def test_streams_that_fell_silent_after_much_do_not_stop_a_put(self):
        clients = self.begin_streams(20, bytes(300000))
        started = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.ask('PUT', '/items/1', body=b'x').status, 200)
        self.assertLess(time.monotonic() - started, 15)
        for client in clients:
            client.send(b'b')
        self.assertEqual({client.reply().text for client in clients}, {'status=ok bytes=300001 newlines=0\n'})

    @tap.timeout(120)
    def test_long_streams_take_turns_and_leave_a_worker_to_others(self):
        clients = [self.server.client() for _ in range(4)]
        done = []

        def one(client):
            client.request('POST', '/stream?turns=1&pause_ms=2', [f'Content-Length: {20 * MIB}'], bytes(20 * MIB))
            done.append(client.reply().lines)

        threads = [threading.Thread(target=one, args=(client,), daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        started = time.monotonic()
        self.assertEqual(self.ask('PUT', '/items/1', body=b'x').status, 200)
        self.assertLess(time.monotonic() - started, 15)
        for thread in threads:
            thread.join(60)
        for client in clients:
            client.close()
        self.assertEqual([lines[0] for lines in done], [f'status=ok bytes={20 * MIB} newlines=0'] * 4)
        self.assertGreater(min(int(lines[1].removeprefix('turns=')) for lines in done), 10)

    def test_what_streams_keep_is_bounded(self):
        with self.server.client() as first, self.server.client() as second:
            first.request('POST', f'/stream?keep={300 * MIB}', ['Content-Length: 2'], b'a')
            time.sleep(0.2)
            second.request('POST', f'/stream?keep={300 * MIB}', ['Content-Length: 2'], b'a')
            self.assertEqual(second.reply().status, 503)
            first.send(b'b')
            self.assertEqual(first.reply().status, 200)
        self.assertEqual(self.ask('POST', f'/stream?keep={300 * MIB}', body=b'ab').status, 200)  # and is given back


class SlowStreams(WithServer):
    settings = {'upload_rate': 1000, 'upload_grace': 2, 'request': 60}

    def test_a_stream_below_the_least_rate_is_told_408_and_closed(self):
        with self.server.client() as client:
            started = time.monotonic()
            client.request('POST', '/stream', ['Content-Length: 100000'], b'a' * 10)
            reply = client.reply()
            self.assertEqual((reply.status, reply['Connection']), (408, 'close'))
            self.assertEqual(reply.text, 'status=timeout bytes=10 newlines=0\n')
            self.assertTrue(client.is_closed())
            self.assertGreater(time.monotonic() - started, 1.5)
        self.assertTrue(self.server.wait_for_log('log POST /stream 408'))

    def test_a_stream_that_goes_on_dripping_after_its_408_is_cut(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 100000'])
            started = time.monotonic()
            try:
                while time.monotonic() - started < 40:
                    client.send(b'a')
                    time.sleep(0.1)
            except (ConnectionResetError, BrokenPipeError):
                pass
            self.assertLess(time.monotonic() - started, 35)

    def test_a_stream_that_is_fast_enough_may_pause(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 6000'])
            for _ in range(3):
                time.sleep(1.2)
                client.send(b'a' * 2000)
            self.assertIn('bytes=6000 ', client.reply().text)

    def test_a_stream_that_sends_something_whole_now_and_then_may_stay_however_slow_it_is(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 20'])
            for _ in range(10):
                client.send(b'a\n')
                time.sleep(1)
            self.assertEqual(client.reply().text, 'status=ok bytes=20 newlines=10\n')

    def test_a_stream_that_sends_nothing_whole_any_more_is_cut(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 100'], b'a\na')
            started = time.monotonic()
            for _ in range(6):
                client.send(b'a')
                time.sleep(1)
            self.assertEqual(client.reply().status, 408)
            self.assertLess(time.monotonic() - started, 30)

    def test_what_came_fast_does_not_excuse_a_slow_rest(self):
        with self.server.client() as client:
            client.request('POST', '/stream', [f'Content-Length: {5 * MIB}'], bytes(4 * MIB))
            self.assertIn(f'bytes={4 * MIB} ', client.reply().text)

    def test_time_that_the_handler_takes_does_not_count(self):
        with self.server.client() as client:
            client.request('POST', '/stream?pause_ms=250', [f'Content-Length: {2 * MIB}'], bytes(2 * MIB))
            self.assertIn(f'status=ok bytes={2 * MIB} ', client.reply().text)


class LongStreams(WithServer):
    settings = {'upload_timeout': 2}

    def test_a_stream_that_keeps_the_server_waiting_for_too_long_is_told_408(self):
        with self.server.client() as client:
            client.request('POST', '/stream', ['Content-Length: 100000'])
            for _ in range(12):
                client.send(b'a' * 10)
                time.sleep(0.1)
            self.assertEqual(client.reply().status, 408)


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


class IdleConnections(WithServer):
    settings = {'connections': 20, 'io': 2}

    def test_idle_connections_beyond_the_limit_keep_nobody_out(self):
        idle = [self.server.client() for _ in range(100)]
        with self.server.client() as busy:
            busy.request('GET', '/sleep?ms=3000')
            started = time.monotonic()
            for _ in range(10):
                self.assertEqual(self.ask('GET', '/').status, 200)
            self.assertLess(time.monotonic() - started, 15)
            self.assertEqual(busy.reply().status, 200)  # who is served is not idle
        self.assertTrue(idle[0].is_closed())
        for client in idle:
            client.close()
        self.assertEqual(self.ask('GET', '/').status, 200)


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
        server = Server(PROGRAM, listen='[::1]:0')
        if server.port is None and 'not available' in server.log_text() + ' not available':
            self.skipTest('no IPv6 on this machine')
        with Client(server.port, '::1') as client:
            self.assertEqual(client.ask('GET', '/').status, 200)
        self.assertEqual(server.stop(), 0)

    def test_an_address_in_use_is_refused_in_words(self):
        first = Server(PROGRAM)
        second = Server(PROGRAM, listen=f'127.0.0.1:{first.port}')
        self.assertEqual(second.process.returncode, 1)
        self.assertRegex(second.log_text(), f"failed .* cannot listen on '127.0.0.1' port {first.port}: Address already in use")
        second.process.stdout.close()
        self.assertEqual(first.stop(), 0)

    def test_a_bad_address_is_refused_in_words(self):
        server = Server(PROGRAM, listen='example.org:0')
        self.assertEqual(server.process.returncode, 1)
        self.assertIn("or unix:/path and a mode such as 0660; found 'example.org:0'", server.log_text())
        server.process.stdout.close()

    def test_a_port_is_free_again_after_a_stop(self):
        server = Server(PROGRAM)
        port = server.port
        with server.client() as client:
            client.ask('GET', '/')
            self.assertEqual(server.stop(), 0)
        again = Server(PROGRAM, listen=f'127.0.0.1:{port}')
        self.assertEqual(again.port, port)
        self.assertEqual(again.stop(), 0)


if __name__ == '__main__':
    if not PROGRAM:
        tap.skip_all('LEDE_HTTP_ECHO_SERVER names no server')
    tap.main(globals())
