# SPDX-License-Identifier: GPL-2.0-or-later
"""lede serve: its line, its signals, its settings, and what it refuses to start on."""
import ctypes
import os
import platform
import shutil
import signal
import socket
import struct
import subprocess
import time

from program import BINARY, Case, DATA, NEWS, SOURCE, Server, WAIT_S, environment, run, summary, wait_until
import tap


# Numbers of sched_setscheduler and ioprio_set.
IDLE_CALLS = {'x86_64': (144, 251), 'aarch64': (119, 30)}


def refuse_idle_priority():
    """In a child before it is the server: a filter, as a service's unit sets one, that answers EPERM."""
    calls = IDLE_CALLS[platform.machine()]
    code = [(0x20, 0, 0, 0)] + [(0x15, len(calls) - i, 0, number) for i, number in enumerate(calls)]
    code += [(0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x00050001)]
    packed = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in code))
    program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(code), ctypes.addressof(packed)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, program, 0, 0) != 0:
        os._exit(99)


class Serve(Case):
    def test_it_says_where_it_listens_and_answers_there(self):
        with Server('--data', self.data) as server:
            self.assertRegex(server.url, r'^http://127\.0\.0\.1:\d+$')
            self.assertEqual('ready', server.get('/health/ready')['status'])
            self.assertEqual(0, server.total())

    def test_it_listens_on_ipv6(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(('::1', 0))
        except OSError:
            self.skipTest('no IPv6 loopback here')
        with Server('--data', self.data, '--listen', '[::1]:0') as server:
            self.assertRegex(server.url, r'^http://\[::1\]:\d+$')
            self.assertEqual('live', server.get('/health/live')['status'])

    def test_either_signal_stops_it_in_good_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Server('--data', self.data) as server:
                self.assertEqual(0, server.stop(number))
                self.assertIn('stopping on', server.log())
            self.assertEqual(0, run('stats', '--data', self.data)[0])

    def test_check_says_whether_it_could_start(self):
        good = self.write('good.ini', '[server]\nlisten = [::1]:7\n[store]\ndata = there\n')
        self.assertEqual((0, "the settings are good: data in 'there', listening on http://[::1]:7\n", ''), run('serve', '--check', '--config', good))
        self.assertFalse(os.path.exists('there'))
        for text, complaint in (('[log]\nrequests = perhaps\n', ':2: requests: expected'), ('[server]\nlisten = 0.0.0.0:7\n', 'expected keys'),
                                ('[server]\nsynonyms = none\n', 'none')):
            config = self.write('bad.ini', text)
            code, out, err = run('serve', '--check', '--config', config, '--data', self.data)
            self.assertEqual((2, ''), (code, out))
            self.assertIn(complaint, err)

    def reload(self, server, told):
        """SIGHUP; waits for one more line of the log that tells how it went."""
        before = server.log().count(told)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: server.log().count(told) > before, told)

    def test_sighup_reads_the_settings_again_all_or_none(self):
        synonyms = self.write('words', 'kyiv, kiev\n')
        config = self.write('lede.ini', f'[server]\nsynonyms = {synonyms}\n')
        with Server('--config', config, '--data', self.data) as server:
            self.write('lede.ini', f'[server]\nsynonyms = {synonyms}\nqueue_length = 7\n[log]\nrequests = json\n')
            self.reload(server, 'queue_length of [server] has changed, and holds from the next start on')
            wait_until(lambda: server.total('logged') == 0 and 'q=logged' in server.log(), 'a request in the log')
            # A fault anywhere, and nothing is taken over: of the settings, of the list that they name.
            self.write('lede.ini', f'[server]\nsynonyms = {synonyms}\n[log]\nrequests = off\nlevel = loud\n')
            self.reload(server, f'everything stays as it was: {config}:5: level: expected')
            self.write('lede.ini', f'[server]\nsynonyms = {synonyms}\n[log]\nrequests = off\n')
            self.write('words', 'kyiv\n')
            self.reload(server, f'everything stays as it was: {synonyms}:1')
            wait_until(lambda: server.total('still') == 0 and 'q=still' in server.log(), 'a request in the log')

    def test_the_service_manager_is_told(self):
        address = self.path('manager')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(WAIT_S)
            config = self.write('lede.ini', '')
            with Server('--config', config, '--data', self.data, env=environment(NOTIFY_SOCKET=address, WATCHDOG_USEC='400000')) as server:
                self.assertEqual(f'READY=1\nSTATUS={server.url}', manager.recv(500).decode())
                self.assertEqual(b'WATCHDOG=1', manager.recv(500))
                self.write('lede.ini', 'nonsense')
                server.process.send_signal(signal.SIGHUP)
                self.assertRegex(self.next_word(manager), r'^RELOADING=1\nMONOTONIC_USEC=\d+$')
                self.assertRegex(self.next_word(manager), r'^READY=1\nSTATUS=.*lede.ini:1: ')
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual('STOPPING=1', self.next_word(manager))

    @staticmethod
    def next_word(manager):
        """What it is told next, beside that all is well."""
        while True:
            text = manager.recv(500).decode()
            if text != 'WATCHDOG=1':
                return text

    def test_the_start_script_prints_the_address_that_is_listened_on(self):
        tree = self.path('tree')
        for name in ('config', 'build/release/server', 'tests', 'bin'):
            os.makedirs(os.path.join(tree, name))
        for name in ('start', 'synonyms'):
            shutil.copy(os.path.join(SOURCE, 'config', name), os.path.join(tree, 'config'))
        for name in ('config/install-packages', 'build/release/build.ninja', 'bin/ninja'):
            self.write('tree/' + name, '#!/bin/sh\n')
        os.chmod(self.path('tree/bin/ninja'), 0o755)
        os.symlink(BINARY, self.path('tree/build/release/server/lede'))
        os.symlink(DATA, self.path('tree/tests/data'))
        with subprocess.Popen(['sh', 'config/start', '--listen', '127.0.0.1:0'], cwd=tree, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, env=environment(PATH=f"{tree}/bin:{os.environ['PATH']}")) as started:
            page, url = [], None
            for line in iter(started.stdout.readline, ''):
                url = line.split()[-1] if 'listening on' in line else url
                if line.startswith('The search page:'):
                    page.append(line.split()[-1])
                    break
            started.terminate()
            rest = started.stdout.read()
        self.assertEqual((0, [f'{url}/']), (started.returncode, page))
        self.assertEqual(3, rest.count(f'{url}/'))

    def test_refused_idle_priority_is_said_once(self):
        if platform.machine() not in IDLE_CALLS:
            self.skipTest('no numbers of system calls for this machine')
        told = 'the system refuses idle priority'
        with Server('--data', self.data, preexec_fn=refuse_idle_priority) as server:
            server.stop()
            self.assertEqual(1, server.log().count(told))
        with Server('--data', self.data) as server:
            server.stop()
            self.assertNotIn(told, server.log())

    def test_a_second_signal_ends_it_at_once(self):
        with Server('--data', self.data) as server:
            address = server.url.removeprefix('http://').split(':')
            with socket.create_connection((address[0], int(address[1])), timeout=10) as slow:
                # A write that never ends keeps the server waiting for its grace.
                slow.sendall(b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
                             b'Content-Length: 1000\r\n\r\n{')
                wait_until(lambda: server.get('/stats')['http']['connections'] >= 1, 'the slow connection')
                server.process.send_signal(signal.SIGTERM)
                wait_until(lambda: 'stopping on' in server.log(), 'the first signal')
                self.assertEqual(-signal.SIGTERM, server.stop(signal.SIGTERM))

    @tap.timeout(120)
    def test_a_stop_during_a_slow_upload_takes_less_than_ten_seconds_and_says_what_is_kept(self):
        with Server('--data', self.data) as server:
            address = server.url.removeprefix('http://').split(':')
            with socket.create_connection((address[0], int(address[1])), timeout=WAIT_S) as slow:
                slow.sendall(b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
                             b'Content-Length: 100000\r\n\r\n{"id": "kept", "title": "kept"}\n{"id": "cut", ')
                wait_until(lambda: server.total('kept') == 1, 'the first document')
                slow.sendall(b'"title": "kept"}\n{"id"')
                started = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                answer = b''
                while block := slow.recv(65536):
                    answer += block
            self.assertEqual(0, server.process.wait(WAIT_S))
            self.assertLess(time.monotonic() - started, 9)
            self.assertIn(b'HTTP/1.1 503 ', answer)
            self.assertIn(b'of the 2 documents that came 2 are kept', answer)
        with Server('--data', self.data) as server:
            self.assertEqual(2, server.total('kept'))

    def test_settings_come_from_file_then_environment_then_flags(self):
        config = self.write('lede.ini', '[store]\ndata = from-file\n[log]\nrequests = json\n')
        with Server('--config', config, cwd=self.directory):
            self.assertTrue(os.path.exists(self.path('from-file/manifest.json')))
        with Server('--config', config, cwd=self.directory, env=environment(LEDE_STORE_DATA='from-environment')):
            self.assertTrue(os.path.exists(self.path('from-environment/manifest.json')))
        with Server('--config', config, '--data', 'from-flag', cwd=self.directory,
                    env=environment(LEDE_STORE_DATA='from-environment')):
            self.assertTrue(os.path.exists(self.path('from-flag/manifest.json')))

    def test_without_settings_the_data_is_kept_in_lede_data(self):
        with Server(cwd=self.directory):
            self.assertTrue(os.path.exists(self.path('lede-data/manifest.json')))

    def test_a_bad_setting_is_refused_with_file_line_and_what_was_expected(self):
        config = self.write('lede.ini', '[server]\n\nlisten = nowhere\n')
        code, out, err = run('serve', '--config', config)
        self.assertEqual((2, ''), (code, out))
        self.assertIn(f'{config}:3: listen: expected an address and a port', err)
        self.assertIn("found 'nowhere'", err)

    def test_an_unknown_setting_is_refused_wherever_it_stands(self):
        config = self.write('lede.ini', '[server]\nport = 80\n')
        self.assertIn(f"{config}:2: no setting is called 'port' in [server]", run('serve', '--config', config)[2])
        code, _, err = run('serve', '--listen', '127.0.0.1:99999', cwd=self.directory)
        self.assertEqual(2, code)
        self.assertIn('--listen: expected an address and a port', err)

    def test_unknown_variables_are_a_warning(self):
        """Kubernetes sets such for a service that is called lede-server."""
        variables = {'LEDE_SERVER_SERVICE_HOST': '10.0.0.1', 'LEDE_SERVER_PORT': 'tcp://10.0.0.1:5333', 'LEDE_SERVER_PORT_5333_TCP_PROTO': 'tcp'}
        with Server('--data', self.data, env=environment(**variables)) as server:
            self.assertEqual(0, server.total())
            for name in variables:
                self.assertIn(f'warning: {name}: no setting has this name', server.log())

    def test_a_missing_settings_file_is_said(self):
        code, _, err = run('serve', '--config', self.path('none.ini'))
        self.assertEqual(2, code)
        self.assertIn('none.ini', err)

    def test_a_port_that_is_taken_is_said(self):
        with Server('--data', self.data) as server:
            code, out, err = run('serve', '--data', self.path('other'), '--listen', server.url.removeprefix('http://'))
            self.assertEqual((2, ''), (code, out))
            self.assertIn('Address already in use', err)

    def test_a_second_process_is_refused_and_the_holder_named(self):
        with Server('--data', self.data) as server:
            for command in (['serve', '--listen', '127.0.0.1:0'], ['import', NEWS], ['search', 'x'], ['stats']):
                code, out, err = run(command[0], '--data', self.data, *command[1:])
                self.assertEqual((2, ''), (code, out))
                self.assertIn(f'in use by process {server.process.pid} ', err)

    def test_a_directory_of_a_newer_version_is_refused(self):
        self.imported(NEWS)
        path = self.path('data/manifest.json')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        self.assertRegex(text, r'"format":\s*\d+')
        import re
        self.write('data/manifest.json', re.sub(r'"format":\s*\d+', '"format": 99', text))
        code, _, err = run('serve', '--data', self.data)
        self.assertEqual(2, code)
        self.assertIn('version', err)

    def test_a_directory_that_cannot_be_made_is_said(self):
        code, _, err = run('serve', '--data', self.path('missing/parent'))
        self.assertEqual(2, code)
        self.assertIn('missing/parent', err)
        self.write('file', 'x')
        code, _, err = run('serve', '--data', self.path('file'))
        self.assertEqual(2, code)
        self.assertIn(self.path('file'), err)

    def test_nothing_is_logged_of_requests_by_default(self):
        with Server('--data', self.data) as server:
            server.get('/search', q='harbour')
            server.stop()
            self.assertNotIn('/search', server.log())

    def test_killed_right_after_an_imports_answer_nothing_is_lost(self):
        with Server('--data', self.data) as server:
            code, out, err = run('import', '--url', server.url, NEWS)
            server.stop(signal.SIGKILL)
            self.assertEqual(0, code, err)
            created = summary(out)['created']
        with Server('--data', self.data) as server:
            self.assertEqual(created, server.total())
            code, out, _ = run('import', '--url', server.url, NEWS)
            self.assertEqual((0, created), (code, summary(out)['unchanged']))


tap.main(globals())
