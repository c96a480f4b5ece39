# SPDX-License-Identifier: GPL-2.0-or-later
"""A low limit of open files, and more connections than it has room for."""
import resource
import socket
import time
import unittest

from program import Program
import tap


def limited(count):
    class Limited(Program):
        identity = {'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count // 2, count))}
    return Limited


class Descriptors(unittest.TestCase):
    def work(self, lede, mark):
        started = time.monotonic()
        for number in range(10):
            answer = lede.put(f'{mark}-{number}', {'title': mark})
            self.assertEqual(answer.status, 201, answer.text)
            self.assertEqual(lede.total(f'title:{mark}'), number + 1)
        self.assertLess(time.monotonic() - started, 30)  # it takes a second

    @tap.timeout(120)
    def test_idle_connections_beyond_the_limit_starve_nobody(self):
        lede = limited(256)(LEDE_SERVER_WRITE_THREADS='2', LEDE_SERVER_SEARCH_THREADS='2', LEDE_STORE_LANES='1')
        self.work(lede, 'before')
        idle = [socket.create_connection(('127.0.0.1', lede.port), timeout=20) for _ in range(300)]
        self.work(lede, 'beside')
        for connection in idle:
            connection.close()
        self.work(lede, 'after')
        self.assertIn('half of them are kept for the store', lede.log_text())
        self.assertEqual(lede.stop(), 0)
        lede.remove()

    def test_a_limit_that_is_too_low_to_work_with_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, 'expected a limit of at least 256 open files, found 64'):
            limited(64)()


if __name__ == '__main__':
    tap.main(globals())
