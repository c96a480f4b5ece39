#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stats.py LEDE [--sizes 0,20000,200000,600000] [--rounds 200]

What operations cost while ever more documents are deleted and still kept in segments, each with a key that is not searched: milliseconds of
GET /stats, /metrics and /health/live, median and worst, and how long the server takes to start over them.
"""
import argparse
import http.client
import json
import shutil
import statistics
import sys
import tempfile
import time
import urllib.parse

from load import serving

BATCH = 20000
DELETED_OF_TEN = 3  # a segment with a third deleted is made anew
PATHS = ('/stats', '/metrics', '/health/live')


def post(url, documents, op):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)
    body = ''.join(json.dumps(document) + '\n' for document in documents)
    connection.request('POST', f'/documents?op={op}', body, {'Content-Type': 'application/x-ndjson'})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f'{op}: {answer.status} {text[:300]}')
    connection.close()


def ask(url, rounds):
    """Milliseconds of each path, and what /stats said last."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    times = {path: [] for path in PATHS}
    said = {}
    for _ in range(rounds):
        for path in PATHS:
            start = time.perf_counter()
            connection.request('GET', path)
            answer = connection.getresponse().read()
            times[path].append((time.perf_counter() - start) * 1000)
            if path == '/stats':
                said = json.loads(answer)
    connection.close()
    return times, said


def documents(first, last):
    for number in range(first, last):
        yield {'id': f'd{number}', 'title': f'Number {number}', 'language': 'en', 'published': '2022-01-01', 'sectoin': 'misspelt',
               'desk': number % 7}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('--sizes', default='0,20000,200000,600000')
    parser.add_argument('--rounds', type=int, default=200)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(',')]
    data = tempfile.mkdtemp(prefix='lede-bench-')
    print(f'{"deleted":>9} {"segments":>9} {"start s":>8}' + ''.join(f'{path + " ms":>18} {"worst":>7}' for path in PATHS))
    try:
        count = 0
        for size in sizes:
            with serving(arguments.lede, data) as (_, url):
                while count * DELETED_OF_TEN < size * 10:
                    post(url, documents(count, count + BATCH), 'index')
                    post(url, [{'id': f'd{number}'} for number in range(count, count + BATCH) if number % 10 < DELETED_OF_TEN], 'delete')
                    count += BATCH
            start = time.perf_counter()
            with serving(arguments.lede, data) as (_, url):
                started = time.perf_counter() - start
                times, said = ask(url, arguments.rounds)
            row = f'{said["merging"]["deleted_documents"]:9} {said["segments"]:9} {started:8.2f}'
            print(row + ''.join(f'{statistics.median(times[path]):18.2f} {max(times[path]):7.2f}' for path in PATHS), flush=True)
    finally:
        shutil.rmtree(data)


if __name__ == '__main__':
    main()
