#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""classes.py DATA [--peers DIR] [--build DIR] [--rounds N]

Times searches by class (tests/bench/classes.txt) over HTTP on an indexed store, and in turns with
it, in one run, the same by Lucene 8 where its query language can say the same over stems:
processor time of all the server's threads, and time passed until the whole answer is read. Then
the first search of each query after the start, when no cache of the process holds it, and the worst
queries that the limits allow, which must end within their timeout.

DATA is a data directory, for example one that run.py --keep left, and DIR the folder of
peers/contest.py, whose index of Lucene is asked: of the same documents, if DATA is DIR/lede.
Without it Lede is timed alone. Never a test's verdict: machines differ."""
import argparse
import http.client
import json
import os
import re
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'peers'))
from engines import Lede, Lucene
import processor_time

ROOT = os.path.dirname(os.path.dirname(HERE))
LUCENE_WARM_UP_ROUNDS = 20
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
    """A running server, and what of the processor it takes."""

    def __init__(self, engine):
        engine.start()
        self.engine = engine
        self.connection = http.client.HTTPConnection('127.0.0.1', engine.port, timeout=120)

    def cpu_ms(self):
        return processor_time.of_process_ms(self.engine.process.pid)

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
        self.connection.close()
        self.engine.stop()


def address_of(parameters, query):
    """No answer is one that was kept."""
    return '/search?cache=0&q=' + urllib.parse.quote(query) + ('&' + parameters if parameters else '')


def lucene_address(parameters, query):
    """The same search in Lucene's syntax; None where it has no way to say it, or finds something
    else: its index has stems alone, so no patterns."""
    given = dict(part.split('=', 1) for part in parameters.split('&') if part)
    facets = set(given.get('facets', 'source').split(','))
    if re.search(r'\b(SAME|ADJ|LEAD|CAPS|ATLEAST)\b|[*?~]', query) or 'time_zone' in given:
        return None
    if (not facets <= {'source', 'section'} or given.get('collapse') == 'story'
            or given.get('histogram') == 'week'):
        return None
    near = re.fullmatch(r'(\w+) NEAR/(\d+) (\w+)', query)
    if near:
        query = f'"{near[1]} {near[3]}"~{near[2]}'
    if 'NEAR' in query:
        return None
    return '/search?' + urllib.parse.urlencode({'query': query, **given})


def mean_and_p99(*columns):
    return ''.join(f'{mean(values):9.2f}{percentile(values, .99):9.2f}' for values in columns)


class Class:
    """What the queries of a class took, each as processor time and time passed; and where Lucene
    was asked, too, what both took and found."""

    def __init__(self):
        self.first, self.spent, self.beside, self.lucene, self.totals = [], [], [], [], []

    def add(self, first, spent):
        self.first.append(first)
        self.spent += spent

    def add_lucene(self, spent, lucene, totals):
        self.beside += spent
        self.lucene += lucene
        self.totals.append(totals)

    def print(self, name):
        cells = mean_and_p99(*zip(*self.spent))
        if self.lucene:
            ours, theirs = ([cpu for cpu, _ in rows] for rows in (self.beside, self.lucene))
            found, theirs_found = (sum(totals) for totals in zip(*self.totals))
            cells += f'{len(theirs) / len(self.spent):9.0%}{mean(ours):9.2f}{mean_and_p99(theirs)}'
            cells += f'{mean(ours) / mean(theirs):9.2f}{theirs_found / (found or 1):9.3f}'
        print(f'{name:10}{mean(self.first):9.2f}{cells}')


def warm_up(lucene, rows):
    """Lucene's machine compiles what it runs often."""
    for _ in range(LUCENE_WARM_UP_ROUNDS):
        for _, parameters, query in rows:
            path = lucene_address(parameters, query)
            if path:
                lucene.ask(path)


def print_classes(server, lucene, arguments):
    classes = {}
    only = arguments.only.split(',') if arguments.only else None
    rows = [row for row in read_classes() if not only or row[0] in only]
    if lucene:
        warm_up(lucene, rows)
    for name, parameters, query in rows:
        path = address_of(parameters, query)
        theirs = lucene_address(parameters, query) if lucene else None
        first, _, answer = server.ask(path)
        spent, beside = [], []
        for _ in range(arguments.rounds):
            spent.append(server.ask(path)[:2])
            if theirs:
                beside.append(lucene.ask(theirs)[:2])
        one = classes.setdefault(name, Class())
        one.add(first, spent)
        if theirs:
            found = lucene.ask(theirs)[2]['total']
            one.add_lucene(spent, beside, (answer['total']['value'], found))
        if arguments.each:
            shown = f'{mean([cpu for cpu, _ in beside]):9.2f}' if beside else f'{"":9}'
            mine = mean([cpu for cpu, _ in spent])
            print(f'  {mine:9.2f}{shown} first{first:9.2f}  {query} {parameters}')
    above = f'{"":19}{"processor time, ms":>18}{"time passed, ms":>18}'
    heads = ['first', 'mean', 'p99', 'mean', 'p99']
    if lucene:
        above += f'{"where Lucene can say it too, processor time":>54}'
        heads += ['queries', 'Lede', 'Lucene', 'p99', 'ratio', 'finds']
    print(above + f'\n{"class":10}' + ''.join(f'{head:>9}' for head in heads))
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
    parser.add_argument('--peers', help='folder of peers/contest.py')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--rounds', type=int, default=15)
    parser.add_argument('--only', help='classes, comma between them')
    parser.add_argument('--each', action='store_true', help='a line for each query, too')
    arguments = parser.parse_args()
    lede = Lede('', None, arguments.build)
    lede.data = os.path.abspath(arguments.data)
    servers = [Server(lede)]
    if arguments.peers:
        lucene = Lucene(os.path.abspath(arguments.peers), None, arguments.build)
        lucene.compile()
        servers.append(Server(lucene))
    try:
        print_classes(servers[0], servers[1] if arguments.peers else None, arguments)
        print_worst(servers[0])
    finally:
        for server in servers:
            server.stop()


if __name__ == '__main__':
    main()
