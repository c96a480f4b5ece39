#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""load.py LEDE NDJSON [--documents N] [--minutes M] [--rate R] [--searchers S] [--csv FILE] [--svg FILE]

A mixed load: an index of N documents, then R documents a second in batches of 50, a fifth of them replacements, while S searchers ask one query
after another. Each second becomes a row of the CSV file: segments, disk, memory, milliseconds of searches and of writes, descriptors, threads; and
the plot is drawn from those rows. A server built with AddressSanitizer tells at its end, on standard error, what has leaked.
"""
import argparse
import contextlib
import csv
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 50
WRITERS = 4
COLUMNS = ['second', 'documents', 'segments', 'disk_mb', 'memory_mb', 'searches', 'search_p50_ms', 'search_p99_ms', 'writes',
           'write_p50_ms', 'write_max_ms', 'descriptors', 'threads']
PANELS = [('segments', 'segments'), ('disk_mb', 'disk, MB'), ('memory_mb', 'memory, MB'), ('search_p99_ms', 'search p99, ms'),
          ('write_max_ms', 'slowest write, ms')]
TOLD = PANELS + [('descriptors', 'descriptors'), ('threads', 'threads')]


@contextlib.contextmanager
def serving(lede, data):
    server = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0'))
    try:
        yield server.pid, re.search(r'http://\S+', server.stdout.readline()).group(0).rstrip('/')
    finally:
        server.terminate()
        server.wait(600)


def ask(url, body=None):
    request = urllib.request.Request(url, data=body, headers={'Content-Type': 'application/x-ndjson'})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)


class Times:
    """Milliseconds of what was done since the last look."""

    def __init__(self):
        self.lock = threading.Lock()
        self.values = []
        self.errors = 0

    def measure(self, action):
        start = time.perf_counter()
        try:
            action()
        except OSError as error:
            self.errors += 1
            print(f'load.py: {error}', file=sys.stderr)
            return
        with self.lock:
            self.values.append((time.perf_counter() - start) * 1000)

    def take(self):
        with self.lock:
            values, self.values = sorted(self.values), []
        return values


def share(values, part):
    return round(values[min(len(values) - 1, int(len(values) * part))], 1) if values else ''


def search(url, queries, times, over, seed):
    chooser = random.Random(seed)
    while not over.is_set():
        query = urllib.parse.urlencode({'q': chooser.choice(queries), 'limit': 10})
        times.measure(lambda address=f'{url}/search?{query}': ask(address))


def batches(lines, first):
    """50 documents each: new ones, and a fifth that replace earlier ones."""
    chooser = random.Random(7)
    written = list(first)
    for step in itertools.count():
        new = list(itertools.islice(lines, BATCH * 4 // 5))
        if not new:
            return
        old = [json.loads(line) for line in chooser.sample(written, BATCH // 5)]
        changed = [json.dumps({**document, 'summary': f'Version {step}.'}).encode() + b'\n' for document in old]
        written += new
        yield b''.join(new + changed)


class Bodies:
    """Handed out to several writers, one each 1/rate seconds; who is late does not catch up on more than five seconds."""

    def __init__(self, bodies, rate):
        self.bodies, self.interval = bodies, BATCH / rate
        self.lock = threading.Lock()
        self.due = time.monotonic()

    def next(self):
        with self.lock:
            body, due = next(self.bodies, None), self.due
            self.due = max(self.due + self.interval, time.monotonic() - 5)
        time.sleep(max(0, due - time.monotonic()))
        return body


def write(url, bodies, times, over):
    while not over.is_set():
        body = bodies.next()
        if body is None:
            return
        times.measure(lambda posted=body: ask(f'{url}/documents', posted))


def memory_mb(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmRSS:\s+(\d+)', status.read()).group(1)) // 1024


def find(answer, name):
    """A figure of /stats, wherever it stands."""
    if isinstance(answer, dict):
        if isinstance(answer.get(name), (int, float)):
            return answer[name]
        answer = list(answer.values())
    for part in answer if isinstance(answer, list) else []:
        found = find(part, name)
        if found is not None:
            return found
    return None


def watch(url, pid, seconds, searches, writes, rows):
    start = time.monotonic()
    for second in range(1, seconds + 1):
        time.sleep(max(0, start + second - time.monotonic()))
        stats = ask(f'{url}/stats')
        found, written = searches.take(), writes.take()
        rows.append(dict(zip(COLUMNS, [
            second, find(stats, 'documents'), find(stats, 'segments'), round(find(stats, 'disk_bytes') / 1e6), memory_mb(pid), len(found),
            share(found, .5), share(found, .99), len(written), share(written, .5), share(written, 1), len(os.listdir(f'/proc/{pid}/fd')),
            len(os.listdir(f'/proc/{pid}/task'))])))


def draw(rows, path):
    width, height, left, gap = 860, 110, 70, 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{len(PANELS) * (height + gap) + 30}" '
           'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    last = rows[-1]['second']
    for number, (column, label) in enumerate(PANELS):
        top = number * (height + gap) + 24
        points = [(row['second'], float(row[column])) for row in rows if row[column] != '']
        most = max((value for _, value in points), default=0) or 1
        line = ' '.join(f'{left + second / last * (width - left - 20):.1f},{top + height - value / most * height:.1f}' for second, value in points)
        out += [f'<text x="{left}" y="{top - 6}">{label}</text>',
                f'<path d="M{left},{top}V{top + height}H{width - 20}" fill="none" stroke="#999"/>',
                f'<text x="{left - 6}" y="{top + 10}" text-anchor="end">{most:g}</text>',
                f'<text x="{left - 6}" y="{top + height}" text-anchor="end">0</text>',
                f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.2"/>']
    out += [f'<text x="{width - 20}" y="{len(PANELS) * (height + gap) + 18}" text-anchor="end">{last} s</text>', '</svg>', '']
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(out))


def save(rows, arguments):
    with open(arguments.csv, 'w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, arguments.svg)


def summarize(rows, searches, writes):
    for column, label in TOLD:
        values = [float(row[column]) for row in rows if row[column] != '']
        third = max(1, len(values) // 3)
        print(f'{label:20} first third {sum(values[:third]) / third:8.1f}  last third {sum(values[-third:]) / third:8.1f}  most {max(values):8.1f}')
    print(f'documents written {sum(row["writes"] for row in rows) * BATCH}, searches {sum(row["searches"] for row in rows)}, '
          f'errors {searches.errors + writes.errors}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('corpus')
    parser.add_argument('--documents', type=int, default=50000)
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--rate', type=float, default=500)
    parser.add_argument('--searchers', type=int, default=4)
    parser.add_argument('--csv', default='load.csv')
    parser.add_argument('--svg', default='load.svg')
    arguments = parser.parse_args()
    with open(os.path.join(HERE, 'queries.txt'), encoding='utf-8') as file:
        queries = [line.strip() for line in file if line.strip()]
    folder = tempfile.mkdtemp(prefix='lede-load-')
    rows, searches, writes, over = [], Times(), Times(), threading.Event()
    try:
        with open(arguments.corpus, 'rb') as lines, serving(arguments.lede, os.path.join(folder, 'data')) as (pid, url):
            first = list(itertools.islice(lines, arguments.documents))
            ask(f'{url}/documents', b''.join(first))
            threads = [threading.Thread(target=search, args=(url, queries, searches, over, seed)) for seed in range(arguments.searchers)]
            bodies = Bodies(batches(lines, first), arguments.rate)
            threads += [threading.Thread(target=write, args=(url, bodies, writes, over)) for _ in range(WRITERS)]
            for thread in threads:
                thread.start()
            watch(url, pid, int(arguments.minutes * 60), searches, writes, rows)
            over.set()
            for thread in threads:
                thread.join()
    finally:
        over.set()
        shutil.rmtree(folder)
    save(rows, arguments)
    summarize(rows, searches, writes)


if __name__ == '__main__':
    main()
