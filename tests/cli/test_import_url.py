# SPDX-License-Identifier: GPL-2.0-or-later
"""lede import --url: servers that restart, lose an answer, take little at once, or fail."""
import fcntl
import http.server
import json
import signal
import socket
import struct
import subprocess
import termios
import threading

from program import BINARY, Case, Server, environment, run, summary, wait_until
import tap


def lines(count, size=20):
    return ''.join(json.dumps({'id': f'n{i}', 'title': 'x' * size}) + '\n' for i in range(count))


class Stub(http.server.ThreadingHTTPServer):
    """Keeps ids, and does to its requests what `plan` says, the first thing first."""

    def __init__(self, plan=(), limit=1 << 30):
        super().__init__(('127.0.0.1', 0), StubHandler)
        self.plan, self.limit, self.ids, self.sizes = list(plan), limit, set(), []
        self.url = f'http://127.0.0.1:{self.server_address[1]}'
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        self.thread.start()

    def __exit__(self, *exception):
        self.shutdown()
        self.thread.join(60)
        super().__exit__(*exception)

    def handle_error(self, request, client_address):
        pass


class StubHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 60

    def log_message(self, *_words):
        pass

    def answer(self, status, body, media_type='application/json'):
        self.send_response(status)
        self.send_header('Content-Type', media_type)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, b'{"version": "stub"}')

    def do_POST(self):
        stub = self.server
        body = self.rfile.read(int(self.headers['Content-Length']))
        if len(body) > stub.limit:
            self.answer(413, b'<html>Request Entity Too Large</html>', 'text/html')
            return
        what = stub.plan.pop(0) if stub.plan else 'take'
        if what in (500, 503):
            self.answer(what, b'<html>no</html>', 'text/html')
            return
        ids = {json.loads(line)['id'] for line in body.split(b'\n') if line}
        created = len(ids - stub.ids)
        stub.ids |= ids
        stub.sizes.append(len(body))
        if what == 'lose':
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        counts = {'received': len(ids), 'created': created, 'updated': 0, 'unchanged': len(ids) - created, 'failed': 0}
        self.answer(200, json.dumps({**counts, 'errors': []}).encode())


def unread(pipe):
    """Bytes in a pipe that its reader has not taken."""
    return struct.unpack('i', fcntl.ioctl(pipe, termios.FIONREAD, b'\0' * 4))[0]


class ImportUrl(Case):
    def test_a_server_that_is_killed_and_started_again_has_all(self):
        with Server('--data', self.data) as server:
            address = server.url.removeprefix('http://')
            process = subprocess.Popen([BINARY, 'import', '--url', server.url, '-'], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            process.stdin.write(lines(200).encode())
            process.stdin.flush()
            wait_until(lambda: unread(process.stdin) == 0, 'the import to read')
            server.stop(signal.SIGKILL)
        process.stdin.close()
        process.stdin = None
        said = process.stderr.readline().decode()
        self.assertIn('waiting for it, up to 60 s', said)
        with Server('--data', self.data, '--listen', address) as server:
            out, err = process.communicate(timeout=120)
            self.assertEqual(0, process.returncode, err)
            self.assertIn('the server answers again', err.decode())
            self.assertEqual((200, 0), (summary(out.decode())['created'], summary(out.decode())['failed']))
            self.assertEqual(200, server.total())

    def test_a_lost_answer_is_told_and_the_batch_sent_again(self):
        path = self.write('news.ndjson', lines(50))
        with Stub(['lose']) as stub:
            code, out, err = run('import', '--url', stub.url, path)
        self.assertEqual((0, 50), (code, summary(out)['unchanged']), err)
        self.assertIn('the answer for 50 documents was lost and they were sent again', err)

    def test_a_busy_proxy_is_asked_again(self):
        path = self.write('news.ndjson', lines(50))
        with Stub([503, 503]) as stub:
            code, out, err = run('import', '--url', stub.url, path)
        self.assertEqual((0, 50), (code, summary(out)['created']), err)
        self.assertEqual(1, err.count('waiting for it'))
        self.assertNotIn('lost', err)

    def test_what_a_proxy_finds_too_large_is_halved_down_to_a_line(self):
        path = self.write('news.ndjson', lines(300) + json.dumps({'id': 'large', 'title': 'y' * 5000}) + '\n' +
                          lines(600))
        rejects = self.path('rejects.ndjson')
        with Stub(limit=4096) as stub:
            code, out, err = run('import', '--url', stub.url, '--rejects', rejects, path)
            self.assertEqual(600, len(stub.ids))
            self.assertLessEqual(max(stub.sizes), 4096)
            self.assertGreater(max(stub.sizes), 1024)
        self.assertEqual((1, {'documents': 901, 'created': 600, 'updated': 0, 'unchanged': 300, 'failed': 1}),
                         (code, summary(out)), err)
        with open(rejects, encoding='utf-8') as file:
            found = [json.loads(line) for line in file]
        self.assertEqual([(301, 413, '/problems/too-large')],
                         [(reject['line'], reject['status'], reject['type']) for reject in found])

    def test_a_failure_tells_what_is_stored_and_what_is_not_known(self):
        # The halves make several requests of one import.
        path = self.write('news.ndjson', lines(40))
        with Stub(['take', 500], limit=len(lines(40)) // 2 + 40) as stub:
            code, out, err = run('import', '--url', stub.url, path)
        self.assertEqual(2, code)
        created = summary(out)['created']
        self.assertEqual({'documents': created, 'created': created, 'updated': 0, 'unchanged': 0, 'failed': 0},
                         summary(out))
        self.assertTrue(0 < created < 40, created)
        self.assertRegex(err, rf'from .*news\.ndjson:{created + 1} on, \d+ documents were sent without an answer')
        self.assertIn('the server answered 500', err)

    def test_no_server_at_the_start_is_said_at_once(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            process = subprocess.Popen([BINARY, 'import', '--url', f'http://127.0.0.1:{taken.getsockname()[1]}', '-'],
                                       stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
            # Its input stays open: it does not read before it has asked.
            with process:
                self.assertEqual(2, process.wait(60))
                err = process.stderr.read().decode()
        self.assertIn('cannot ask', err)
        self.assertNotIn('waiting', err)


tap.main(globals())
