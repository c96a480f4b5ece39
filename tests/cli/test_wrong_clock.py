# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody sets the wall clock while the server runs: no time that is measured, and no wait, goes by it."""
import os
import signal
import socket

from program import Case, Server, environment, wait_until
import tap

DAY_S = 86400


class WrongClock(Case):
    def server(self):
        return Server('--data', self.data, env=environment(LD_PRELOAD=os.environ['LEDE_WRONG_CLOCK_LIBRARY'],
                                                           LEDE_WRONG_CLOCK=self.path('off'), LEDE_SERVER_SHUTDOWN_GRACE='100ms'))

    def set_off(self, seconds):
        self.write('new', str(seconds))
        os.rename(self.path('new'), self.path('off'))

    def test_the_time_since_the_start_does_not_go_back_with_the_clock(self):
        with self.server() as server:
            self.set_off(-DAY_S)
            self.assertIn(server.get('/stats')['uptime_s'], range(600))
            self.set_off(DAY_S)
            self.assertIn(server.get('/stats')['uptime_s'], range(600))

    def test_a_stop_waits_its_grace_whatever_the_clock_says(self):
        with self.server() as server:
            host, port = server.url.removeprefix('http://').split(':')
            with socket.create_connection((host, int(port)), timeout=10) as slow:
                slow.sendall(b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
                             b'Content-Length: 1000\r\n\r\n{')
                wait_until(lambda: server.get('/stats')['http']['connections'] >= 1, 'the slow connection')
                self.set_off(DAY_S)
                self.assertEqual(0, server.stop(signal.SIGTERM))


tap.main(globals())
