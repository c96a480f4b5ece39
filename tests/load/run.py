#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py LEDE LOAD_CLIENT DATA [--seconds N] [--only PART,...] [--settings NAME=VALUE ...]

What a server does when more is asked of it than it can do. Each part prints its figures beside those of the same server unloaded, in the
same run: beside (four clients with ordinary searches beside eight with the dearest ones), connections (closed loads), overload (an open
load of ten times what it can carry), slow (those who drip a request or read no answer), slowhttptest (that program's modes, where it is
installed), abandoned (those who ask and leave). Each part has a server of its own. Answers that are kept are off. DATA is written to by the server, as ever: give it a copy. Never a test's verdict: machines differ."""
import argparse
import contextlib
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
QUERIES = os.path.join(os.path.dirname(HERE), 'bench', 'queries.txt')
COMMON = ('the of to in said and a mln for vs it dlrs on was is that at with its pct be from by will would has he as an not or which are have but '
          'year company were this bank they been new had more shares also market billion one about up last two under').split()


def address(q, **parameters):
    return '/search?' + urllib.parse.urlencode(dict(parameters, q=q, cache=0))


def dear_targets():
    return {'*a*': address('*a*'), '128 common words': address(' OR '.join((COMMON * 3)[:128])),
            'any, 1,000 hits': address('oil prices market bank company year', match='any', limit=1000),
            'e* NEAR/5 a*': address('e* NEAR/5 a*')}


class Server:
    def __init__(self, lede, data, settings):
        environment = dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0', LEDE_LOG_LEVEL='warning', **settings)
        self.log = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, env=environment)
        found = re.search(r':(\d+)$', self.process.stdout.readline().rstrip())
        if not found:
            raise SystemExit('the server did not start')
        self.port = int(found[1])

    def get(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{path}', timeout=60) as answer:
            return json.load(answer)

    def timed(self, path):
        """Status and milliseconds of one request."""
        started = time.monotonic()
        try:
            self.get(path)
            status = 200
        except urllib.error.HTTPError as error:
            status = error.code
        return status, (time.monotonic() - started) * 1000

    def memory_mb(self):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return int(re.search(r'VmRSS:\s+(\d+)', file.read())[1]) / 1024

    def log_lines(self):
        self.log.seek(0)
        return sum(1 for _ in self.log)

    def stop(self):
        self.process.terminate()
        self.process.wait(120)


class Load:
    """Groups of clients, by load_client."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory

    def targets(self, name, lines):
        path = os.path.join(self.directory, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        return path

    def run(self, server, seconds, *groups):
        """groups: (name, kind, number, lines). Returns the figures by name."""
        arguments = [f'{name}:{kind}:{number}:{self.targets(name, lines)}' for name, kind, number, lines in groups]
        told = subprocess.run([self.program, str(server.port), str(seconds), *arguments], stdout=subprocess.PIPE, text=True, check=True,
                              timeout=seconds + 120).stdout
        return {row['group']: row for row in map(json.loads, told.splitlines())}


HEAD = f'{"":38}{"answers/s":>10}{"p50 ms":>9}{"p99":>9}{"ratio/s":>9}{"p99 x":>7}{"200":>9}{"429, 503":>10}{"their p99":>10}{"errors":>8}'


def show(name, row, unloaded=None):
    def of(times, part):
        return times[part] if times else float('nan')
    answered, refused = row['answered_ms'], row['refused_ms']
    cells = f'{row["answers_per_s"]:10.1f}{of(answered, "p50"):9.1f}{of(answered, "p99"):9.1f}'
    if unloaded:
        cells += f'{row["answers_per_s"] / unloaded["answers_per_s"]:9.2f}{of(answered, "p99") / unloaded["answered_ms"]["p99"]:7.1f}'
    else:
        cells += f'{"1":>9}{"1":>7}'
    count = sum(row['statuses'].get(status, 0) for status in ('429', '503'))
    cells += f'{row["statuses"].get("200", 0):9}{count:10}{of(refused, "p99"):10.1f}{row["errors"]:8}'
    print(f'{name:38}{cells}', flush=True)


def beside(run):
    ordinary = ('ordinary', 'closed', 4, run.ordinary)
    print('\nFour clients with ordinary searches, beside eight with dear ones\n' + HEAD)
    alone = run.load(ordinary)['ordinary']
    show('alone', alone)
    for kind in ('closed', 'patient'):
        for name, target in dear_targets().items():
            rows = run.load(ordinary, ('dear', kind, 8, [target]))
            show(f'beside eight ({kind}) of {name}', rows['ordinary'], alone)
            show('    those eight', rows['dear'], alone)
    rows = run.load(ordinary, ('dear', 'closed', 8, list(dear_targets().values())))
    show('beside two of each', rows['ordinary'], alone)
    show('alone again', run.load(ordinary)['ordinary'], alone)


def connections(run):
    print('\nClosed loads, each client asks again at once\n' + HEAD)
    alone = run.load(('ordinary', 'closed', 1, run.ordinary))['ordinary']
    show('1', alone)
    for count in (4, 16, 256, 4096, 10000):
        show(f'{count:,}', run.load(('ordinary', 'closed', count, run.ordinary))['ordinary'], alone)
        show('    patient', run.load(('ordinary', 'patient', count, run.ordinary))['ordinary'], alone)


def overload(run):
    """Of searches with 50 hits: who asks runs on the same machine, and is to ask ten times what is answered."""
    print('\nOpen loads of 50 hits each, by what it can carry with four clients\n' + HEAD)
    fifty = [target + '&limit=50' for target in run.ordinary]
    alone = run.load(('ordinary', 'closed', 4, fifty))['ordinary']
    show('carries', alone)
    for factor in (.5, .8, 1, 2, 10):
        before, started = run.server.log_lines(), time.monotonic()
        row = run.load(('ordinary', 'open', alone['answers_per_s'] * factor, fifty))['ordinary']
        show(f'{factor:g} times', row, alone)
        if factor == 10:
            print(f'    lines of log: {(run.server.log_lines() - before) / (time.monotonic() - started):.1f} a second')


@contextlib.contextmanager
def slow_clients(port, count, step):
    """So many connections, of each of which step(socket) is called about every second."""
    sockets, stop = [socket.create_connection(('127.0.0.1', port)) for _ in range(count)], threading.Event()

    def drip():
        while not stop.wait(1):
            for one in sockets:
                with contextlib.suppress(OSError):
                    step(one)
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield sockets
    finally:
        stop.set()
        thread.join()
        for one in sockets:
            one.close()


def slow(run):
    ordinary = ('ordinary', 'closed', 4, run.ordinary)
    print('\nOrdinary searches beside 500 slow clients\n' + HEAD)
    alone = run.load(ordinary)['ordinary']
    show('alone', alone)
    large = (address('the', limit=1000, fields='body,title') + ' HTTP/1.1\r\nHost: localhost\r\n\r\n').encode()
    kinds = {'headers that drip': (b'GET /search?q=oil HTTP/1.1\r\nHost: localhost\r\n', lambda one: one.send(b'x: y\r\n')),
             'a body that drips': (b'POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n',
                                   lambda one: one.send(b' ')),
             'a bulk that drips': (b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 500000\r\n\r\n',
                                   lambda one: one.send(b' ')),
             'answers read by drops': (b'GET ' + large, lambda one: one.recv(10)),
             'answers never read': (b'GET ' + large, lambda one: None)}
    for name, (begin, step) in kinds.items():
        before = run.server.memory_mb()
        with slow_clients(run.server.port, 500, step) as sockets:
            for one in sockets:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.send(begin)
            time.sleep(2)
            show(name, run.load(ordinary)['ordinary'], alone)
            print(f'    memory: {before:.0f} MB before, {run.server.memory_mb():.0f} MB with them', flush=True)


def slowhttptest(run):
    """Slow heads, slow bodies, ranges, slow reading, by Debian's slowhttptest."""
    program = shutil.which('slowhttptest')
    if not program:
        print('\nslowhttptest is not installed')
        return
    ordinary = ('ordinary', 'closed', 4, run.ordinary)
    print('\nOrdinary searches beside 500 connections of slowhttptest\n' + HEAD)
    alone = run.load(ordinary)['ordinary']
    show('alone', alone)
    url = f'http://127.0.0.1:{run.server.port}'
    large = url + address('the', limit=1000, fields='body,title')
    modes = {'slow heads (-H)': ['-H', '-u', url], 'slow bodies (-B)': ['-B', '-u', url + '/search', '-f', 'application/json'],
             'ranges (-R)': ['-R', '-u', url], 'slow reading (-X)': ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3', '-u', large]}
    for name, flags in modes.items():
        before = run.server.memory_mb()
        with tempfile.TemporaryFile() as told:
            attack = subprocess.Popen([program, '-c', '500', '-r', '250', '-i', '2', '-l', str(int(run.seconds) + 10), *flags], stdin=subprocess.DEVNULL,
                                      stdout=told, stderr=subprocess.STDOUT)
            try:
                time.sleep(4)
                show(name, run.load(ordinary)['ordinary'], alone)
                print(f'    memory: {before:.0f} MB before, {run.server.memory_mb():.0f} MB with them', flush=True)
            finally:
                attack.kill()
                attack.wait(60)


def abandoned(run):
    print('\nAfter 40 who asked e* NEAR/5 a* and left: milliseconds of the next requests')
    for path in (address('oil'), '/suggest?q=oi'):
        print(f'    before {path}: status %d, %.0f ms' % run.server.timed(path))
    run.load(('left', 'leave', 40, [dear_targets()['e* NEAR/5 a*']]), seconds=0.3)
    for path in (address('oil'), '/suggest?q=oi'):
        print(f'    after  {path}: status %d, %.0f ms' % run.server.timed(path), flush=True)


PARTS = {part.__name__: part for part in (abandoned, beside, overload, connections, slow, slowhttptest)}
SETTINGS = {'connections': {'LEDE_SERVER_CONNECTIONS': '16384'}}  # of a part's server


class Run:
    def __init__(self, arguments, directory):
        self.seconds = arguments.seconds
        self.clients = Load(arguments.load_client, directory)
        self.arguments, self.server = arguments, None
        with open(QUERIES, encoding='utf-8') as file:
            self.ordinary = [address(line.strip()) for line in file if line.strip()]

    def do(self, part):
        settings = dict(SETTINGS.get(part, {}), **dict(setting.split('=', 1) for setting in self.arguments.settings))
        self.server = Server(self.arguments.lede, self.arguments.data, settings)
        try:
            self.load(('warm', 'closed', 2, self.ordinary), seconds=min(3, self.seconds))
            PARTS[part](self)
        finally:
            self.server.stop()

    def load(self, *groups, seconds=None):
        return self.clients.run(self.server, seconds or self.seconds, *groups)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('load_client')
    parser.add_argument('data')
    parser.add_argument('--seconds', type=float, default=10, help='of each load')
    parser.add_argument('--only', default=','.join(PARTS), help='parts, comma between them')
    parser.add_argument('--settings', nargs='*', default=[], help='of the server, as LEDE_SERVER_CONNECTIONS=16384')
    arguments = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with tempfile.TemporaryDirectory() as directory:
        run = Run(arguments, directory)
        for name in arguments.only.split(','):
            run.do(name)


if __name__ == '__main__':
    sys.exit(main())
