#!/usr/bin/env python3
"""classes.py DATA [--build DIR] [--rounds N]

Times searches by class (tests/bench/classes.txt) over HTTP on an indexed store, mean and 99th percentile of the time until the whole answer
is read, beside the bare match of the same trees in the same run; then the worst queries that the limits allow, which must end within their
timeout. DATA is a data directory, for example one that run.py --keep left. Never a test's verdict: machines differ."""
import argparse
import http.client
import json
import os
import re
import subprocess
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COMMON = 'the of to in said and a mln for vs it dlrs on was is that at with its pct be from by will would has he as'


def read_classes():
    with open(os.path.join(HERE, 'classes.txt'), encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    return [(name, parameters, query) for name, parameters, query in rows]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Server:
    def __init__(self, lede, data):
        self.process = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True)
        address = re.search(r'http://([^/\s]+)', self.process.stdout.readline()).group(1)
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def ask(self, path):
        """Milliseconds until the answer is read whole, and the answer."""
        started = time.monotonic()
        self.connection.request('GET', path)
        response = self.connection.getresponse()
        body = response.read()
        spent = (time.monotonic() - started) * 1000
        if response.status != 200:
            raise SystemExit(f'{path}: {response.status} {body[:200]}')
        return spent, json.loads(body)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def address_of(parameters, query):
    return '/search?q=' + urllib.parse.quote(query) + ('&' + parameters if parameters else '')


def bare_times(arguments, rows):
    lines = ''.join(('any' if 'match=any' in parameters else 'all') + f'\t{query}\n' for _, parameters, query in rows)
    run = subprocess.run([os.path.join(arguments.build, 'tests', 'bench', 'bare_match'), arguments.data, str(arguments.rounds)],
                         input=lines, capture_output=True, text=True, check=True)
    return [[float(value) for value in line.split()] for line in run.stdout.splitlines()]


def print_classes(server, arguments):
    rows = read_classes()
    bare = bare_times(arguments, rows)
    whole, floor, worst = {}, {}, {}
    for (name, parameters, query), times in zip(rows, bare):
        path = address_of(parameters, query)
        server.ask(path)
        spent = [server.ask(path)[0] for _ in range(arguments.rounds)]
        whole.setdefault(name, []).extend(spent)
        floor.setdefault(name, []).extend(times)
        ratio = sum(spent) / sum(times)
        if ratio > worst.get(name, (0, ''))[0]:
            worst[name] = (ratio, query)
    print(f'{"class":10} {"mean ms":>9} {"p99 ms":>9} {"bare mean":>10} {"bare p99":>9} {"ratio":>6}  worst query of the class')
    for name, times in whole.items():
        mean, bare_mean = sum(times) / len(times), sum(floor[name]) / len(floor[name])
        print(f'{name:10} {mean:9.2f} {percentile(times, .99):9.2f} {bare_mean:10.2f} {percentile(floor[name], .99):9.2f} '
              f'{mean / bare_mean:6.2f}  {worst[name][0]:.2f} {worst[name][1]}')


def print_worst(server):
    many = ' OR '.join((COMMON.split() * 5)[:128])
    print(f'\n{"worst queries, timeout=500ms":34} {"ms":>8} {"total":>8}')
    for name, query in (('e*', 'e*'), ('*a*', '*a*'), ('128 common words, OR', many), ('a phrase of stop words', '"to be or not to be"'),
                        ('"of the"', '"of the"'), ('the SAME p of', 'the SAME p of'), ('ATLEAST/9 the', 'ATLEAST/9 the'),
                        ('(the NEAR/9 of) NEAR/9 in', '(the NEAR/9 of) NEAR/9 in')):
        spent, answer = server.ask(address_of('timeout=500ms', query))
        total = answer['total']
        print(f'{name:34} {spent:8.1f} {total["value"]:8} {total["relation"]}{", timed out" if answer["timed_out"] else ""}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--rounds', type=int, default=15)
    arguments = parser.parse_args()
    server = Server(os.path.join(arguments.build, 'server', 'lede'), arguments.data)
    try:
        print_classes(server, arguments)
        print_worst(server)
    finally:
        server.stop()


main()
