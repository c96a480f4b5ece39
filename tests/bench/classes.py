#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""classes.py DATA [--bare DIR | --no-bare] [--build DIR] [--rounds N]

Times searches by class (tests/bench/classes.txt) over HTTP on an indexed store beside the bare match of the same trees (bare_tree.h says what that
is for each class), in turns, in one run: processor time of all the server's threads, and time passed until the whole answer is read. Ratios are of
processor time, which neighbours on the machine disturb least. Then the first search of each query after the start, when no cache of the process holds it,
and the worst queries that the limits allow, which must end within their timeout.
DATA is a data directory, for example one that run.py --keep left. The bare match has an index of its own, with positions in Xapian's tables (bare_index.cc),
in DIR, else DATA.bare; it is made where there is none, which takes minutes; --no-bare times Lede alone. Never a test's verdict: machines differ."""
import argparse
import glob
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


def mean(values):
    return sum(values) / len(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Server:
    def __init__(self, lede, data):
        self.process = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0'))
        address = re.search(r'http://([^/\s]+)', self.process.stdout.readline()).group(1)
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def cpu_ms(self):
        """Processor time of all threads so far (Linux: the scheduler's own nanoseconds)."""
        spent = 0
        for path in glob.glob(f'/proc/{self.process.pid}/task/*/schedstat'):
            with open(path, encoding='ascii') as file:
                spent += int(file.read().split()[0])
        return spent / 1e6

    def ask(self, path):
        """Milliseconds: of processor time and passed until the answer is read; and the answer."""
        before = self.cpu_ms()
        started = time.monotonic()
        self.connection.request('GET', path)
        response = self.connection.getresponse()
        body = response.read()
        passed = (time.monotonic() - started) * 1000
        if response.status != 200:
            raise SystemExit(f'{path}: {response.status} {body[:200]}')
        return self.cpu_ms() - before, passed, json.loads(body)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def address_of(parameters, query):
    return '/search?q=' + urllib.parse.quote(query) + ('&' + parameters if parameters else '')


def bare_line(parameters, query):
    """The input of bare_match: what a parameter asks of the match goes into the query."""
    given = dict(part.split('=', 1) for part in parameters.split('&') if part)
    if 'after' in given:
        query = f'({query}) published:{given["after"]}..2099-12-31'
    return '\t'.join((given.get('match', 'all'), given.get('sort', 'relevance'), query)) + '\n'


class Bare:
    """Asked in turns with the server, so that a drifting machine hits both alike."""

    def __init__(self, arguments):
        self.process = subprocess.Popen([os.path.join(arguments.build, 'tests', 'bench', 'bare_match'), arguments.bare, str(arguments.rounds)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def times(self, row):
        self.process.stdin.write(bare_line(*row))
        self.process.stdin.flush()
        return [tuple(float(value) for value in pair.split('/')) for pair in self.process.stdout.readline().split()]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)


class Class:
    def __init__(self):
        self.cpu, self.passed, self.first, self.bare_cpu, self.bare_passed = [], [], [], [], []
        self.worst = (0, '')

    def add(self, query, first, spent, bare):
        self.first.append(first)
        self.cpu += [cpu for cpu, _ in spent]
        self.passed += [passed for _, passed in spent]
        self.bare_cpu += [cpu for cpu, _ in bare]
        self.bare_passed += [passed for _, passed in bare]
        if bare:
            self.worst = max(self.worst, (mean([cpu for cpu, _ in spent]) / mean([cpu for cpu, _ in bare]), query))

    def print_alone(self, name):
        print(f'{name:10} {mean(self.cpu):7.2f} {percentile(self.cpu, .99):7.2f}  {mean(self.passed):7.2f} {percentile(self.passed, .99):7.2f} {mean(self.first):7.2f}')

    def print(self, name):
        print(f'{name:10} {mean(self.cpu):7.2f} {percentile(self.cpu, .99):7.2f} {mean(self.bare_cpu):7.2f} {percentile(self.bare_cpu, .99):7.2f} '
              f'{mean(self.cpu) / mean(self.bare_cpu):6.2f} {percentile(self.cpu, .99) / percentile(self.bare_cpu, .99):6.2f}  '
              f'{mean(self.passed):7.2f} {percentile(self.passed, .99):7.2f} {mean(self.bare_passed):7.2f} {percentile(self.bare_passed, .99):7.2f} '
              f'{mean(self.first):7.2f}  {self.worst[0]:.2f} {self.worst[1]}')


def print_classes(server, arguments):
    classes = {}
    bare = None if arguments.no_bare else Bare(arguments)
    for name, parameters, query in read_classes():
        if arguments.only and name not in arguments.only.split(','):
            continue
        path = address_of(parameters, query)
        first = server.ask(path)[0]
        half = arguments.rounds // 2
        spent = [server.ask(path)[:2] for _ in range(half)]
        floor = bare.times((parameters, query)) if bare else []
        spent += [server.ask(path)[:2] for _ in range(arguments.rounds - half)]
        one = classes.setdefault(name, Class())
        one.add(query, first, spent, floor)
        cpu = mean([cpu for cpu, _ in spent])
        if arguments.each and not bare:
            print(f'  {cpu:8.2f} first {first:8.2f}  {query} {parameters}')
        elif arguments.each:
            print(f'  {cpu:8.2f} {mean([cpu for cpu, _ in floor]):8.2f} {cpu / mean([cpu for cpu, _ in floor]):6.2f}  first {first:8.2f}  {query} {parameters}')
    if not bare:
        print(f'{"":10} {"processor time":>15}  {"time passed, ms":>15} {"first":>7}')
        print(f'{"class":10} {"mean":>7} {"p99":>7}  {"mean":>7} {"p99":>7} {"cpu":>7}')
        for name, one in classes.items():
            one.print_alone(name)
        return
    bare.stop()
    print(f'{"":10} {"processor time, ms":>31} {"ratio to bare":>13}  {"time passed, ms":>31} {"first":>7}  ratio of the')
    print(f'{"class":10} {"mean":>7} {"p99":>7} {"bare":>7} {"p99":>7} {"mean":>6} {"p99":>6}  {"mean":>7} {"p99":>7} {"bare":>7} {"p99":>7} {"cpu":>7}  worst query')
    for name, one in classes.items():
        one.print(name)


def print_worst(server):
    many = ' OR '.join((COMMON.split() * 5)[:128])
    print(f'\n{"worst queries, timeout=500ms":34} {"ms":>8} {"total":>8}')
    for name, query in (('e*', 'e*'), ('*a*', '*a*'), ('128 common words, OR', many), ('a phrase of stop words', '"to be or not to be"'),
                        ('"of the"', '"of the"'), ('the SAME p of', 'the SAME p of'), ('ATLEAST/9 the', 'ATLEAST/9 the'),
                        ('(the NEAR/9 of) NEAR/9 in', '(the NEAR/9 of) NEAR/9 in')):
        _, passed, answer = server.ask(address_of('timeout=500ms', query))
        total = answer['total']
        print(f'{name:34} {passed:8.1f} {total["value"]:8} {total["relation"]}{", timed out" if answer["timed_out"] else ""}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data')
    parser.add_argument('--bare')
    parser.add_argument('--no-bare', action='store_true')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--rounds', type=int, default=15)
    parser.add_argument('--only', help='classes, comma between them')
    parser.add_argument('--each', action='store_true', help='a line for each query, too')
    arguments = parser.parse_args()
    arguments.bare = arguments.bare or arguments.data.rstrip('/') + '.bare'
    if not arguments.no_bare and not os.path.isdir(arguments.bare):
        subprocess.run([os.path.join(arguments.build, 'tests', 'bench', 'bare_index'), arguments.data, arguments.bare], check=True)
    server = Server(os.path.join(arguments.build, 'server', 'lede'), arguments.data)
    try:
        print_classes(server, arguments)
        print_worst(server)
    finally:
        server.stop()


if __name__ == '__main__':
    main()
