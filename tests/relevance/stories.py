#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stories.py [--lede PROGRAM] [--articles N] [--seed S] [--natural FILE] [--show N]

How well are stories found? Real articles of the shared data (LEDE_SHARED, or ../shared) are edited as papers do (story_edits.py) and indexed over
HTTP in a random order; then it is asked which share a story. Prints, for each file and in all: of each kind of copy the share that has its
original's story (recall), of what is no copy the share that has it, and of all pairs that share a story the share that should (precision).
Pairs of articles that resemble each other unedited are counted apart.

--natural FILE indexes the file as it is, and shows pairs that came out as one story, to be read."""
import argparse
import collections
import itertools
import os
import random
import sys

import story_edits

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'api'))
import program  # noqa: E402

FILES = ['reuters', 'digitalgov', 'wikinews_en', 'german', 'wikinews_ja', 'chinese']
BULK = 1000
NATURAL_MIN = 0.3  # of character five-grams: such articles were copies before they were edited


def index(lede, documents):
    for start in range(0, len(documents), BULK):
        answer = lede.bulk(documents[start:start + BULK])
        assert answer.status in (200, 207), answer.text[:500]


def read_stories(lede):
    """Lists of ids, one a story that has more than one document."""
    keys = []
    answer = lede.search(collapse='story', limit=1000, fields='id', highlight='none', timeout='30s')
    while True:
        keys += [hit['collapsed']['key'] for hit in answer['hits'] if hit['collapsed']['count'] > 1]
        if answer['next'] is None:
            break
        answer = lede.get(answer['next']).json
    for key in keys:
        yield lede.ids(story=key)


def grams(text):
    text = ' '.join(text.split())
    return {text[i:i + 5] for i in range(len(text) - 4)}


def resemblance(a, b):
    a, b = grams(a), grams(b)
    return len(a & b) / max(1, len(a | b))


class Judge:
    def __init__(self, documents):
        self.bodies = {document['id']: document['body'] for document in documents}
        self.pairs = collections.Counter()  # (file, verdict)
        self.kinds = collections.defaultdict(collections.Counter)  # file -> kind -> with the original's story
        self.totals = collections.defaultdict(collections.Counter)
        self.wrong = []
        for identity in self.bodies:
            self.totals[self.file_of(identity)][identity.split('@')[1]] += 1

    @staticmethod
    def file_of(identity):
        return identity.split(':')[0]

    @staticmethod
    def is_copy(identity):
        return identity.split('@')[1] in ('original', *story_edits.COPIES)

    def verdict(self, a, b):
        same = a.split('@')[0] == b.split('@')[0]
        if same and self.is_copy(a) and self.is_copy(b):
            return 'right'
        originals = [identity.split('@')[0] + '@original' for identity in (a, b)]
        if not same and (resemblance(self.bodies[a], self.bodies[b]) >= NATURAL_MIN or
                         resemblance(*(self.bodies[identity] for identity in originals)) >= NATURAL_MIN):
            return 'natural'
        return 'wrong'

    def add_story(self, ids):
        for identity in ids:
            name, kind = identity.split('@')
            if name + '@original' in ids:
                self.kinds[self.file_of(identity)][kind] += 1
        for a, b in itertools.combinations(sorted(ids), 2):
            verdict = self.verdict(a, b)
            self.pairs[self.file_of(a), verdict] += 1
            if verdict == 'wrong':
                self.wrong.append((a, b))

    def precision(self, files):
        right = sum(self.pairs[name, 'right'] for name in files)
        wrong = sum(self.pairs[name, 'wrong'] for name in files)
        return right / max(1, right + wrong)

    def share(self, files, kinds):
        found = sum(self.kinds[name][kind] for name in files for kind in kinds)
        return found / max(1, sum(self.totals[name][kind] for name in files for kind in kinds))

    def figures(self, files):
        kinds = [*story_edits.COPIES, *story_edits.OTHERS]
        row = {'precision': self.precision(files), 'recall': self.share(files, story_edits.COPIES)}
        return row | {kind: self.share(files, [kind]) for kind in kinds}


def evaluate(lede, folder, articles, seed, files=FILES):
    rng = random.Random(seed)
    documents = [document for name in files for document in story_edits.make(rng, os.path.join(folder, name + '.ndjson'), articles)]
    rng.shuffle(documents)
    index(lede, documents)
    judge = Judge(documents)
    for ids in read_stories(lede):
        judge.add_story(ids)
    return judge


def print_table(judge, files):
    rows = [(name, judge.figures([name])) for name in files] + [('all', judge.figures(files))]
    columns = list(rows[0][1])
    print('| | documents | ' + ' | '.join(columns) + ' |')
    print('| --- ' * (len(columns) + 2) + '|')
    for name, figures in rows:
        count = sum(sum(judge.totals[file].values()) for file in (files if name == 'all' else [name]))
        print(f'| {name} | {count} | ' + ' | '.join(f'{figures[column]:.4f}' for column in columns) + ' |')
    counts = collections.Counter()
    for (_, verdict), count in judge.pairs.items():
        counts[verdict] += count
    print(f'pairs of one story: {counts["right"]} right, {counts["wrong"]} wrong, {counts["natural"]} of articles alike before')


def show_natural(lede, path, show, rng):
    with open(path, encoding='utf-8') as file:
        documents = {document['id']: document for document in map(program.json.loads, file)}
    index(lede, list(documents.values()))
    pairs = [pair for ids in read_stories(lede) for pair in itertools.combinations(ids, 2)]
    print(f'{len(documents)} documents, {len(pairs)} pairs of one story')
    for pair in rng.sample(pairs, min(show, len(pairs))):
        for identity in pair:
            document = documents[identity]
            print(f'{identity} {document.get("published")} {document.get("title")} | {" ".join(document["body"].split())[:300]}')
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--lede', default=os.path.join(os.path.dirname(os.path.dirname(HERE)), 'build', 'release', 'server', 'lede'))
    parser.add_argument('--articles', type=int, default=300, help='of each file')
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument('--natural')
    parser.add_argument('--show', type=int, default=20)
    options = parser.parse_args()
    print(f'seed {options.seed}')
    program.BINARY = options.lede
    lede = program.Program()
    try:
        if options.natural:
            show_natural(lede, options.natural, options.show, random.Random(options.seed))
            return
        folder = os.path.dirname(program.needs_shared('reuters.ndjson'))
        judge = evaluate(lede, folder, options.articles, options.seed)
        print_table(judge, FILES)
        for pair in random.Random(options.seed).sample(judge.wrong, min(options.show, len(judge.wrong))):
            print('wrong:', *pair)
        lede.stop()
    finally:
        lede.remove()


if __name__ == '__main__':
    main()
