# SPDX-License-Identifier: GPL-2.0-or-later
"""Several places to listen at, TLS and its certificates, sockets that are inherited: over the program itself."""
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from program import BINARY, WAIT_S, Client, Program, WithProgram
from certificates import OPENSSL, Authority
import tap


def run(*arguments, **how):
    """The program, to its end: (exit code, standard output, standard error)."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, timeout=WAIT_S, text=True, check=False, **how)
    return done.returncode, done.stdout, done.stderr


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=WAIT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(self.path)


def ask_unix(path, target, host='localhost', method='GET', headers=None):
    connection = UnixConnection(path)
    try:
        connection.request(method, target, headers={'Host': host, **(headers or {})})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def stopped(lede):
    code = lede.stop()
    lede.remove()
    return code


class Places(unittest.TestCase):
    def test_each_place_serves_the_same_archive(self):
        places = ['127.0.0.1:0', 'localhost:0', 'unix:{home}/sock 0660']
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(('::1', 0))
            places.append('[::1]:0')
        except OSError:
            pass
        lede = Program(listen=', '.join(places))
        path = lede.urls[2].removeprefix('unix:')
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
        self.assertEqual(lede.put('a', {'title': 'ferry'}).status, 201)
        for url in lede.urls:
            code, out, err = run('search', '--url', url, '--json', 'ferry')
            self.assertEqual((code, '"a"' in out), (0, True), url + err)
            self.assertEqual(run('health', '--url', url)[:2], (0, 'ready\n'), url)
        self.assertEqual(ask_unix(path, '/health/ready')[0], 200)
        self.assertEqual(stopped(lede), 0)
        self.assertFalse(os.path.exists(path))

    def test_an_import_goes_through_a_unix_socket(self):
        lede = Program(listen='unix:{home}/sock')
        try:
            news = os.path.join(lede.home, 'news.ndjson')
            with open(news, 'w') as file:
                file.writelines(f'{{"id": "{number}", "title": "number {number} {"x" * 2000}"}}\n' for number in range(2000))
            self.assertEqual(run('import', '--url', lede.url, news)[0], 0)
            self.assertEqual(run('search', '--url', lede.url, 'number')[0], 0)
            code, _, err = run('search', '--url', 'unix:' + os.path.join(lede.home, 'none'), 'x')
            self.assertEqual(code, 2)
            self.assertIn("cannot ask 'unix:", err)
            self.assertIn('expected a URL', run('search', '--url', 'unix:sock', 'x')[2])
        finally:
            self.assertEqual(stopped(lede), 0)

    def test_a_socket_that_a_crash_has_left_is_taken_and_a_living_one_is_not(self):
        lede = Program(listen='unix:{home}/sock')
        path = lede.url.removeprefix('unix:')
        code, _, err = run('serve', '--data', os.path.join(lede.home, 'other'), '--listen', lede.url)
        self.assertEqual(code, 2)
        self.assertIn('Address already in use', err)
        lede.kill()
        self.assertTrue(os.path.exists(path))
        lede.start()
        self.assertEqual(ask_unix(path, '/health/ready')[0], 200)
        lede.kill()
        os.unlink(path)
        with open(path, 'w') as file:
            file.write('somebody else\'s')
        code, _, err = run('serve', '--data', lede.data, '--listen', lede.url)
        self.assertEqual((code, os.path.getsize(path)), (2, 15), err)
        shutil.rmtree(lede.home)

    def test_the_place_decides_which_host_is_ours(self):
        lede = Program(listen='127.0.0.1:0, 0.0.0.0:0, unix:{home}/sock', LEDE_SERVER_OPEN='true', LEDE_SERVER_NAMES='news.example')
        local, everywhere, by_file = lede.urls
        for url, host, status in ((local, '127.0.0.1', 200), (local, 'localhost:1', 200), (local, '[::1]', 200), (local, '192.0.2.7', 421),
                                  (local, 'evil.example', 421), (local, 'news.example', 200), (everywhere, '192.0.2.7', 200),
                                  (everywhere, 'evil.example', 421), (everywhere, 'localhost', 200), (by_file, 'localhost', 200),
                                  (by_file, '192.0.2.7', 421), (by_file, 'evil.example', 421), (by_file, 'news.example', 200)):
            if url == by_file:
                found, _ = ask_unix(url.removeprefix('unix:'), '/health/live', host)
            else:
                lede.port = int(url.rsplit(':', 1)[1])
                found = lede.get('/health/live', {'Host': host}).status
            self.assertEqual(found, status, (url, host))
        self.assertEqual(stopped(lede), 0)

    def test_without_keys_each_place_has_to_be_local(self):
        home = tempfile.mkdtemp(prefix='lede-places-')
        self.addCleanup(shutil.rmtree, home)
        for places in ('127.0.0.1:0, 0.0.0.0:0', 'unix:/tmp/never, [::]:0'):
            code, out, err = run('serve', '--data', home + '/data', '--listen', places)
            self.assertEqual((code, out), (2, ''))
            self.assertIn('expected keys', err)
        self.assertFalse(os.path.exists('/tmp/never'))

    def test_bad_places_are_refused_in_words(self):
        for places, words in (('127.0.0.1:80 https', "found '127.0.0.1:80 https'"), ('unix:relative', "found 'unix:relative'"),
                              ('127.0.0.1:0 tls', 'expected tls_certificate and tls_key'), ('127.0.0.1:0 redirect', 'expected an address with tls')):
            code, _, err = run('serve', '--check', '--listen', places)
            self.assertEqual(code, 2)
            self.assertIn(words, err)

    def test_connections_of_all_places_share_one_limit(self):
        lede = Program(listen='127.0.0.1:0, 127.0.0.1:0', LEDE_SERVER_CONNECTIONS='8')
        ports = [int(url.rsplit(':', 1)[1]) for url in lede.urls]
        idle = [Client(ports[number % 2]) for number in range(8)]
        for client in idle:
            self.assertEqual(client.ask('GET', '/health/live').status, 200)
        time.sleep(0.8)  # so that they are idle, and not on their way
        for port in ports * 4:
            self.assertEqual(Client(port).ask('GET', '/health/live').status, 200)
        self.assertLessEqual(lede.get('/stats').json['http']['connections'], 12)
        for client in idle:
            client.close()
        self.assertEqual(stopped(lede), 0)


# Places descriptors at 3 and behind, says so as systemd does, and becomes the program.
HAND_OVER = '''
import fcntl, os, sys
moved = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 100) for one in sys.argv[2].split()]
for number, one in enumerate(moved):
    os.dup2(one, 3 + number)
    os.close(one)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(moved)), LISTEN_FDNAMES=sys.argv[1])
os.execv(sys.argv[3], sys.argv[3:])
'''


class Inherited(unittest.TestCase):
    """As systemd hands sockets over: sd_listen_fds(3)."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix='lede-inherited-')
        self.addCleanup(shutil.rmtree, self.home)

    def start(self, sockets, names='x'):
        """Its first lines, one for each socket, and the process."""
        process = subprocess.Popen([sys.executable, '-c', HAND_OVER, names, ' '.join(str(one.fileno()) for one in sockets), BINARY, 'serve',
                                    '--data', self.home + '/data', '--listen', '127.0.0.1:1'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, pass_fds=[one.fileno() for one in sockets])
        return [process.stdout.readline() for _ in sockets], process

    def test_inherited_sockets_take_the_place_of_listen(self):
        path = os.path.join(self.home, 'sock')
        with socket.create_server(('127.0.0.1', 0)) as one, socket.socket(socket.AF_UNIX) as two:
            two.bind(path)
            two.listen()
            port = one.getsockname()[1]
            for _ in range(2):  # a second start finds them as they were
                lines, process = self.start([one, two], 'x:y')
                self.assertEqual(lines, [f'lede: listening on http://127.0.0.1:{port}\n', f'lede: listening on unix:{path}\n'])
                with Client(port) as client:
                    self.assertEqual(client.ask('GET', '/health/ready').status, 200)
                self.assertEqual(ask_unix(path, '/health/ready')[0], 200)
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=WAIT_S)
                self.assertEqual(process.returncode, 0)
                self.assertTrue(os.path.exists(path))

    def test_what_others_can_reach_needs_keys_here_too(self):
        with socket.create_server(('0.0.0.0', 0)) as one:
            _, process = self.start([one])
            self.assertIn('expected keys', process.communicate(timeout=WAIT_S)[1])
            self.assertEqual(process.returncode, 2)

    def test_a_descriptor_that_does_not_listen_is_refused_in_words(self):
        one, two = socket.socketpair()
        with one, two:
            _, process = self.start([one])
            self.assertIn('expected sockets that listen', process.communicate(timeout=WAIT_S)[1])


class TlsClient(Client):
    def __init__(self, port, context):
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname='127.0.0.1')


@unittest.skipUnless(OPENSSL, 'openssl is not here')
class Tls(WithProgram):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix='lede-tls-')
        cls.authority = Authority(cls.home)
        cls.certificate, cls.key = cls.authority.issue('first')
        settings = {'LEDE_SERVER_TLS_CERTIFICATE': cls.certificate, 'LEDE_SERVER_TLS_KEY': cls.key, 'LEDE_LOG_LEVEL': 'info',
                    'LEDE_SERVER_HSTS': 'max-age=31536000', 'LEDE_SERVER_REQUEST_TIMEOUT': '3s', 'LEDE_SERVER_UPLOAD_GRACE': '2s',
                    'LEDE_SERVER_UPLOAD_RATE': '1000'}
        cls.lede = Program(listen='127.0.0.1:0, 127.0.0.1:0 tls, 127.0.0.1:0 redirect', **settings)
        cls.tls_port, cls.redirect_port = (int(url.rsplit(':', 1)[1]) for url in cls.lede.urls[1:])
        cls.context = ssl.create_default_context(cafile=cls.authority.path)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.home)

    def client(self):
        return TlsClient(self.tls_port, self.context)

    def ask_tls(self, method, target, headers=(), body=b''):
        with self.client() as client:
            return client.ask(method, target, headers, body)

    def test_it_answers_with_a_certificate_that_its_authority_vouches_for(self):
        answer = self.ask_tls('GET', '/health/ready')
        self.assertEqual((answer.status, answer['strict-transport-security']), (200, 'max-age=31536000'))
        self.assertIsNone(self.lede.get('/health/ready')['Strict-Transport-Security'])

    def test_a_client_without_tls_is_not_answered(self):
        with Client(self.tls_port) as client:
            client.request('GET', '/health/ready')
            self.assertNotIn(b'HTTP/', b''.join(iter(lambda: client.socket.recv(4096), b'')))

    def test_versions_before_1_2_are_refused(self):
        for version, works in (('-tls1_1', False), ('-tls1_2', True), ('-tls1_3', True)):
            done = subprocess.run([OPENSSL, 's_client', '-connect', f'127.0.0.1:{self.tls_port}', version, '-cipher', 'ALL:@SECLEVEL=0', '-brief'],
                                  input=b'', capture_output=True, timeout=WAIT_S, check=False)
            self.assertEqual(done.returncode == 0 and b'CONNECTION ESTABLISHED' in done.stderr, works, (version, done.stderr))

    def test_ciphers_without_forward_secrecy_or_authentication_are_refused(self):
        for cipher in ('AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA'):
            done = subprocess.run([OPENSSL, 's_client', '-connect', f'127.0.0.1:{self.tls_port}', '-tls1_2', '-cipher', cipher, '-brief'],
                                  input=b'', capture_output=True, timeout=WAIT_S, check=False)
            self.assertNotEqual(done.returncode, 0, cipher)

    def test_large_bodies_and_answers_go_through(self):
        documents = b''.join(b'{"id": "big%d", "title": "large", "body": "%s"}\n' % (number, b'word ' * 2000) for number in range(1500))
        answer = self.ask_tls('POST', '/documents', ['Content-Type: application/x-ndjson'], documents)
        self.assertEqual(answer.status, 200, answer.text[:300])
        found = self.ask_tls('GET', '/search?q=large&limit=500&fields=id,body&highlight=none')
        self.assertEqual(found.status, 200)
        self.assertGreater(len(found.body), 4 << 20)

    def test_requests_follow_each_other_on_one_connection(self):
        with self.client() as client:
            for number in range(20):
                self.assertEqual(client.ask('PUT', f'/documents/k{number}', ['Content-Type: application/json'], b'{"title": "kept"}').status, 201)
            client.request('GET', '/health/live')
            client.request('GET', '/health/ready')
            self.assertEqual((client.reply().status, client.reply().status), (200, 200))

    def test_requests_cannot_be_smuggled_by_tls_either(self):
        hidden = 'DELETE /documents/victim HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
        self.assertIn(self.lede.put('victim', {'title': 'victim'}).status, (200, 201))
        for line in (f'Content-Length : {len(hidden)}', f'\0Content-Length: {len(hidden)}', f'Content-Length: {len(hidden)}\0', f'Content-Length: 1\r\nContent-Length: {len(hidden)}',
                     f'Content-Length: {len(hidden)}\r\nTransfer-Encoding : chunked', f'X: a\rContent-Length: {len(hidden)}', 'Transfer-Encoding: chunked\0',
                     f'Content-Length: {len(hidden)}\nX: y'):
            with self.client() as client:
                client.send(f'POST /documents HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}\r\n\r\n{hidden}')
                self.assertEqual(client.reply().status, 400, line)
                self.assertTrue(client.ends(), line)
        self.assertIsNotNone(self.lede.document('victim'))

    def test_what_cannot_be_parsed_is_a_problem_by_tls_too(self):
        with self.client() as client:
            client.send('GET / HTTP/9.9\r\n\r\n')
            reply = client.reply()
            self.assertEqual((reply.status, reply['content-type']), (505, 'application/problem+json'))
            self.assertTrue(client.ends())

    def test_a_body_that_comes_too_slowly_is_told_so(self):
        with self.client() as client:
            client.request('POST', '/documents', ['Content-Type: application/x-ndjson', 'Content-Length: 1000000'])
            client.send(b'{"title": "slow"}\n')
            self.assertEqual(client.reply().status, 408)
            self.assertTrue(client.ends())
        with self.client() as client:
            client.request('PUT', '/documents/slow', ['Content-Type: application/json', 'Content-Length: 1000'])
            client.send(b'{"title": ')
            self.assertEqual(client.reply().status, 408)

    def test_handshakes_that_never_end_hold_nothing(self):
        before = self.lede.memory_peak_mib()
        silent = []
        for hello in (b'', bytes.fromhex('16030100c8010000c40303') + bytes(20)):
            begun = [Client(self.tls_port) for _ in range(50)]
            for client in begun:
                client.send(hello)
            before_s = self.wanted_s()
            time.sleep(1)
            self.assertLess(self.wanted_s() - before_s, 0.8, hello)
            silent += begun
        self.assertEqual(self.ask_tls('GET', '/health/ready').status, 200)
        for client in silent:
            self.assertTrue(client.ends())
        self.assertLess(self.lede.memory_peak_mib() - before, 100)

    def wanted_s(self):
        """The processor time that its threads had and would have had, so that a machine under load tells the same."""
        total = 0
        for task in os.listdir(f'/proc/{self.lede.process.pid}/task'):
            with open(f'/proc/{self.lede.process.pid}/task/{task}/schedstat') as file:
                total += sum(int(field) for field in file.read().split()[:2])
        return total / 1e9

    def test_the_plain_port_sends_everybody_to_https(self):
        def ask(method, target, headers, body=b''):
            with Client(self.redirect_port) as client:
                client.request(method, target, headers, body)
                return client.reply(method)
        base = f'https://127.0.0.1:{self.tls_port}'
        for method, target, location in (('GET', '/', '/'), ('GET', '/search?q=%22a+b%22&limit=3', '/search?q=%22a+b%22&limit=3'),
                                         ('HEAD', '/documents/a%2Fb', '/documents/a%2Fb'), ('POST', '/documents', '/documents'), ('GET', '/none', '/none')):
            answer = ask(method, target, [], b'{"title": "x"}' if method == 'POST' else b'')
            self.assertEqual((answer.status, answer['location'], answer.body), (308, base + location, b''))
        with Client(self.redirect_port) as client:
            client.send('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n')
            self.assertEqual(client.reply().status, 421)
        with Client(self.redirect_port) as client:
            client.send('GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n')
            self.assertEqual(client.reply()['location'], f'https://[::1]:{self.tls_port}/')

    def test_the_command_line_asks_by_https(self):
        url = f'https://127.0.0.1:{self.tls_port}'
        self.assertEqual(run('health', '--url', url, '--ca-file', self.authority.path)[:2], (0, 'ready\n'))
        self.assertIn('certificate', run('health', '--url', url)[2])
        news = os.path.join(self.home, 'news.ndjson')
        with open(news, 'w') as file:
            file.write('{"id": "cli", "title": "imported by https"}\n')
        self.assertEqual(run('import', '--url', url, '--ca-file', self.authority.path, news)[0], 0)
        self.assertEqual(run('search', '--url', url, '--ca-file', self.authority.path, 'imported', 'https')[0], 0)

    # ---- Certificates ----

    def shown(self):
        """The name in the certificate that a new connection sees."""
        with self.client() as client:
            return dict(pair for (pair,) in client.socket.getpeercert()['subject'])['commonName']

    def reload(self, told):
        before = self.lede.log_text().count(told)
        self.lede.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.lede.log_text().count(told) > before)

    def put_in_place(self, certificate, key):
        shutil.copy(certificate, self.certificate)
        shutil.copy(key, self.key)

    def test_a_new_certificate_is_shown_from_sighup_on_and_connections_are_kept(self):
        old = self.shown()
        with self.client() as kept:
            self.assertEqual(kept.ask('GET', '/health/live').status, 200)
            for name, kind in (('rsa', ('rsa:2048',)), ('second', ('ec', '-pkeyopt', 'ec_paramgen_curve:P-384'))):
                self.put_in_place(*self.authority.issue(name, kind))
                self.assertEqual(self.shown(), old)
                self.reload('holds until')
                self.assertEqual(self.shown(), name)
                self.assertEqual(kept.ask('GET', '/health/live').status, 200)
                old = name

    def test_a_client_that_comes_again_is_known_by_its_ticket_until_the_certificate_changes(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=self.authority.path)
            context.minimum_version = context.maximum_version = version

            def visit(session=None):
                """One request, by which TLS 1.3's tickets have come: was the session known, and the one for the next time."""
                with socket.create_connection(('127.0.0.1', self.tls_port), timeout=WAIT_S) as plain:
                    with context.wrap_socket(plain, server_hostname='127.0.0.1', session=session) as secure:
                        secure.sendall(b'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
                        self.assertTrue(secure.recv(4096).startswith(b'HTTP/1.1 200'))
                        return secure.session_reused, secure.session
            was_known, session = visit()
            self.assertFalse(was_known)
            was_known, session = visit(session)
            self.assertTrue(was_known, version)
            self.put_in_place(*self.authority.issue('third'))
            self.reload('holds until')
            self.assertFalse(visit(session)[0])
            self.assertEqual(self.shown(), 'third')

    def test_a_certificate_with_a_fault_leaves_all_as_it_was(self):
        old = self.shown()
        good = [os.path.join(self.home, name) for name in ('good.pem', 'good.key')]
        for name, copy in zip((self.certificate, self.key), good):
            shutil.copy(name, copy)
        other, other_key = self.authority.issue('other')
        for certificate, key, words in ((good[0], other_key, 'the key is not the one of the first certificate'),
                                        (other, good[1], 'the key is not the one'), (good[1], good[1], 'cannot read the certificate'),
                                        (good[0], good[0], 'cannot read the key'), (None, good[1], 'tls_certificate: cannot open')):
            if certificate:
                self.put_in_place(certificate, key)
            else:
                os.unlink(self.certificate)
            self.reload('everything stays as it was: tls_certificate')
            self.assertIn(words, self.lede.log_text().rstrip('\n').splitlines()[-1])
            self.assertEqual(self.shown(), old)
        self.put_in_place(*good)
        self.reload('holds until')

    def test_one_that_has_expired_is_a_warning(self):
        good = [os.path.join(self.home, name) for name in ('valid.pem', 'valid.key')]
        for name, copy in zip((self.certificate, self.key), good):
            shutil.copy(name, copy)
        self.put_in_place(*self.authority.issue('late', days=-1))
        self.reload('has expired, clients refuse it: 2020-02-01T00:00:00Z')
        self.assertRegex(self.lede.log_text(), r'warning .*has expired')
        with self.assertRaisesRegex(ssl.SSLError, 'expired'):
            self.client()
        self.put_in_place(*good)
        self.reload('holds until')
        self.assertEqual(self.ask_tls('GET', '/health/live').status, 200)


@unittest.skipUnless(OPENSSL, 'openssl is not here')
class Stapling(unittest.TestCase):
    """What the authority says of a certificate goes out with it."""
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix='lede-ocsp-')
        self.addCleanup(shutil.rmtree, self.home)
        self.authority = Authority(self.home)
        self.certificate, self.key = self.authority.issue('stapled')

    def path(self, name):
        return os.path.join(self.home, name)

    def settings(self, response):
        return {'LEDE_SERVER_TLS_CERTIFICATE': self.certificate, 'LEDE_SERVER_TLS_KEY': self.key, 'LEDE_SERVER_TLS_OCSP': response,
                'LEDE_SERVER_LISTEN': '127.0.0.1:0 tls', 'LEDE_LOG_LEVEL': 'info'}

    def check(self, response):
        return run('serve', '--check', '--data', self.path('data'), env={**os.environ, **self.settings(response)})

    @staticmethod
    def stapled(lede, version):
        done = subprocess.run([OPENSSL, 's_client', '-connect', f'127.0.0.1:{lede.port}', '-status', version], input=b'', capture_output=True,
                              timeout=WAIT_S, check=False)
        return b'Cert Status: good' in done.stdout, b'OCSP response: no response sent' in done.stdout

    def late(self, response):
        """The same with its end in the past; the signature, at which clients look, no longer fits."""
        with open(response, 'rb') as file:
            text = file.read()
        at = text.index(b'\xa0\x11\x18\x0f') + 4  # nextUpdate
        with open(self.path('late.der'), 'wb') as file:
            file.write(text[:at] + b'2020' + text[at + 4:])
        return file.name

    def test_it_is_sent_for_as_long_as_it_holds(self):
        response = self.authority.vouch(self.certificate, self.path('good.der'))
        for file, expected, said in ((response, (True, False), 'is sent until'), (self.late(response), (False, True), 'has expired, and is not sent: 2020')):
            lede = Program(listen='127.0.0.1:0 tls', **self.settings(file))
            try:
                for version in ('-tls1_2', '-tls1_3'):
                    self.assertEqual(self.stapled(lede, version), expected, version)
                self.assertRegex(lede.log_text(), 'the answer of OCSP in .* ' + said)
            finally:
                self.assertEqual(stopped(lede), 0)

    def test_sighup_reads_it_again(self):
        response = self.authority.vouch(self.certificate, self.path('good.der'))
        good = self.path('kept.der')
        shutil.copy(response, good)
        shutil.copy(self.late(response), response)
        lede = Program(listen='127.0.0.1:0 tls', **self.settings(response))
        try:
            self.assertEqual(self.stapled(lede, '-tls1_3'), (False, True))
            shutil.copy(good, response)
            lede.process.send_signal(signal.SIGHUP)
            until = time.monotonic() + WAIT_S
            while 'is sent until' not in lede.log_text() and time.monotonic() < until:
                time.sleep(0.05)
            self.assertEqual(self.stapled(lede, '-tls1_3'), (True, False))
        finally:
            self.assertEqual(stopped(lede), 0)

    def test_one_that_does_not_vouch_for_the_certificate_is_refused_in_words(self):
        other, _ = self.authority.issue('other')
        for response, said in ((self.authority.vouch(other, self.path('other.der')), 'it is not about the first certificate'),
                               (self.authority.vouch(self.certificate, self.path('revoked.der'), 'R'), 'does not say that the certificate is good'),
                               (self.certificate, 'cannot read the answer of OCSP, DER'), (self.path('none.der'), 'tls_ocsp: cannot open')):
            code, _, err = self.check(response)
            self.assertEqual(code, 2, response)
            self.assertIn(said, err)
            self.assertIn('tls_ocsp', err)


if __name__ == '__main__':
    if not BINARY:
        tap.skip_all('LEDE_BINARY names no program')
    tap.main(globals())
