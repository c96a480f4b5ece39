#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py [--build DIR] [--parameters NAME=VALUE…] [--language und] [COLLECTION…]

Indexes collections in TREC's form (docs.ndjson, queries.tsv, qrels.txt), asks their queries over HTTP with match=any, and prints nDCG@10,
MAP, P@10, P@30 and R@100. A COLLECTION is a folder; without one, all folders of collections/ in the shared data (LEDE_SHARED, or ../shared).
Where a folder has qrels.as-published.txt, its figures come on a line of their own.

Queries are sent as they are, byte by byte, to the fields that are searched by default: what is printed is what a user gets who types them.
The settings are the same for every collection. --language und indexes without stemming."""
import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile

import measures

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DEFAULTS = {'match': 'any', 'limit': '1000', 'fields': 'id', 'highlight': 'none', 'spell': 'off', 'timeout': '30s'}
# What a published or a reference BM25 reaches; see README.md here.
TO_REACH = {
    'cacm': {'nDCG@10': .4899, 'MAP': .3384, 'P@10': .3481, 'R@100': .6680},
    'cacm, as published': {'MAP': .3123, 'P@30': .1942},
    'cran': {'nDCG@10': .5101, 'MAP': .4114, 'P@10': .3004, 'R@100': .7517},
    'cisi': {'nDCG@10': .3835, 'MAP': .2176, 'P@10': .3539, 'R@100': .4461},
}


def shared_folders():
    """Where the shared data may be."""
    for path in (os.environ.get('LEDE_SHARED'), os.path.join(ROOT, '..', 'shared')):
        if path:
            yield from (path, os.path.join(path, 'data'))


def shared_collections():
    for path in shared_folders():
        folder = os.path.join(path, 'collections')
        if os.path.isdir(folder):
            return sorted(os.path.join(folder, name) for name in os.listdir(folder))
    return []


def read_queries(path):
    with open(path, encoding='utf-8') as file:
        return dict(line.rstrip('\n').split('\t', 1) for line in file if '\t' in line)


def read_judgements(path):
    judgements = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            query, _, document, relevance = line.split()
            if int(relevance) > 0:
                judgements.setdefault(query, set()).add(document)
    return judgements


class Server:
    def __init__(self, lede, data):
        self.process = subprocess.Popen([lede, 'serve', '--data', data, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True)
        address = re.search(r'http://([^/\s]+)', self.process.stdout.readline()).group(1)
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def post(self, path, body, media_type='application/json'):
        self.connection.request('POST', path, body=body, headers={'Content-Type': media_type})
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status >= 300:
            raise SystemExit(f'{path}: {response.status} {answer}')
        return answer

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def rank(server, queries, parameters):
    rankings = {}
    for number, text in queries.items():
        answer = server.post('/search', json.dumps({'q': text, **parameters}))
        rankings[number] = [hit['id'] for hit in answer['hits']]
    return rankings


def evaluate(lede, folder, parameters, language=None):
    """Name and figures of a collection, for each of its files of judgements."""
    name = os.path.basename(folder.rstrip('/'))
    with tempfile.TemporaryDirectory(prefix='lede-relevance-') as data:
        server = Server(lede, data)
        try:
            with open(os.path.join(folder, 'docs.ndjson'), 'rb') as file:
                lines = file.read()
            if language:
                documents = [{**json.loads(line), 'language': language} for line in lines.splitlines() if line.strip()]
                lines = '\n'.join(json.dumps(document) for document in documents).encode()
            server.post('/documents', lines, 'application/x-ndjson')
            rankings = rank(server, read_queries(os.path.join(folder, 'queries.tsv')), parameters)
        finally:
            server.stop()
    for file, label in (('qrels.txt', name), ('qrels.as-published.txt', name + ', as published')):
        path = os.path.join(folder, file)
        if os.path.exists(path):
            yield label, measures.means(rankings, read_judgements(path))


def misses(name, figures):
    return [measure for measure, wanted in TO_REACH.get(name, {}).items() if figures[measure] < wanted - 5e-5]


def print_row(name, figures):
    wanted = TO_REACH.get(name, {})
    cells = [f'{value:.4f} ({wanted[measure]:.4f})' if measure in wanted else f'{value:.4f}' for measure, value in figures.items()]
    print(f'{name:20} ' + ' '.join(f'{cell:>17}' for cell in cells) + ('  below: ' + ', '.join(misses(name, figures)) if misses(name, figures) else ''))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('collections', nargs='*')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--parameters', nargs='*', default=[])
    parser.add_argument('--language')
    arguments = parser.parse_args()
    parameters = {**DEFAULTS, **dict(pair.split('=', 1) for pair in arguments.parameters)}
    folders = arguments.collections or shared_collections()
    if not folders:
        sys.exit('run.py: name a folder with docs.ndjson, queries.tsv and qrels.txt; the shared data is not here')
    print(f'{"collection (to reach)":20} ' + ' '.join(f'{name:>17}' for name in measures.MEASURES))
    for folder in folders:
        for name, figures in evaluate(os.path.join(arguments.build, 'server', 'lede'), folder, parameters, arguments.language):
            print_row(name, figures)


if __name__ == '__main__':
    main()
