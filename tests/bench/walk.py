# SPDX-License-Identifier: GPL-2.0-or-later
"""Walk every hit by cursor while documents are added and replaced: walk.py LEDE NDJSON [LIMIT]. Prints pages, times, what was missed or repeated."""
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

LEDE, CORPUS = sys.argv[1:3]
LIMIT = int(sys.argv[3]) if len(sys.argv) > 3 else 1000


def ask(url, body=None):
    request = urllib.request.Request(url, data=body, headers={'Content-Type': 'application/x-ndjson'})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def write(base, documents, over, counts):
    for step in itertools.count():
        if over.is_set():
            return
        replaced = [{**document, 'summary': f'Changed {step}.'} for document in documents[step % 100::1000]]
        added = [{**documents[step * 50 % len(documents) + n], 'id': f'added-{step}-{n}'} for n in range(50)]
        body = ''.join(json.dumps(document) + '\n' for document in replaced + added).encode()
        counts.append(ask(base + '/documents', body)['updated'])
        time.sleep(0.1)


def walk(base, **parameters):
    address = '/search?' + urllib.parse.urlencode({'limit': LIMIT, 'fields': 'id', 'highlight': 'none', 'timeout': '30s', **parameters})
    times, seen = [], []
    while address:
        start = time.perf_counter()
        answer = ask(base + address)
        times.append((time.perf_counter() - start) * 1000)
        seen += [hit['id'] for hit in answer['hits']]
        address = answer['next']
    return times, seen


with tempfile.TemporaryDirectory(prefix='lede-walk-') as data:
    subprocess.run([LEDE, 'import', '--data', os.path.join(data, 'data'), CORPUS], check=True, capture_output=True)
    server = subprocess.Popen([LEDE, 'serve', '--data', os.path.join(data, 'data'), '--listen', '127.0.0.1:0'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env=dict(os.environ, LEDE_SERVER_ANSWER_CACHE='0'))
    try:
        base = re.search(r'http://\S+', server.stdout.readline())[0]
        with open(CORPUS, encoding='utf-8') as file:
            documents = [json.loads(line) for line in file]
        kept = {document['id'] for document in documents}
        for parameters in ({'sort': 'newest'}, {'q': 'said company the', 'match': 'any'}):
            before = kept if 'q' not in parameters else set(walk(base, sort='oldest', **parameters)[1]) & kept
            over, counts = threading.Event(), []
            writer = threading.Thread(target=write, args=(base, documents, over, counts))
            writer.start()
            try:
                times, seen = walk(base, **parameters)
            finally:
                over.set()
                writer.join()
            ordered = sorted(times)
            print(f'{parameters}: {len(seen)} hits on {len(times)} pages in {sum(times) / 1000:.1f} s; page median '
                  f'{ordered[len(ordered) // 2]:.1f} ms, longest {ordered[-1]:.1f} ms; {len(counts)} commits meanwhile replaced '
                  f'{sum(counts)}; missed {len(before - set(seen))}, repeated {len(seen) - len(set(seen))}', flush=True)
    finally:
        server.terminate()
        server.wait()
