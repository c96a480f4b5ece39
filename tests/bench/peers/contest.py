#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""contest.py [--work DIR] [--corpus FILE | --documents N] [--build DIR] [--engines NAME,…]
           [--rounds N] [--refill NAME,…] [--smoke]

Lede beside Lucene 8, Sphinx, Groonga and plain Xapian: the same documents, the same queries, the
same hits (README.md says what is asked of each). One server runs at a time, and rounds are
interleaved: each engine in turn is started, asked every query once (cold), then over again (warm)
over 1, 4 and 16 connections, all classes mixed, and each class by itself over one connection. An
engine that is not installed is named and left out.

DIR keeps the corpus, the queries, the indexes and all samples; what is there already is used again,
but for an index that --refill names ("all": every one). Without --work all is made in a temporary
folder. --smoke checks that the scripts still run, over 200 documents of its own. Never a test's
verdict: machines differ."""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import draw
import report
from engines import ENGINES

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
CLASSES = ('or', 'and', 'phrase')
WARM_UP_CONNECTIONS = 4
LOOKING_CONNECTIONS = 4


def read_json(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def write_json(path, value):
    with open(path, 'w', encoding='utf-8') as out:
        json.dump(value, out)


def make_corpus(arguments, work):
    """The corpus that is named, or one that the shared data's generator makes."""
    if arguments.corpus:
        return os.path.abspath(arguments.corpus)
    path = os.path.join(work, 'corpus.ndjson')
    shared = os.environ.get('LEDE_SHARED') or os.path.join(ROOT, '..', 'shared')
    generator = os.path.join(shared, 'tools', 'make_corpus.py')
    if os.path.exists(path):
        return path
    if not os.path.exists(generator):
        sys.exit(
            'contest.py: name a corpus with --corpus FILE (NDJSON); the shared data is not here')
    with open(path + '.part', 'wb') as out:
        subprocess.run([sys.executable, generator, '-n',
                        str(arguments.documents)],
                       stdout=out,
                       check=True)
    os.rename(path + '.part', path)
    return path


def make_smoke_corpus(path):
    """200 documents of a few hundred words, so that nothing beside the checkout is needed."""
    chooser = random.Random(3)
    words = [
        a + b + c for a in ('ka', 'lo', 'mi', 'ren', 'tos', 'vi') for b in ('dar', 'pel', 'sun')
        for c in ('bra', 'nor', 'zel', 'tix')
    ]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    with open(path, 'w', encoding='utf-8') as out:
        for number in range(200):
            title, body = (' '.join(chooser.choices(words, weights, k=count)) for count in (5, 120))
            out.write(
                json.dumps({
                    'id': f'smoke-{number}', 'title': title, 'body': body + '.', 'source': 'AP',
                    'language': 'en', 'published': f'2022-01-{number % 28 + 1:02}T00:00:00Z'
                }) + '\n')


def fill(engine, timings):
    """Fill an engine anew; what it took is kept beside its index."""
    shutil.rmtree(engine.data, ignore_errors=True)
    engine.prepare()
    seconds, cpu_seconds, peak = [], 0, 0
    for command, body in engine.fill():
        started = time.monotonic()
        with open(body or os.devnull, 'rb') as stdin, open(engine.data + '.log', 'ab') as log:
            child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=log)
            _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f'contest.py: failed: {" ".join(command)}; see {engine.data}.log')
        seconds.append(time.monotonic() - started)
        cpu_seconds += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    timings[engine.name] = {
        'seconds': seconds, 'cpu_seconds': cpu_seconds, 'peak_mb': peak / 1024,
        'bytes': engine.disk_bytes(), 'load': os.getloadavg()[0]
    }
    shown = ' + '.join(f'{part:.1f}' for part in seconds)
    print(f'{engine.name:8} filled in {shown} s, load {os.getloadavg()[0]:.1f}', flush=True)


def fill_all(engines, arguments, work):
    path = os.path.join(work, 'fill.json')
    timings = read_json(path)
    for engine in engines:
        engine.compile()
        if {engine.name, 'all'} & set(arguments.refill) or engine.name not in timings:
            fill(engine, timings)
            write_json(path, timings)
    return timings


def read_queries(path):
    with open(path, encoding='utf-8') as file:
        return [tuple(line.rstrip('\n').split('\t')) for line in file]


class Watch:
    """Processor time and memory of a server, as the kernel counts them."""
    def __init__(self, pid):
        self.pid = pid

    def cpu_seconds(self):
        with open(f'/proc/{self.pid}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def memory_mb(self):
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            found = dict(
                line.split(':', 1) for line in file if line.startswith(('VmHWM', 'RssAnon')))
        return {name: int(value.split()[0]) / 1024 for name, value in found.items()}


class Asking:
    """Runs of the client against one server."""
    def __init__(self, engine, queries, arguments):
        self.engine, self.arguments = engine, arguments
        self.client = os.path.join(arguments.build, 'tests', 'bench', 'peers', 'client')
        self.watch = Watch(engine.process.pid)
        self.numbers = {'all': list(range(len(queries)))}
        for name in CLASSES:
            self.numbers[name] = [
                number for number, (kind, _) in enumerate(queries) if kind == name
            ]
        for name, numbers in self.numbers.items():
            with open(self.requests(name), 'wb') as out:
                for number in numbers:
                    request = engine.request(*queries[number])
                    out.write(len(request).to_bytes(4, 'little') + request)

    def requests(self, name):
        return f'{self.engine.data}.{name}.requests'

    def run(self, stage, name, connections, seconds):
        before = self.watch.cpu_seconds()
        answered = subprocess.run([
            self.client, self.engine.protocol,
            str(self.engine.port),
            str(connections),
            str(seconds),
            str(self.arguments.seconds_max),
            self.requests(name)
        ],
                                  capture_output=True,
                                  text=True,
                                  check=False)
        if answered.returncode != 0:
            sys.exit(f'contest.py: {self.engine.name}: {answered.stderr}')
        spent = self.watch.cpu_seconds() - before
        *lines, last = answered.stdout.splitlines()
        samples = [tuple(int(value) for value in line.split()) for line in lines]
        took, client = (float(value) for value in last.split()[1:])
        return {
            'engine': self.engine.name, 'stage': stage, 'class': name, 'connections': connections,
            'seconds': took, 'cpu_seconds': spent, 'client_cpu_seconds': client, 'load':
            os.getloadavg()[0], 'samples': [(self.numbers[name][number], us)
                                            for number, us, _ in samples]
        }


def turn(engine, queries, arguments):
    """One engine's turn in a round: its passes, and its memory at the end."""
    engine.start()
    try:
        asking = Asking(engine, queries, arguments)
        passes = [asking.run('cold', 'all', 1, 0)]
        asking.run('warm-up', 'all', WARM_UP_CONNECTIONS, arguments.seconds)
        for connections in arguments.connections:
            passes.append(asking.run('warm', 'all', connections, arguments.seconds))
        for name in CLASSES:
            passes.append(asking.run('alone', name, 1, arguments.seconds))
        memory = asking.watch.memory_mb()
    finally:
        engine.stop()
    rate = next(len(p['samples']) / p['seconds'] for p in passes if p['stage'] == 'warm')
    print(f'{engine.name:8} {rate:8.1f} searches a second, {arguments.connections[0]} connection; '
          f'load {os.getloadavg()[0]:.1f}', flush=True)
    return passes, memory


def shown(engine, total, hits):
    snippets = [snippet for _, _, _, snippet in hits]
    return {
        'total': total,
        'hits': len(hits),
        'marked': sum(engine.marks in snippet for snippet in snippets),
        'complete': sum(bool(title and source and date) for title, source, date, _ in hits),
        'snippet_chars': sum(len(snippet.replace(engine.marks, '')) for snippet in snippets)
    }


def look(engine, queries):
    """What the engine finds: total, hits and marks of each query."""
    engine.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(LOOKING_CONNECTIONS) as pool:
            return list(pool.map(lambda query: shown(engine, *engine.ask(*query)), queries))
    finally:
        engine.stop()


def look_all(engines, queries, work, timings):
    """What has been found is kept until the engine is filled anew; Lede is looked at each time."""
    path = os.path.join(work, 'found.json')
    found = read_json(path)
    for engine in engines:
        filled = timings[engine.name]['seconds']
        if engine.name == 'lede' or found.get(engine.name, {}).get('filled') != filled:
            found[engine.name] = {'filled': filled, 'found': look(engine, queries)}
            write_json(path, found)
    return {engine.name: found[engine.name]['found'] for engine in engines}


def hold(arguments, work):
    corpus = make_corpus(arguments, work)
    path = os.path.join(work, 'queries.tsv')
    if not os.path.exists(path):
        draw.draw(corpus, path, arguments.queries)
    queries = read_queries(path)
    engines = [
        ENGINES[name](work, corpus, os.path.abspath(arguments.build)) for name in arguments.engines
    ]
    for engine in engines:
        if engine.missing():
            print(f'{engine.name:8} left out: not here: {engine.missing()}')
    engines = [engine for engine in engines if not engine.missing()]
    timings = fill_all(engines, arguments, work)
    result = {
        'corpus_bytes': os.path.getsize(corpus),
        'queries': queries,
        'fill': timings,
        'found': look_all(engines, queries, work, timings),
        'passes': [],
        'memory': {}
    }
    for round_number in range(arguments.rounds):
        print(f'round {round_number + 1}', flush=True)
        for engine in engines:
            passes, memory = turn(engine, queries, arguments)
            result['passes'] += passes
            result['memory'].setdefault(engine.name, []).append(memory)
        write_json(os.path.join(work, 'result.json'), result)
    report.write(result)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--work', help='folder that is kept')
    parser.add_argument('--corpus', help='NDJSON; else made by the generator of the shared data')
    parser.add_argument('--documents', type=int, default=200000)
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--engines', type=lambda names: names.split(','), default=list(ENGINES))
    parser.add_argument('--refill', type=lambda names: names.split(','), default=[])
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--queries', type=int, default=3000)
    parser.add_argument('--connections',
                        type=lambda counts: [int(count) for count in counts.split(',')],
                        default=[1, 4, 16])
    parser.add_argument('--seconds',
                        type=float,
                        default=5,
                        help='a warm pass takes as long at least')
    parser.add_argument('--seconds-max', type=float, default=60, help='a pass is cut after')
    parser.add_argument('--smoke', action='store_true')
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work or tempfile.mkdtemp(prefix='lede-peers-'))
    os.makedirs(work, exist_ok=True)
    try:
        if arguments.smoke:
            arguments.corpus, arguments.queries, arguments.rounds, arguments.seconds = os.path.join(
                work, 'smoke.ndjson'), 60, 1, 0
            make_smoke_corpus(arguments.corpus)
        hold(arguments, work)
    finally:
        if not arguments.work:
            shutil.rmtree(work)


if __name__ == '__main__':
    main()
