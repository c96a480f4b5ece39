#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""dripping.py LEDE NDJSON [--counts 8,1000] [--seconds S] [--rounds N] [--interval S]

What do uploads that drip a byte now and then cost others? Searches, lone writes and /health/live are timed alone, then beside so many
bulks that never end (the least rate is switched off), in turns. Prints milliseconds, and the ratios to alone of the same run.
"""
import argparse
import contextlib
import http.client
import itertools
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

QUERIES = ['market', 'oil prices', 'president said', '"interest rates"', 'trade OR tariff', 'econ*', 'bank government']
PAUSE_S = 0.005  # between two requests of one client: the processor is not to be the limit


@contextlib.contextmanager
def serving(lede, data):
    environment = dict(os.environ, LEDE_SERVER_UPLOAD_RATE='0', LEDE_SERVER_CONNECTIONS='4000', LEDE_SERVER_IDLE_TIMEOUT='1h',
                       LEDE_SERVER_ANSWER_CACHE='0')
    server = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield server.pid, int(re.search(r':(\d+)$', server.stdout.readline().strip()).group(1))
    finally:
        server.terminate()
        server.wait(600)


def memory_mib(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmRSS')) / 1024


class Drips:
    """Bulks of which a byte is sent each `interval` seconds, spread evenly."""

    def __init__(self, port, count, interval):
        self.sockets = [socket.create_connection(('127.0.0.1', port), timeout=30) for _ in range(count)]
        for connection in self.sockets:
            connection.sendall(b'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n'
                               b'Content-Length: 1000000\r\n\r\n{"id": "')
        self.interval = interval
        self.cut = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        for connection in itertools.cycle(self.sockets):
            if self.over.wait(self.interval / len(self.sockets)):
                return
            try:
                connection.sendall(b'x')
            except OSError:
                self.cut += 1

    def end(self):
        self.over.set()
        self.thread.join()
        for connection in self.sockets:
            connection.close()
        return self.cut


def client(port, requests, until, times):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=120)
    while time.monotonic() < until:
        method, path, body = next(requests)
        start = time.perf_counter()
        connection.request(method, path, body, {'Content-Type': 'application/json'} if body else {})
        reply = connection.getresponse()
        reply.read()
        times.append((time.perf_counter() - start) * 1000)
        if reply.status >= 300:
            sys.exit(f'dripping.py: {method} {path} was answered {reply.status}')
        time.sleep(PAUSE_S)
    connection.close()


def measure(port, seconds, numbers):
    """{kind: milliseconds of each request}"""
    searches = (('GET', '/search?' + urllib.parse.urlencode({'q': query}), None) for query in itertools.cycle(QUERIES))
    writes = (('PUT', f'/documents/drip-{number}', json.dumps({'title': f'lone write {number}', 'body': 'a few words of news'}))
              for number in numbers)
    health = itertools.repeat(('GET', '/health/live', None))
    times = {'search': [], 'write': [], 'live': []}
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client, args=(port, requests, until, times[kind]))
               for kind, requests in (('search', searches), ('write', writes), ('live', health))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def share(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('corpus')
    parser.add_argument('--counts', default='8,1000')
    parser.add_argument('--seconds', type=float, default=10)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--interval', type=float, default=3)
    options = parser.parse_args()
    counts = [0] + [int(count) for count in options.counts.split(',')]
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    directory = tempfile.mkdtemp(prefix='lede-dripping-')
    found = {count: {'search': [], 'write': [], 'live': []} for count in counts}
    memory, cut = {}, 0
    try:
        data = os.path.join(directory, 'data')
        subprocess.run([options.lede, 'import', '--data', data, options.corpus], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        numbers = itertools.count()
        with serving(options.lede, data) as (pid, port):
            measure(port, 3, numbers)
            for count in counts * options.rounds:
                drips = Drips(port, count, options.interval) if count else None
                for kind, times in measure(port, options.seconds, numbers).items():
                    found[count][kind] += times
                memory[count] = memory_mib(pid)
                cut += drips.end() if drips else 0
                time.sleep(1)
    finally:
        shutil.rmtree(directory)
    print('| dripping | kind | requests | p50, ms | p99, ms | p99 to alone | memory, MiB |\n| --- | --- | --- | --- | --- | --- | --- |')
    for count in counts:
        for kind, times in found[count].items():
            ratio = share(times, .99) / share(found[0][kind], .99)
            print(f'| {count} | {kind} | {len(times)} | {share(times, .5):.2f} | {share(times, .99):.2f} | {ratio:.2f} | {memory[count]:.0f} |')
    print(f'uploads cut: {cut}')


if __name__ == '__main__':
    main()
