# SPDX-License-Identifier: GPL-2.0-or-later
"""The program under test as a child process, with a client of its HTTP API. Every wait is bounded.

LEDE_BINARY is the program. LEDE_VARIANT, where it is asan or tsan, says that it is a sanitizer's build: it is slower, and its memory
says nothing. LEDE_SHARED is a directory with larger corpora; without it, ../shared beside the checkout is looked at."""
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, 'tests'), os.path.join(ROOT, 'tests', 'http')]
from client import Client, chunk, zstd  # noqa: E402,F401

BINARY = os.environ.get('LEDE_BINARY', '')
VARIANT = os.environ.get('LEDE_VARIANT', '')
SANITIZED = VARIANT in ('asan', 'tsan')
WAIT_S = 200 if SANITIZED else 60
MIB = 1 << 20
JSON = {'Content-Type': 'application/json'}
NDJSON = {'Content-Type': 'application/x-ndjson'}
SAMPLE = os.path.join(ROOT, 'tests', 'data', 'news.ndjson')
PLAIN = os.path.join(ROOT, 'tests', 'data', 'plain')


def shared(name):
    """A file of the larger corpora, or None."""
    directory = os.environ.get('LEDE_SHARED') or os.path.join(os.path.dirname(ROOT), 'shared')
    path = os.path.join(directory, 'data', name)
    return path if os.path.exists(path) else None


def needs_shared(name):
    path = shared(name)
    if path is None:
        raise unittest.SkipTest(f'there is no shared data: {name}')
    return path


def read_documents(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file if line.strip()]


def lines(documents):
    """NDJSON, as bytes."""
    return ''.join(json.dumps(document, ensure_ascii=False) + '\n' for document in documents).encode()


def query(path, parameters):
    """An address; a list of pairs lets a name stand twice."""
    return path + '?' + urllib.parse.urlencode(parameters) if parameters else path


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.raw = body
        self.body = gzip.decompress(body) if headers.get('Content-Encoding') == 'gzip' else body

    def __getitem__(self, name):
        return self.headers.get(name)

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Program:
    """`lede serve` over a directory; `settings` are LEDE_<SECTION>_<KEY> in the environment. The first place of `listen` is asked, the
    others stand in `urls`; {home} in it is a directory of the program's own."""
    identity = {}  # of the process, as subprocess takes it: another user

    def __init__(self, data=None, listen='127.0.0.1:0', **settings):
        self.owns_data = data is None
        self.home = tempfile.mkdtemp(prefix='lede-api-')
        self.data = data or os.path.join(self.home, 'data')
        self.settings = settings
        self.listen = listen.format(home=self.home)
        self.process = None
        self.start()

    def start(self):
        environment = {**os.environ, 'LEDE_LOG_LEVEL': 'warning', **self.settings}
        self.log = open(os.path.join(self.home, 'log'), 'a+')
        self.process = subprocess.Popen([BINARY, 'serve', '--data', self.data, '--listen', self.listen],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, **self.identity)
        found = [re.fullmatch(r'lede: listening on (\S+)\n', self.process.stdout.readline()) for _ in self.listen.split(',')]
        if not all(found):
            self.process.wait(WAIT_S)
            raise RuntimeError(f'the program did not start: {self.log_text()}')
        self.urls = [line[1] for line in found]
        self.url = self.urls[0]
        self.port = urllib.parse.urlsplit(self.url).port

    def log_text(self):
        with open(self.log.name, errors='replace') as file:
            return file.read()

    # ---- Asking ----

    def ask(self, method, path, parameters=None, body=None, headers=None):
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=WAIT_S)
        try:
            connection.request(method, query(path, parameters), body=body, headers=headers or {})
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def get(self, path, headers=None, **parameters):
        return self.ask('GET', path, parameters, headers=headers)

    def search(self, q=None, **parameters):
        """The JSON of a search that must succeed. `in_` is the parameter `in`."""
        if q is not None:
            parameters['q'] = q
        if 'in_' in parameters:
            parameters['in'] = parameters.pop('in_')
        answer = self.get('/search', **parameters)
        assert answer.status == 200, f'{answer.status} for {parameters}: {answer.text}'
        return answer.json

    def ids(self, q=None, **parameters):
        parameters.setdefault('limit', 1000)
        return [hit['id'] for hit in self.search(q, fields='id', highlight='none', **parameters)['hits']]

    def total(self, q=None, **parameters):
        return self.search(q, limit=0, **parameters)['total']['value']

    def post(self, path, value, **parameters):
        return self.ask('POST', path, parameters, json.dumps(value).encode(), JSON)

    def bulk(self, documents, headers=None, **parameters):
        body = documents if isinstance(documents, bytes) else lines(documents)
        return self.ask('POST', '/documents', parameters, body, {**NDJSON, **(headers or {})})

    def put(self, identity, document, headers=None):
        return self.ask('PUT', '/documents/' + urllib.parse.quote(identity, safe=''), None, json.dumps(document).encode(),
                        {**JSON, **(headers or {})})

    def delete(self, identity, headers=None):
        return self.ask('DELETE', '/documents/' + urllib.parse.quote(identity, safe=''), headers=headers)

    def document(self, identity):
        answer = self.ask('GET', '/documents/' + urllib.parse.quote(identity, safe=''))
        return answer.json if answer.status == 200 else None

    def client(self):
        """A bare socket, for what libraries would not send."""
        return Client(self.port)

    def load_sample(self):
        with open(SAMPLE, 'rb') as file:
            answer = self.bulk(file.read())
        assert answer.status == 200 and answer.json['failed'] == 0, answer.text
        return read_documents(SAMPLE)

    # ---- The process ----

    def memory_peak_mib(self):
        with open(f'/proc/{self.process.pid}/status') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmHWM')) / 1024

    def forget_memory_peak(self):
        """VmHWM begins anew (proc(5), clear_refs)."""
        with open(f'/proc/{self.process.pid}/clear_refs', 'w') as file:
            file.write('5')

    def kill(self):
        """As by kill -9, or a power cut of the process alone."""
        self.process.kill()
        self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.log.close()

    def stop(self):
        """Its exit code; 0, unless it crashed or a sanitizer found something."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(WAIT_S)
            raise
        finally:
            self.process.stdout.close()
        if code != 0:
            print('\n'.join(f'# {line}' for line in self.log_text().splitlines()[-80:]), flush=True)
        self.log.close()
        return code

    def remove(self):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


class Keyed(Program):
    """A server with keys. X-Rights and X-Filter, of `headers` or of a request, stand for a key that has them; without X-Rights none is
    sent. A filter goes with the rights that it can bind."""
    ALL = {'X-Rights': 'search read write delete admin'}

    def __init__(self, headers=None, **settings):
        self.headers = self.ALL if headers is None else headers
        self.keys = {}
        super().__init__(**settings)

    def start(self):
        if not self.keys:
            made = subprocess.run([BINARY, 'key', 'new', '--data', self.data, '--rights', self.ALL['X-Rights'].replace(' ', ',')],
                                  capture_output=True, text=True, check=True, timeout=WAIT_S)
            self.keys[self.ALL['X-Rights'], None] = self.admin = made.stdout.strip()
        super().start()

    def make_key(self, key=None, **wanted):
        """POST /keys, with a key that may."""
        return super().ask('POST', '/keys', None, json.dumps(wanted).encode(), {**JSON, **self.bearer(key or self.admin)})

    @staticmethod
    def bearer(key):
        return {'Authorization': f'Bearer {key}'}

    def key(self, rights, filter_text=None):
        if (rights, filter_text) not in self.keys:
            bound = [right for right in rights.split() if not filter_text or right in ('search', 'read', 'delete')]
            answer = self.make_key(rights=bound, filter=filter_text or '')
            assert answer.status == 201, answer.text
            self.keys[rights, filter_text] = answer.json['key']
        return self.keys[rights, filter_text]

    def ask(self, method, path, parameters=None, body=None, headers=None):
        headers = {**self.headers, **(headers or {})}
        rights, filter_text = headers.pop('X-Rights', None), headers.pop('X-Filter', None)
        if rights is not None:
            headers.update(self.bearer(self.key(rights, filter_text)))
        return super().ask(method, path, parameters, body, headers)

    def close(self):
        code = self.stop()
        self.remove()
        assert code == 0, f'the program ended with {code}'


class WithProgram(unittest.TestCase):
    """A program for each class, which must end cleanly; `settings` as in Program; with_sample: the sample news is in it."""
    settings = {}
    with_sample = False

    @classmethod
    def setUpClass(cls):
        cls.lede = Program(**cls.settings)
        cls.documents = cls.lede.load_sample() if cls.with_sample else []

    @classmethod
    def tearDownClass(cls):
        code = cls.lede.stop()
        cls.lede.remove()
        assert code == 0, f'the program ended with {code}'

    def expect_problem(self, answer, status, name, **members):
        """The whole of a refusal: type, shape, id."""
        self.assertEqual(answer.status, status, answer.text[:500])
        self.assertEqual(answer['Content-Type'], 'application/problem+json')
        problem = answer.json
        self.assertEqual(problem['type'], f'/problems/{name}')
        self.assertEqual(problem['status'], status)
        self.assertTrue(problem['title'])
        self.assertEqual(problem['instance'], f"/requests/{answer['X-Request-Id']}")
        for key, value in members.items():
            self.assertEqual(problem.get(key), value, problem)
        return problem

    def until(self, is_so, within_s=WAIT_S):
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if is_so():
                return
            time.sleep(0.05)
        self.fail('it did not become so in time')
