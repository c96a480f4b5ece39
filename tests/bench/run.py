#!/usr/bin/env python3
"""run.py [--documents N] [--corpus FILE] [--build DIR] [--keep DIR]

Print Lede's two figures beside plain Xapian's, measured in one run: bulk indexing over HTTP in MB/s against TermGenerator and one
WritableDatabase, and the processor time of a whole HTTP search against the bare match of the same trees. The corpus is NDJSON; without
--corpus the generator of the shared data makes it (LEDE_SHARED, or ../shared beside the checkout). Never a test's verdict: machines differ.
"""
import argparse
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
    server = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True)
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


def plain_xapian(binary, corpus, data):
    started = time.monotonic()
    with open(corpus, 'rb') as body:
        child = subprocess.Popen([binary, data], stdin=body)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit('run.py: plain_index failed')
    return time.monotonic() - started, usage.ru_maxrss / 1024


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
        megabytes = os.path.getsize(corpus) / 1e6
        print(f'corpus: {megabytes:.0f} MB of NDJSON; {os.cpu_count()} processors', flush=True)
        data = os.path.join(folder, 'lede-data')
        seconds, peak, answer = bulk_over_http(os.path.join(arguments.build, 'server', 'lede'), corpus, data)
        lede_speed = megabytes / seconds
        print(f'bulk over HTTP:  {lede_speed:6.2f} MB/s  {seconds:7.1f} s  peak {peak:5.0f} MB  index {disk_mb(data):6.0f} MB  '
              f'(created {answer["created"]}, failed {answer["failed"]})', flush=True)
        plain = os.path.join(folder, 'plain')
        seconds, peak = plain_xapian(os.path.join(arguments.build, 'tests', 'bench', 'plain_index'), corpus, plain)
        print(f'plain Xapian:    {megabytes / seconds:6.2f} MB/s  {seconds:7.1f} s  peak {peak:5.0f} MB  index {disk_mb(plain):6.0f} MB',
              flush=True)
        print(f'ratio of speeds: {lede_speed / (megabytes / seconds):6.2f}', flush=True)
        subprocess.run([os.path.join(arguments.build, 'tests', 'bench', 'search_bench'), data,
                        os.path.join(HERE, 'queries.txt'), arguments.rounds], check=True)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


main()
