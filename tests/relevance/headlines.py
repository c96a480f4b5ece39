#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""headlines.py [--build DIR] [--sample N] [--seed S] [FILE…]

A reader remembers a headline: is its article found by it? Articles are indexed without their headlines, and headlines sent as they are printed,
with match=any and match=all. Prints the mean reciprocal rank of the article among the first hundred hits, and how many headlines found nothing,
beside a plain BM25 (k1 1.2, b 0.75) over the same texts: words as they are written, of Chinese and Japanese the bigrams.

Of each FILE (NDJSON; without one, those of the shared data) N headlines are drawn by the seed, of articles with 100 characters or more. One that
several articles have (news in brief, weather) says of none which is meant, and is not asked."""
import argparse
import collections
import json
import math
import os
import random
import re
import sys
import tempfile
import unicodedata

import run

FILES = ['chinese', 'wikinews_ja', 'reuters', 'digitalgov', 'wikinews_en', 'press_many_languages']
DEPTH = 100
BULK = 2000
UNSPACED = '\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff'


def read_documents(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file if line.strip()]


def draw(documents, count, seed):
    """Articles whose headlines are asked."""
    articles = [document for document in documents if document.get('title') and len(document.get('body', '')) >= 100]
    times = collections.Counter(document.get('title') for document in documents)
    drawn = random.Random(seed).sample(articles, min(count, len(articles)))
    return [document for document in drawn if times[document['title']] == 1]


def ask(lede, documents, asked, parameters):
    """Of each set of parameters the ids found, headline by headline."""
    with tempfile.TemporaryDirectory(prefix='lede-headlines-') as data:
        server = run.Server(lede, data)
        try:
            bodies = [json.dumps({key: value for key, value in document.items() if key != 'title'}) for document in documents]
            for start in range(0, len(bodies), BULK):
                server.post('/documents', '\n'.join(bodies[start:start + BULK]).encode(), 'application/x-ndjson')
            return [run.rank(server, {document['id']: document['title'] for document in asked}, {**run.DEFAULTS, 'limit': str(DEPTH), **more})
                    for more in parameters]
        finally:
            server.stop()


def words(text):
    for run_of_letters in re.findall(rf'[{UNSPACED}]+|[^\W_{UNSPACED}]+', unicodedata.normalize('NFKC', text).lower()):
        if re.match(f'[{UNSPACED}]', run_of_letters) and len(run_of_letters) > 1:
            yield from (run_of_letters[i:i + 2] for i in range(len(run_of_letters) - 1))
        else:
            yield run_of_letters


def plain_bm25(documents, asked, k1=1.2, b=0.75):
    postings, lengths = collections.defaultdict(list), {}
    for document in documents:
        counts = collections.Counter(words(document.get('summary', '') + ' ' + document.get('body', '')))
        lengths[document['id']] = sum(counts.values())
        for word, count in counts.items():
            postings[word].append((document['id'], count))
    mean = sum(lengths.values()) / len(lengths)
    rankings = {}
    for document in asked:
        scores = collections.Counter()
        for word in words(document['title']):
            found = postings.get(word, ())
            weight = math.log(1 + (len(documents) - len(found) + .5) / (len(found) + .5))
            for identity, count in found:
                scores[identity] += weight * count * (k1 + 1) / (count + k1 * (1 - b + b * lengths[identity] / mean))
        rankings[document['id']] = sorted(scores, key=lambda identity: (-scores[identity], identity))[:DEPTH]
    return rankings


def reciprocal_rank(rankings):
    return sum(1 / (found.index(own) + 1) for own, found in rankings.items() if own in found) / len(rankings)


def evaluate(lede, path, count, seed):
    """MRR of match=any, of match=all and of a plain BM25; how many headlines found nothing with match=all; how many were asked."""
    documents = read_documents(path)
    asked = draw(documents, count, seed)
    either, every = ask(lede, documents, asked, [{'match': 'any'}, {'match': 'all'}])
    nothing = sum(not found for found in every.values())
    return reciprocal_rank(either), reciprocal_rank(every), reciprocal_rank(plain_bm25(documents, asked)), nothing, len(asked)


def shared_file(name):
    """Where it is; None: the shared data is not here."""
    for folder in run.shared_folders():
        path = os.path.join(folder, name + '.ndjson')
        if os.path.exists(path):
            return path
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', nargs='*')
    parser.add_argument('--build', default=os.path.join(run.ROOT, 'build', 'release'))
    parser.add_argument('--sample', type=int, default=500)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    files = arguments.files or [path for path in map(shared_file, FILES) if path]
    if not files:
        sys.exit('headlines.py: name a file of documents; the shared data is not here')
    print(f'{"file":24} {"headlines":>9} {"any":>6} {"BM25":>6} {"all":>6} {"all finds nothing":>18}')
    for path in files:
        either, every, plain, nothing, asked = evaluate(os.path.join(arguments.build, 'server', 'lede'), path, arguments.sample, arguments.seed)
        print(f'{os.path.basename(path)[:-7]:24} {asked:9} {either:6.3f} {plain:6.3f} {every:6.3f} {nothing:18}', flush=True)


if __name__ == '__main__':
    main()
