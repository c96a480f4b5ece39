#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py [--documents N] [--corpus FILE] [--build DIR] [--keep DIR]

Print Lede's figures beside others', measured in one run: indexing in MB/s, by `lede import --data` and in bulk over HTTP, against
TermGenerator and one WritableDatabase, and against Lucene 8 with two threads where it is installed (Debian: liblucene8-java,
libjackson2-core-java, a JDK); then the processor time of a whole HTTP search, and of its match alone. The corpus is NDJSON;
without --corpus the generator of the shared data makes it (LEDE_SHARED, or ../shared beside the checkout). Never a test's verdict: machines
differ.
"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def find_shared():
    for path in (os.environ.get('LEDE_SHARED'), os.path.join(ROOT, '..', 'shared')):
        if path and os.path.exists(os.path.join(path, 'tools', 'make_corpus.py')):
            return path
    return None


def make_corpus(arguments, folder):
    if arguments.corpus:
        return arguments.corpus
    shared = find_shared()
    if not shared:
        sys.exit('run.py: name a corpus with --corpus FILE (NDJSON); the shared data is not here')
    path = os.path.join(folder, 'corpus.ndjson')
    with open(path, 'wb') as out:
        subprocess.run([sys.executable, os.path.join(shared, 'tools', 'make_corpus.py'), '-n', str(arguments.documents)],
                       stdout=out, check=True)
    return path


def peak_memory_mb(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmHWM:\s+(\d+)', status.read()).group(1)) / 1024


def disk_mb(folder):
    return sum(os.stat(os.path.join(f, n)).st_blocks * 512 for f, _, names in os.walk(folder) for n in names) / 1e6


def bulk_over_http(lede, corpus, data):
    server = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0'))
    try:
        url = re.search(r'http://\S+', server.stdout.readline()).group(0)
        started = time.monotonic()
        with open(corpus, 'rb') as body:
            request = urllib.request.Request(url.rstrip('/') + '/documents', data=body, method='POST', headers={
                'Content-Type': 'application/x-ndjson', 'Content-Length': str(os.path.getsize(corpus))})
            answer = json.load(urllib.request.urlopen(request, timeout=7200))
        seconds = time.monotonic() - started
        return seconds, peak_memory_mb(server.pid), answer
    finally:
        server.terminate()
        server.wait(120)


def timed(command, corpus=None):
    """Seconds, peak memory in MB; the corpus is the command's standard input."""
    started = time.monotonic()
    with open(corpus or os.devnull, 'rb') as body:
        child = subprocess.Popen(command, stdin=body, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f'run.py: failed: {" ".join(command)}')
    return time.monotonic() - started, usage.ru_maxrss / 1024


def lucene_command(data, corpus):
    """None where it is not installed."""
    found = [sorted(glob.glob(f'/usr/share/java/{name}'))[:1] for name in
             ('lucene-core-8*.jar', 'lucene-analyzers-common-8*.jar', 'jackson-core.jar')]
    if not all(found) or not shutil.which('javac'):
        return None
    return ['java', '-cp', ':'.join(jars[0] for jars in found), os.path.join(HERE, 'LuceneIndex.java'), data, corpus, '2']


def print_row(name, megabytes, seconds, peak, data):
    print(f'{name:17} {megabytes / seconds:6.2f} MB/s  {seconds:7.1f} s  peak {peak:5.0f} MB  index {disk_mb(data):6.0f} MB', flush=True)
    return megabytes / seconds


def print_indexing(arguments, corpus, folder):
    megabytes = os.path.getsize(corpus) / 1e6
    print(f'corpus: {megabytes:.0f} MB of NDJSON; {os.cpu_count()} processors', flush=True)
    lede = os.path.join(arguments.build, 'server', 'lede')
    data, imported, plain, lucene = (os.path.join(folder, name) for name in ('lede-data', 'lede-imported', 'plain', 'lucene'))
    speeds = {}
    seconds, peak = timed([lede, 'import', '--data', imported, corpus])
    speeds['import --data'] = print_row('import --data:', megabytes, seconds, peak, imported)
    seconds, peak, answer = bulk_over_http(lede, corpus, data)
    speeds['bulk over HTTP'] = print_row('bulk over HTTP:', megabytes, seconds, peak, data)
    print(f'                  created {answer["created"]}, failed {answer["failed"]}', flush=True)
    seconds, peak = timed([os.path.join(arguments.build, 'tests', 'bench', 'plain_index'), plain], corpus)
    plain_speed = print_row('plain Xapian:', megabytes, seconds, peak, plain)
    command = lucene_command(lucene, corpus)
    lucene_speed = print_row('Lucene 8:', megabytes, *timed(command), lucene) if command else None
    for name, speed in speeds.items():
        print(f'{name}: {speed / plain_speed:.2f} times plain Xapian' +
              (f', {speed / lucene_speed:.2f} times Lucene' if lucene_speed else ''), flush=True)
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--documents', type=int, default=200000)
    parser.add_argument('--corpus')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--keep', help='folder for the corpus and the indexes, kept afterwards')
    parser.add_argument('--rounds', default='11')
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp(prefix='lede-bench-')
    os.makedirs(folder, exist_ok=True)
    try:
        corpus = make_corpus(arguments, folder)
        data = print_indexing(arguments, corpus, folder)
        subprocess.run([os.path.join(arguments.build, 'tests', 'bench', 'search_bench'), data,
                        os.path.join(HERE, 'queries.txt'), arguments.rounds], check=True)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


main()
