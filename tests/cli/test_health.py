# SPDX-License-Identifier: GPL-2.0-or-later
"""lede health: the server is found by its settings."""
import socket
import tempfile
import unittest

from program import Case, Server, environment, run
from certificates import OPENSSL, Authority
import tap


def free_port(family=socket.AF_INET, host='127.0.0.1'):
    with socket.socket(family) as free:
        free.bind((host, 0))
        return free.getsockname()[1]


class Health(Case):
    def settings(self, listen, more=''):
        return self.write('lede.ini', f'[server]\nlisten = {listen}\n{more}')

    def check(self, listen, more='', **variables):
        """Ready while a server with these settings runs, and not after it."""
        path = self.settings(listen, more)
        how = {'env': environment(**variables)}
        with Server('--data', self.data, '--config', path, '--listen', listen, env=environment()):
            self.assertEqual((0, 'ready\n', ''), run('health', '--config', path, **how))
        code, out, err = run('health', '--config', path, **how)
        self.assertEqual((1, ''), (code, out))
        self.assertIn('cannot ask', err)

    def test_the_server_is_where_the_settings_file_says(self):
        self.check(f'127.0.0.1:{free_port()}')

    def test_no_proxy_of_the_environment_is_asked(self):
        port = free_port()
        self.check(f'0.0.0.0:{port}', 'open = true\n', http_proxy='http://127.0.0.1:1')

    def test_who_listens_at_any_address_is_asked_at_loopback(self):
        self.check(f'0.0.0.0:{free_port()}', 'open = true\n')

    def test_who_listens_at_any_address_of_ipv6_is_asked_at_loopback(self):
        try:
            port = free_port(socket.AF_INET6, '::1')
        except OSError:
            self.skipTest('no IPv6 loopback here')
        self.check(f'[::]:{port}', 'open = true\n')

    def test_a_unix_socket_is_asked(self):
        with tempfile.TemporaryDirectory(prefix='lede-health-') as folder:
            self.check(f'unix:{folder}/sock')

    @unittest.skipUnless(OPENSSL, 'openssl is not here')
    def test_a_server_with_tls_alone_is_asked_whatever_its_certificate(self):
        certificate, key = Authority(self.directory).issue('elsewhere.example', days=-1)
        self.check(f'127.0.0.1:{free_port()} tls', f'tls_certificate = {certificate}\ntls_key = {key}\n')

    def test_the_environment_wins_over_the_file(self):
        path = self.settings('127.0.0.1:1')
        with Server('--data', self.data) as server:
            where = environment(LEDE_SERVER_LISTEN=server.url.removeprefix('http://'))
            self.assertEqual((0, 'ready\n', ''), run('health', '--config', path, env=where))

    def test_a_port_that_the_kernel_picks_is_not_known(self):
        code, out, err = run('health', '--config', self.settings('127.0.0.1:0'))
        self.assertEqual((2, ''), (code, out))
        self.assertIn('do not say where the server listens', err)
        self.assertIn('--url', err)

    def test_where_and_by_what_settings_are_not_said_at_once(self):
        code, _, err = run('health', '--config', self.settings('127.0.0.1:1'), '--url', 'http://127.0.0.1:1')
        self.assertEqual(2, code)
        self.assertIn('found both', err)

    def test_a_settings_file_that_is_wrong_is_told(self):
        code, _, err = run('health', '--config', self.settings('nowhere at all'))
        self.assertEqual(2, code)
        self.assertIn('lede.ini:2', err)


tap.main(globals())
