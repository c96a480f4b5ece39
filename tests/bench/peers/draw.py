#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""draw.py CORPUS QUERIES [--queries N] [--seed N]

Draw the contest's queries from the documents themselves and write them to QUERIES, a line each:
class, a tab, words. Of N (3,000) two thirds are OR of two to four words, a sixth AND of two or
three, a sixth phrases of two to four. The same corpus, N and seed give the same file.

Words are drawn by the share of documents that have them: a band of BANDS first, then one of its
words, each as likely as the next: of ten words three are in more than a tenth of the documents,
three more in more than a hundredth. The 33 words that Lucene's English analyzer drops by default
are not drawn, but stand in phrases. OR takes its words each by itself; every other AND takes them
from one document, so that it is found, the rest each by itself. A phrase is words that stand side
by side in a document; of every fourth the last two words change places, so that most of these are
found nowhere. Only words of three or more letters a to z are drawn, with nothing but blanks between
those of a phrase: tokenizers agree about these."""
import argparse
import collections
import json
import random
import re

# The least share of documents, and how often a word of the band is drawn.
BANDS = ((.1, 3), (.01, 3), (.001, 2), (.0001, 1), (0, 1))
DOCUMENTS_MIN = 2
STOP = set('a an and are as at be but by for if in into is it no not of on or such that the their '
           'then there these they this to was will with'.split())
WORD = re.compile(r'(?<![^\W_])[a-z]{3,}(?![^\W_])')
RUN = re.compile(r"(?<![^\s])[a-z]+(?:\s+[a-z]+){1,3}(?![^\s])")


def texts(path, wanted=None):
    """Number and lower-case text of each document, or of those wanted."""
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file):
            if wanted is None or number in wanted:
                document = json.loads(line)
                yield number, f'{document.get("title") or ""} . {document.get("body") or ""}'.lower(
                )


def words_of(text):
    return set(WORD.findall(text)) - STOP


def bands_of(path):
    """Words by band, sorted; and how many documents there are."""
    frequencies = collections.Counter()
    count = 0
    for _, text in texts(path):
        frequencies.update(words_of(text))
        count += 1
    bands = [[] for _ in BANDS]
    for word in sorted(frequencies):
        share = frequencies[word] / count
        if frequencies[word] >= DOCUMENTS_MIN:
            bands[next(i for i, (least, _) in enumerate(BANDS) if share > least)].append(word)
    return bands, count


class Draw:
    def __init__(self, path, queries, seed):
        self.random = random.Random(seed)
        self.bands, count = bands_of(path)
        if not any(self.bands):
            raise SystemExit('draw.py: no word is in two documents')
        self.band_of = {word: i for i, band in enumerate(self.bands) for word in band}
        # Twice as many documents as are needed: some have no run of words.
        chosen = self.random.sample(range(count), min(count, queries))
        found = dict(texts(path, set(chosen)))
        self.documents = [found[number] for number in chosen]

    def document(self):
        return self.random.choice(self.documents)

    def words(self, count, bands):
        drawn = []
        while len(drawn) < count:
            word = self.by_band(bands)
            if word not in drawn:
                drawn.append(word)
        return drawn

    def by_band(self, bands):
        weights = [weight if band else 0 for band, (_, weight) in zip(bands, BANDS)]
        return self.random.choice(self.random.choices(bands, weights)[0])

    def any_of(self):
        return self.words(self.random.randint(2, 4), self.bands)

    def all_of(self, from_one_document):
        count = self.random.randint(2, 3)
        if not from_one_document:
            return self.words(count, self.bands)
        while True:
            bands = [[] for _ in BANDS]
            for word in sorted(words_of(self.document())):
                if word in self.band_of:
                    bands[self.band_of[word]].append(word)
            if sum(len(band) for band in bands) > 2 * count:
                return self.words(count, bands)

    def phrase(self, in_order):
        while True:
            length = self.random.randint(2, 4)
            runs = [run.split() for run in RUN.findall(self.document())]
            runs = [run[:length] for run in runs if len(run) >= length]
            runs = [
                run for run in runs
                if not set(run) <= STOP and all(len(word) > 1
                                                for word in run) and run[-1] != run[-2]
            ]
            if runs:
                run = self.random.choice(runs)
                return run if in_order else [*run[:-2], run[-1], run[-2]]


def draw(path, queries_path, queries=3000, seed=11):
    drawer = Draw(path, queries, seed)
    sixth = queries // 6
    rows = [('or', drawer.any_of()) for _ in range(queries - 2 * sixth)]
    rows += [('and', drawer.all_of(i % 2 == 0)) for i in range(sixth)]
    rows += [('phrase', drawer.phrase(i % 4 != 3)) for i in range(sixth)]
    drawer.random.shuffle(rows)
    with open(queries_path, 'w', encoding='utf-8') as file:
        file.writelines(f'{name}\t{" ".join(words)}\n' for name, words in rows)
    print('words in more than a share of the documents: ' +
          ', '.join(f'{least}: {len(band)}' for (least, _), band in zip(BANDS, drawer.bands)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('corpus')
    parser.add_argument('file')
    parser.add_argument('--queries', type=int, default=3000)
    parser.add_argument('--seed', type=int, default=11)
    arguments = parser.parse_args()
    draw(arguments.corpus, arguments.file, arguments.queries, arguments.seed)


if __name__ == '__main__':
    main()
