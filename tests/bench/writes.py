#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""writes.py LEDE PLAIN_INDEX NDJSON [--sizes 1000,10000,50000,200000] [--rounds N]

How long does a write of 100 documents take, at several sizes of the index, until it lasts and until it can be found? Beside it the same
documents added to one plain Xapian database and committed. Prints a table of milliseconds, median and maximum; the ratio is of the medians.
The corpus must have as many documents as the last size, and those that are written there.
"""
import argparse
import contextlib
import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

PER_WRITE = 100


@contextlib.contextmanager
def serving(lede, data):
    server = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0'))
    try:
        yield re.search(r'http://\S+', server.stdout.readline()).group(0).rstrip('/')
    finally:
        server.terminate()
        server.wait(600)


def post(url, lines, wait='searchable'):
    request = urllib.request.Request(f'{url}/documents?wait={wait}', data=b''.join(lines), headers={'Content-Type': 'application/x-ndjson'})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=3600) as answer:
        answer.read()
    return (time.perf_counter() - start) * 1000


def time_lede(lede, corpus, data, sizes, rounds):
    times = {}
    with open(corpus, 'rb') as lines, serving(lede, data) as url:
        count = 0
        for size in sizes:
            while count < size:
                batch = list(itertools.islice(lines, min(20000, size - count)))
                if not batch:
                    sys.exit(f'{corpus}: expected {sizes[-1]} documents and {2 * rounds * PER_WRITE} more to write, found {count}')
                post(url, batch)
                count += len(batch)
            times[size] = {}
            for wait in ('durable', 'searchable'):
                times[size][wait] = [post(url, list(itertools.islice(lines, PER_WRITE)), wait) for _ in range(rounds)]
                count += rounds * PER_WRITE
    return times


def time_plain(binary, corpus, data, sizes, rounds):
    with open(corpus, 'rb') as lines:
        printed = subprocess.run([binary, data, str(rounds), *map(str, sizes)], stdin=lines, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in printed.splitlines()]
    return {int(row[0]): [float(ms) for ms in row[1:]] for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('plain_index')
    parser.add_argument('corpus')
    parser.add_argument('--sizes', default='1000,10000,50000,200000')
    parser.add_argument('--rounds', type=int, default=15)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(',')]
    folder = tempfile.mkdtemp(prefix='lede-writes-')
    try:
        ours = time_lede(arguments.lede, arguments.corpus, os.path.join(folder, 'data'), sizes, arguments.rounds)
        plain = time_plain(arguments.plain_index, arguments.corpus, os.path.join(folder, 'plain'), sizes, arguments.rounds)
    finally:
        shutil.rmtree(folder)
    print(f'writes of {PER_WRITE} documents, {arguments.rounds} of each; milliseconds, median (maximum)')
    print(f'{"documents":>10} {"durable":>16} {"searchable":>16} {"plain Xapian":>18} {"ratio":>6}')
    for size in sizes:
        cells = [f'{statistics.median(t):7.0f} ({max(t):.0f})' for t in (ours[size]['durable'], ours[size]['searchable'], plain[size])]
        ratio = statistics.median(ours[size]['searchable']) / statistics.median(plain[size])
        print(f'{size:>10} {cells[0]:>16} {cells[1]:>16} {cells[2]:>18} {ratio:6.2f}')


main()
