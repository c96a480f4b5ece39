# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of requests and of slow searches: what stands in them, where they go, that nobody can fake one, and that nobody waits for them."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from program import BINARY, Case, NEWS, Server, WAIT_S, environment, run, wait_until
import tap

TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
STAGES = {'queue', 'parse', 'match', 'fetch', 'highlight', 'write'}
COMBINED = re.compile(r'^(\S+) - (\S+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] '
                      r'"((?:[^"\\]|\\.)*)" (\d{3}) (\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$')
# What ends a line, a field, or turns what stands behind it, as a header's value can have it.
DECEPTIVE = ['a" 200 1 "x', 'a\\', '","status":200,"x":"', 'a\tb', 'caf\xc3\xa9 \xe2\x80\xae evil', '\xc2\x85next', '\xe2\x80\xa8line', 'x' * 4000]


class Lines(Case):
    def settings(self, form='json', to=None, **more):
        return environment(LEDE_LOG_REQUESTS=form, LEDE_LOG_REQUESTS_TO=to or self.path('requests'),
                           **{f'LEDE_LOG_{name.upper()}': str(value) for name, value in more.items()})

    def lines(self, name='requests'):
        if not os.path.exists(self.path(name)):
            return []
        with open(self.path(name), 'rb') as file:
            whole, _, _ = file.read().rpartition(b'\n')
        return whole.decode().split('\n') if whole else []

    def entries(self, count, name='requests'):
        wait_until(lambda: len(self.lines(name)) >= count, f'{count} lines')
        return [json.loads(line) for line in self.lines(name)]

    def ask(self, server, path, headers=None, method='GET'):
        """(status, body, headers) of a request whose parts go out as they are."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=WAIT_S)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value.encode('latin-1'))
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def lost(self, server):
        with urllib.request.urlopen(server.url + '/metrics', timeout=WAIT_S) as answer:
            return int(re.search(r'^lede_access_log_lost_lines_total (\d+)$', answer.read().decode(), re.M).group(1))

    def test_a_line_of_json_tells_who_asked_what_and_where_the_time_went(self):
        self.imported(NEWS)
        with Server('--data', self.data, env=self.settings()) as server:
            headers = {'X-Request-Id': 'mine-7', 'User-Agent': 'curl/8', 'traceparent': f'00-{TRACE}-00f067aa0ba902b7-01'}
            _, body, answered = self.ask(server, '/search?q=ferry+OR+harbour&cache=0', headers)
            self.ask(server, '/nowhere')
            self.ask(server, '/documents/none', method='DELETE')
            told = {entry['address']: entry for entry in self.entries(3)}
        first, second, third = (told[address] for address in ('/search?q=ferry+OR+harbour&cache=0', '/nowhere', '/documents/none'))
        self.assertEqual({name: first[name] for name in ('request', 'trace', 'parent', 'client', 'method', 'route', 'address', 'agent', 'status', 'bytes')},
                         {'request': 'mine-7', 'trace': TRACE, 'parent': '00f067aa0ba902b7', 'client': '127.0.0.1', 'method': 'GET', 'route': '/search',
                          'address': '/search?q=ferry+OR+harbour&cache=0', 'agent': 'curl/8', 'status': 200, 'bytes': len(body)})
        self.assertIn(f'-{first["span"]}-', answered['traceparent'])
        self.assertRegex(first['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
        self.assertEqual(set(first['stages_ms']), STAGES)
        self.assertLessEqual(sum(first['stages_ms'].values()), first['ms'] + 0.01)
        self.assertEqual((second['status'], second['method'], 'route' in second), (404, 'GET', False))
        self.assertEqual((third['status'], third['route']), (404, '/documents/{id}'))

    def test_combined_lines_are_those_of_web_servers(self):
        with Server('--data', self.data, env=self.settings('combined')) as server:
            self.ask(server, '/search?q=%22a%20b%22', {'User-Agent': 'a "quoted" agent', 'Referer': 'https://example.org/page?key=secret'})
            self.ask(server, '/nowhere', method='HEAD')
            wait_until(lambda: len(self.lines()) == 2, 'two lines')
        first, second = sorted((COMBINED.match(line).groups() for line in self.lines()), key=lambda fields: fields[4])
        self.assertEqual((first[0], first[1], first[3], first[4]), ('127.0.0.1', '-', 'GET /search?q=%22a%20b%22 HTTP/1.1', '200'))
        self.assertEqual(first[6:], ('https://example.org/page', 'a \\"quoted\\" agent'))
        self.assertEqual(second[3:], ('HEAD /nowhere HTTP/1.1', '404', '0', '-', '-'))

    def test_nobody_can_fake_a_line_or_a_field(self):
        for form in ('json', 'combined'):
            with Server('--data', self.data, env=self.settings(form, self.path(form))) as server:
                for text in DECEPTIVE:
                    self.ask(server, '/search', {'User-Agent': text, 'Referer': text, 'X-Request-Id': text})
                paths = ['/%0a{"status":200}', '/x%0d%0a127.0.0.1', '/%e2%80%ae', '/%c2%85', '/%22%20200%20', '/a%20status=200', '/' + 'x' * 3000]
                for path in paths:
                    self.ask(server, path)
                wait_until(lambda: len(self.lines(form)) == len(DECEPTIVE) + len(paths), 'a line of each')
            for line in self.lines(form):
                self.assertLess(len(line), 8000)
                self.assertTrue(all(32 <= ord(c) < 127 or (ord(c) > 0xA0 and not 0x2000 <= ord(c) < 0x2070) for c in line), line)
                if form == 'json':
                    entry = json.loads(line)
                    self.assertEqual(entry['status'], 404 if entry['address'] != '/search' else 200)
                    self.assertEqual(line.count('"status":'), 1)
                else:
                    self.assertRegex(line, COMBINED)

    def test_no_key_is_in_a_line_but_its_id(self):
        key = run('key', 'new', '--data', self.data, '--rights', 'search')[1].strip()
        feed = run('key', 'new', '--data', self.data, '--rights', 'feed')[1].strip()
        with Server('--data', self.data, env=self.settings()) as server:
            self.assertEqual(self.ask(server, '/search?q=x', {'Authorization': f'Bearer {key}'})[0], 200)
            self.assertEqual(self.ask(server, f'/search.rss?q=x&key={feed}', {'User-Agent': feed, 'Referer': f'http://x/{feed}'})[0], 200)
            self.assertEqual(self.ask(server, f'/{key}')[0], 404)
            told = {entry['address']: entry.get('key') for entry in self.entries(3)}
        self.assertEqual(told, {'/search?q=x': key[5:13], '/search.rss?q=x&key=...': feed[5:13], f'/lede_{key[5:13]}_...': None})
        text = '\n'.join(self.lines())
        self.assertNotIn(key[14:], text)
        self.assertNotIn(feed[14:], text)

    def test_what_is_asked_with_a_key_without_texts_is_in_no_line(self):
        self.imported(NEWS)
        told = run('key', 'new', '--data', self.data, '--rights', 'search')[1].strip()
        untold = run('key', 'new', '--data', self.data, '--rights', 'search', '--no-texts')[1].strip()
        with Server('--data', self.data, env=self.settings(slow_ms=1)) as server:
            self.until_slow(server, 'ferry', told)
            self.until_slow(server, 'harbour', untold)
            wait_until(lambda: {entry['key'] for entry in map(json.loads, self.lines())} == {told[5:13], untold[5:13]}, 'both keys')
            log, entries = server.log(), [json.loads(line) for line in self.lines()]
        self.assertIn(' query="ferry', log)
        self.assertNotIn('harbour', log)
        for entry in entries:
            self.assertRegex(entry['address'], r'^/search\?q=ferry' if entry['key'] == told[5:13] else '^/search$')
        with Server('--data', self.data, env=self.settings(to=self.path('quiet'), texts='false', slow_ms=1)) as server:
            self.until_slow(server, 'ferry', told)
            self.assertNotIn('ferry', server.log())
            self.assertEqual({entry['address'] for entry in self.entries(1, 'quiet')}, {'/search'})

    def until_slow(self, server, word, key=None):
        """Search for it, and for what begins like it, until that takes more than a millisecond."""
        asked = 0
        end, before = time.monotonic() + 30, server.log().count('slow search')
        while server.log().count('slow search') == before and time.monotonic() < end:
            asked += 1
            headers = {'X-Request-Id': f'slow-{asked}', **({'Authorization': f'Bearer {key}'} if key else {})}
            self.ask(server, f'/search?q={word}+OR+"the+crew%22+OR+{word[:3]}*+OR+x{asked}&limit=100&cache=0', headers)
            time.sleep(0.05)
        self.assertGreater(server.log().count('slow search'), before)

    def test_a_slow_search_is_told_with_its_stages_its_query_and_what_was_read(self):
        self.imported(NEWS)
        with Server('--data', self.data, env=environment(LEDE_LOG_SLOW_MS='1')) as server:
            self.until_slow(server, 'ferry')
            log = server.log()
        self.assertRegex(log, r'Z warning slow search GET /search request=slow-\d+ ms=[\d.]+ queue=[\d.]+ parse=[\d.]+ match=[\d.]+ fetch=[\d.]+ '
                              r'highlight=[\d.]+ write=[\d.]+ hits=[1-9]\d* found=\d+ read=\d+ read_bytes=\d+ query="ferry OR \\"the crew\\" OR fer\* OR x\d+"\n')
        with Server('--data', self.data, env=environment(LEDE_LOG_SLOW_MS='0')) as server:
            self.ask(server, '/search?q=ferry+OR+fer*&limit=1000&cache=0')
            server.stop()
            self.assertNotIn('slow', server.log())

    def test_a_file_is_opened_anew_on_sighup(self):
        with Server('--data', self.data, env=self.settings()) as server:
            self.ask(server, '/search?q=before')
            self.entries(1)
            os.rename(self.path('requests'), self.path('requests.1'))
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: os.path.exists(self.path('requests')), 'the new file')
            self.ask(server, '/search?q=after')
            self.assertEqual([entry['address'] for entry in self.entries(1)], ['/search?q=after'])
        self.assertEqual(os.stat(self.path('requests')).st_mode & 0o007, 0)
        self.assertEqual(len(self.lines('requests.1')), 1)

    def test_where_the_file_cannot_be_opened_it_does_not_start_or_goes_on_as_it_was(self):
        code, _, err = run('serve', '--data', self.data, '--listen', '127.0.0.1:0', env=self.settings(to=self.path('no/such/file')))
        self.assertEqual(2, code)
        self.assertIn(self.path('no/such/file'), err)
        config = self.write('lede.ini', f'[log]\nrequests = json\nrequests_to = {self.path("requests")}\n')
        with Server('--config', config, '--data', self.data) as server:
            self.write('lede.ini', f'[log]\nrequests = json\nrequests_to = {self.path("no/such/file")}\n')
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: 'everything stays as it was' in server.log(), 'the refusal')
            self.ask(server, '/search?q=still')
            self.assertEqual(self.entries(1)[0]['address'], '/search?q=still')

    def test_a_full_disk_is_said_once_counted_and_waited_for_by_nobody(self):
        with Server('--data', self.data, env=self.settings(to='/dev/full')) as server:
            for number in range(30):
                self.assertEqual(self.ask(server, f'/search?q={number}')[0], 200)
            wait_until(lambda: self.lost(server) >= 30, 'the lost lines')
            wait_until(lambda: 'lines of requests are lost: No space left on device' in server.log(), 'the word about them')
            self.assertEqual(server.log().count('lines of requests are lost'), 1)
            self.assertEqual(0, server.stop())

    @tap.timeout(180)
    def test_a_pipe_that_nobody_reads_holds_nobody_up(self):
        os.mkfifo(self.path('pipe'))
        reader = os.open(self.path('pipe'), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        with Server('--data', self.data, env=self.settings(to=self.path('pipe'))) as server:
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=WAIT_S)
            for number in range(1500):  # a pipe has 64 KiB, the ring 1 MiB
                connection.request('GET', f'/health/live?{number}' + 'x' * 1000)
                connection.getresponse().read()
            connection.close()
            wait_until(lambda: self.lost(server) > 0, 'lost lines')
            wait_until(lambda: 'lines of requests are lost: nobody reads them' in server.log(), 'the word about them')
            self.assertEqual(server.log().count('lines of requests are lost'), 1)
            before = time.monotonic()
            self.assertEqual(0, server.stop())
            self.assertLess(time.monotonic() - before, 30)  # it gives up after a second
        self.assertTrue(os.read(reader, 100000).startswith(b'{"time":'))

    def test_the_journal_has_a_line_of_each_request(self):
        """In a namespace of its own, where the journal's socket is ours."""
        if not shutil.which('unshare') or subprocess.run(['unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], capture_output=True, check=False).returncode:
            self.skipTest('no mount namespace here')
        os.mkdir(self.path('journal'))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.settimeout(WAIT_S)
            journal.bind(self.path('journal/socket'))
            script = self.write('lede', '#!/bin/sh\nexec unshare -m sh -c \'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && '
                                f'mount --bind "$0" /run/systemd/journal && exec "$@"\' "{self.path("journal")}" "{BINARY}" "$@"\n')
            os.chmod(script, 0o755)
            with Server('--data', self.data, env=self.settings(to='journald'), program=script) as server:
                self.ask(server, '/search?q=journalled')
                fields = dict(line.split('=', 1) for line in journal.recv(65536).decode().strip().split('\n'))
        self.assertEqual(json.loads(fields['MESSAGE'])['address'], '/search?q=journalled')
        self.assertEqual((fields['SYSLOG_IDENTIFIER'], fields['PRIORITY']), ('lede-requests', '6'))

    def test_commands_hand_on_the_trace_of_who_runs_them(self):
        with Server('--data', self.data, env=self.settings()) as server:
            env = environment(TRACEPARENT=f'00-{TRACE}-00f067aa0ba902b7-01', TRACESTATE='vendor=1')
            self.assertEqual(0, run('stats', '--url', server.url, env=env)[0])
            self.assertEqual(0, run('import', '--url', server.url, NEWS, env=env)[0])
            self.assertEqual(0, run('stats', '--url', server.url, env=environment(TRACEPARENT='no trace'))[0])
            entries = [entry for entry in self.entries(3) if entry['route'] in ('/stats', '/documents')]
        self.assertEqual(sorted((entry['route'], entry.get('trace', ''), entry.get('parent', '')) for entry in entries),
                         [('/documents', TRACE, '00f067aa0ba902b7'), ('/stats', '', ''), ('/stats', TRACE, '00f067aa0ba902b7')])


tap.main(globals())
