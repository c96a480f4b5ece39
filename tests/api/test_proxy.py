# SPDX-License-Identifier: GPL-2.0-or-later
"""Behind nginx and Caddy, by the very files of config/."""
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
from xml.etree import ElementTree

from program import BINARY, JSON, NDJSON, ROOT, WAIT_S, Answer, Program, lines, query
from certificates import OPENSSL, Authority
import tap

NAME = 'news.example.org'
ATOM = '{http://www.w3.org/2005/Atom}'
IDENTITY = 'https://example.org/a//b c?d'


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as free:
        return free.getsockname()[1]


def in_place(name, changes):
    """A file of config/ with its places changed; each has to be there."""
    with open(os.path.join(ROOT, 'config', name)) as file:
        text = file.read()
    for old, new in changes.items():
        assert old in text, f'{name} has no {old!r}'
        text = text.replace(old, new)
    return text


class Behind:
    """What has to be the same behind each proxy. `begin` starts it over files in `home`, and gives its process."""
    @classmethod
    def setUpClass(cls):
        cls.lede = Program(listen='127.0.0.1:0, unix:{home}/sock', LEDE_SERVER_TRUSTED_PROXIES='unix', LEDE_SERVER_NAMES=NAME,
                           LEDE_SERVER_REQUESTS_PER_ADDRESS='200', LEDE_SERVER_LIMIT_LOOPBACK='true', LEDE_LOG_LEVEL='info', LEDE_LOG_REQUESTS='json')
        cls.home = tempfile.mkdtemp(prefix='lede-proxy-')
        cls.authority = Authority(cls.home)
        cls.certificate, cls.key = cls.authority.issue(NAME)
        cls.plain_port, cls.port = free_port(), free_port()
        cls.proxy = cls.begin()
        cls.context = ssl.create_default_context(cafile=cls.authority.path)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', cls.port), timeout=5).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.home, name)
        with open(path, 'w') as file:
            file.write(text)
        return path

    @classmethod
    def tearDownClass(cls):
        cls.proxy.terminate()
        cls.proxy.wait(30)
        shutil.rmtree(cls.home, ignore_errors=True)
        code = cls.lede.stop()
        cls.lede.remove()
        assert code == 0, f'the program ended with {code}'

    @classmethod
    def secure(cls):
        """A connection that names the proxy's server, as its clients do, though it is on loopback."""
        connection = http.client.HTTPSConnection(NAME, cls.port, timeout=WAIT_S, context=cls.context)
        connection._create_connection = lambda address, timeout, source: socket.create_connection(('127.0.0.1', cls.port), timeout)
        return connection

    def ask(self, method, path, parameters=None, body=None, headers=None):
        connection = self.secure()
        try:
            connection.request(method, query(path, parameters), body=body, headers={'Host': NAME, **(headers or {})},
                               encode_chunked=False)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def test_plain_http_is_sent_to_https(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.plain_port, timeout=WAIT_S)
        connection.request('GET', '/lede/search?q=%22a%22', headers={'Host': NAME})
        reply = connection.getresponse()
        self.assertEqual((reply.status, reply.headers['Location']), (308, f'https://{NAME}/lede/search?q=%22a%22'))
        connection.close()

    def test_the_prefix_alone_leads_to_the_page(self):
        answer = self.ask('GET', '/lede')
        self.assertIn(answer.status, (301, 308))
        self.assertRegex(answer['Location'], '^(https://[^/]+)?/lede/$')

    def test_what_is_under_no_prefix_is_not_there(self):
        self.assertEqual(self.ask('GET', '/elsewhere').status, 404)

    def test_an_answer_has_its_tag_length_and_coding(self):
        """A proxy that asks for gzip of its own accord and unpacks it loses the length, and what it saves nobody."""
        for number in range(30):
            self.ask('PUT', f'/lede/documents/t{number}', None, b'{"title": "tagged"}', JSON)
        answers = {}
        for accepted in (None, 'identity', 'gzip'):
            connection = self.secure()
            connection.putrequest('GET', '/lede/search?q=tagged', skip_accept_encoding=True)
            if accepted:
                connection.putheader('Accept-Encoding', accepted)
            connection.endheaders()
            reply = connection.getresponse()
            answers[accepted] = (reply.headers['Content-Encoding'], reply.headers['Content-Length'] == str(len(reply.read())), reply.headers['ETag'])
            connection.close()
        tag = answers['identity'][2]
        self.assertEqual(answers, {None: (None, True, tag), 'identity': (None, True, tag), 'gzip': ('gzip', True, tag)})
        self.assertEqual(self.ask('GET', '/lede/search', {'q': 'tagged'}, headers={'If-None-Match': tag}).status, 304)

    def test_a_large_bulk_streams_through(self):
        documents = [{'id': f'bulk{number}', 'title': f'streamed {number}', 'body': 'words ' * 300} for number in range(20000)]
        answer = self.ask('POST', '/lede/documents', None, lines(documents), NDJSON)
        self.assertEqual((answer.status, answer.json['created']), (200, len(documents)), answer.text[:300])
        self.assertEqual(self.ask('GET', '/lede/search', {'q': 'streamed', 'limit': 0}).json['total']['value'], len(documents))

    def test_a_bulk_is_read_while_it_is_sent(self):
        """A proxy may keep it until its end, if it is not told."""
        connection = self.secure()
        connection.putrequest('POST', '/lede/documents', skip_host=True)
        for name, value in {'Host': NAME, **NDJSON, 'Transfer-Encoding': 'chunked'}.items():
            connection.putheader(name, value)
        connection.endheaders()
        line = b'{"id": "trickle", "title": "trickled"}\n'
        connection.send(b'%x\r\n%s\r\n' % (len(line), line))
        until = time.monotonic() + 20
        while time.monotonic() < until and not self.lede.document('trickle'):
            time.sleep(0.1)
        self.assertIsNotNone(self.lede.document('trickle'))
        connection.send(b'0\r\n\r\n')
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()

    def test_an_id_with_slashes_goes_through(self):
        path = '/lede/documents/' + urllib.parse.quote(IDENTITY, safe='')
        self.assertIn(self.ask('PUT', path, None, b'{"title": "slashes"}', JSON).status, (200, 201))
        self.assertEqual(self.ask('GET', path).json['id'], IDENTITY)
        self.assertEqual(self.ask('DELETE', path).status, 204)

    def test_addresses_have_the_prefix_scheme_and_name(self):
        for number in range(3):
            self.ask('PUT', f'/lede/documents/p{number}', None, b'{"title": "prefixed", "url": "https://e.example/"}', JSON)
        page = self.ask('GET', '/lede/search', {'q': 'prefixed', 'limit': 1}).json
        self.assertTrue(page['next'].startswith('/lede/search?'), page['next'])
        self.assertNotEqual(self.ask('GET', page['next']).json['hits'][0]['id'], page['hits'][0]['id'])
        feed = ElementTree.fromstring(self.ask('GET', '/lede/search.atom', {'q': 'prefixed'}).body)
        self.assertIn(f'https://{NAME}/lede/search.atom?q=prefixed', [link.get('href') for link in feed.iter(ATOM + 'link')])
        self.assertIn(f'https://{NAME}/lede/?q=', self.ask('GET', '/lede/opensearch.xml').text)
        self.assertEqual(self.ask('GET', '/lede/').status, 200)
        self.assertEqual(self.ask('GET', '/lede/assets/page.css').status, 200)

    def test_what_a_client_says_of_itself_changes_nothing(self):
        lies = {'X-Forwarded-For': '198.51.100.7', 'Forwarded': 'for=198.51.100.8;host=evil.example', 'X-Forwarded-Host': 'evil.example',
                'X-Forwarded-Proto': 'http', 'X-Forwarded-Prefix': '/evil', 'X-Request-Id': 'liar'}
        self.assertIn(f'https://{NAME}/lede/?q=', self.ask('GET', '/lede/opensearch.xml', headers=lies).text)
        strange = self.ask('GET', '/lede/health/live', headers={'Host': 'evil.example'})
        self.assertEqual((strange.status, strange['Content-Type']), self.of_another_name)
        until = time.monotonic() + 10
        while '"request":"liar"' not in self.lede.log_text() and time.monotonic() < until:
            time.sleep(0.05)
        self.assertRegex(self.lede.log_text(), r'"request":"liar","client":"127\.0\.0\.1",.*opensearch\.xml.*"status":200')

    def test_limits_go_by_the_client_and_429_is_passed_on(self):
        statuses, lock = [], threading.Lock()

        def ask_many():
            connection = self.secure()
            for _ in range(150):
                connection.request('GET', '/lede/version', headers={'Host': NAME})
                reply = connection.getresponse()
                text = reply.read()
                with lock:
                    statuses.append((reply.status, reply.headers['Retry-After'], reply.headers['Content-Type'], text))
            connection.close()
        threads = [threading.Thread(target=ask_many) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [answer for answer in statuses if answer[0] == 429]
        self.assertTrue(refused)
        self.assertEqual({answer[1:3] for answer in refused}, {('1', 'application/problem+json')})
        time.sleep(1.1)  # the limit is one of a second

    def test_413_is_passed_on(self):
        answer = self.ask('POST', '/lede/search', None, b'{"q": "' + b'x' * (1 << 20) + b'"}', JSON)
        self.assertEqual((answer.status, answer['Content-Type']), (413, 'application/problem+json'))

    def test_an_answer_larger_than_its_buffers_goes_through(self):
        self.ask('PUT', '/lede/documents/huge', None, b'{"title": "huge", "body": "' + b'long words ' * 300000 + b'"}', JSON)
        answer = self.ask('GET', '/lede/documents/huge')
        self.assertEqual(len(answer.json['body'].split()), 600000)


@unittest.skipUnless(shutil.which('nginx') and OPENSSL, 'nginx or openssl is not here')
class Nginx(Behind, unittest.TestCase):
    of_another_name = (421, 'application/problem+json')

    @classmethod
    def begin(cls):
        changes = {'unix:/run/lede/lede.sock': cls.lede.urls[1], '    listen [::]:80;\n': '', '    listen [::]:443 ssl http2;\n': '',
                   'listen 80;': f'listen 127.0.0.1:{cls.plain_port};', 'listen 443 ssl': f'listen 127.0.0.1:{cls.port} ssl',
                   f'/etc/ssl/{NAME}.pem': cls.certificate, f'/etc/ssl/private/{NAME}.key': cls.key}
        site = cls.write('lede.conf', in_place('nginx.conf', changes))
        temporary = ''.join(f'{kind}_temp_path {cls.home}/{kind};' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        user = 'user root;' if os.getuid() == 0 else ''
        whole = cls.write('nginx.conf', f'daemon off; {user} pid {cls.home}/pid; error_log {cls.home}/error; events {{}} '
                                        f'http {{ access_log off; {temporary} include {site}; }}')
        return subprocess.Popen(['nginx', '-e', f'{cls.home}/error', '-c', whole], stderr=subprocess.DEVNULL)


@unittest.skipUnless(shutil.which('caddy') and OPENSSL, 'caddy or openssl is not here')
class Caddy(Behind, unittest.TestCase):
    of_another_name = (200, None)  # Caddy's own answer, without a byte

    @classmethod
    def begin(cls):
        options = f'{{\n\tadmin off\n\thttp_port {cls.plain_port}\n\thttps_port {cls.port}\n\tdefault_bind 127.0.0.1\n}}\n'
        changes = {'unix//run/lede/lede.sock': cls.lede.urls[1].replace('unix:', 'unix/', 1), f'{NAME} {{\n': f'{NAME} {{\n\ttls {cls.certificate} {cls.key}\n'}
        site = cls.write('Caddyfile', options + in_place('Caddyfile', changes))
        environment = {**os.environ, 'HOME': cls.home, 'XDG_DATA_HOME': cls.home, 'XDG_CONFIG_HOME': cls.home}
        with open(os.path.join(cls.home, 'log'), 'w') as log:
            return subprocess.Popen(['caddy', 'run', '--adapter', 'caddyfile', '--config', site], stderr=log, env=environment)

    def test_its_file_is_one_that_it_takes(self):
        done = subprocess.run(['caddy', 'validate', '--adapter', 'caddyfile', '--config', os.path.join(ROOT, 'config', 'Caddyfile')],
                              capture_output=True, timeout=WAIT_S, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == '__main__':
    if not BINARY:
        tap.skip_all('LEDE_BINARY names no program')
    tap.main(globals())
