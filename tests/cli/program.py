# SPDX-License-Identifier: GPL-2.0-or-later
"""The program under test: run to its end, or as a server until told to stop. Every wait is bounded; what is started is stopped."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

SOURCE = os.environ.get('LEDE_SOURCE') or os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
sys.path[:0] = [os.path.join(SOURCE, 'tests'), os.path.join(SOURCE, 'tests', 'http')]
from client import zstd  # noqa: E402,F401

BINARY = os.environ.get('LEDE_BINARY', '')
DATA = os.path.join(SOURCE, 'tests', 'data')
NEWS = os.path.join(DATA, 'news.ndjson')
MESSY = os.path.join(DATA, 'messy.ndjson')
WAIT_S = 60


def environment(**extra):
    """The tests' own environment without anybody's settings."""
    kept = {key: value for key, value in os.environ.items() if not re.match('LEDE_(SERVER|STORE|LOG)_', key)}
    return {**kept, 'LEDE_PAGER': '', **extra}


def run(*arguments, stdin=b'', env=None, cwd=None):
    """Run to the end: (exit code, standard output, standard error)."""
    done = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, timeout=WAIT_S,
                          env=env or environment(), cwd=cwd, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Server:
    """lede serve on a free port, for as long as a with block takes."""

    def __init__(self, *arguments, env=None, cwd=None, program=BINARY, **how):
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, 'serve', '--listen', '127.0.0.1:0', *arguments], cwd=cwd,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.stderr,
                                        env=env or environment(), **how)
        self.url = None
        self.line = self.first_line()
        found = re.fullmatch(r'lede: listening on ((?:https?://|unix:)\S+)\n', self.line)
        if not found:
            self.stop()
            raise AssertionError(f'no listening line but {self.line!r}; {self.log()}')
        self.url = found.group(1)

    def first_line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        return self.process.stdout.readline().decode() if ready else ''

    def log(self):
        self.stderr.seek(0)
        return self.stderr.read().decode()

    def stop(self, number=signal.SIGTERM):
        """Send a signal and wait; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(WAIT_S)
            raise
        finally:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        if self.process.returncode is None:
            self.stop()
        self.stderr.close()

    def get(self, path, **parameters):
        query = '?' + urllib.parse.urlencode(parameters) if parameters else ''
        with urllib.request.urlopen(self.url + path + query, timeout=WAIT_S) as answer:
            return json.load(answer)

    def total(self, query=''):
        return self.get('/search', q=query, limit=0)['total']['value']


def wait_until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'waited in vain for {what}')
        time.sleep(0.02)


def summary(text):
    """The numbers of an import's last line."""
    found = re.search(r'imported (\d+) documents? \(created (\d+), updated (\d+), unchanged (\d+), failed (\d+)\) in '
                      r'[\d.]+ s: \d+ documents/s, [\d.]+ MB/s', text)
    if not found:
        raise AssertionError(f'no summary in {text!r}')
    names = ('documents', 'created', 'updated', 'unchanged', 'failed')
    return {name: int(number) for name, number in zip(names, found.groups())}


class Case(unittest.TestCase):
    """A test with a directory of its own."""

    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='lede cli ')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.data = self.path('data')

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        with open(self.path(name), 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def imported(self, *arguments, code=0, **how):
        """Import into the test's own directory; the summary."""
        found, out, err = run('import', '--data', self.data, *arguments, **how)
        self.assertEqual(code, found, err)
        return summary(out)
