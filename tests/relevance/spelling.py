#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""spelling.py [--build DIR] [--pairs N] [--half 0|1|all] [--misses]

Indexes the English news of the shared data (LEDE_SHARED, or ../shared) and asks each misspelling of spelling/pairs.tsv over HTTP. Prints, for each source of pairs
and for all, how many first suggestions are right, and how many correct words are left alone. Only pairs count whose intended word the
archive has. A misspelling that is a word of the archive itself (`form` for `from`) cannot be seen from the word alone: the second line of each
source leaves those out. Half 0 of the intended words (by a hash) is what the table of confusions was estimated on, half 1 was held out.
Where aspell and hunspell are installed with an English dictionary, their first suggestions for the same pairs are counted beside; without
one it is said that it is skipped.

--pairs N asks at most N pairs of each source, the same ones each time; 0: all."""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import run

ENGLISH = ('reuters.ndjson', 'digitalgov.ndjson', 'wikinews_en.ndjson')
READY_S = 120


def shared_data():
    for path in (os.environ.get('LEDE_SHARED'), os.path.join(run.ROOT, '..', 'shared')):
        folder = os.path.join(path or '', 'data')
        if path and os.path.exists(os.path.join(folder, 'spelling', 'pairs.tsv')):
            return folder
    return None


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def half_of(word):
    return digest(word.lower())[0] & 1


def read_pairs(path, half, most):
    """(misspelling, intended word) by source."""
    sources = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            written, meant, source = line.rstrip('\n').split('\t')
            if written.lower() != meant.lower() and half in ('all', str(half_of(meant))):
                sources.setdefault(source, []).append((written, meant))
    if most:
        for source, pairs in sources.items():
            sources[source] = sorted(pairs, key=lambda pair: digest('\t'.join(pair)))[:most]
    return sources


class Archive:
    """A server with the news, asked by one connection."""

    def __init__(self, lede, data, folder, files=ENGLISH):
        self.server = run.Server(lede, data)
        for name in files:
            with open(os.path.join(folder, name), 'rb') as file:
                self.server.post('/documents', file.read(), 'application/x-ndjson')
        self.wait_for_words()

    def get(self, **parameters):
        self.server.connection.request('GET', '/search?' + urllib.parse.urlencode(parameters))
        return json.loads(self.server.connection.getresponse().read())

    def wait_for_words(self):
        """The words of the archive are gathered in the background."""
        end = time.monotonic() + READY_S
        while self.get(q='presidennt', limit=0).get('query', {}).get('did_you_mean') is None:
            if time.monotonic() > end:
                raise SystemExit('spelling.py: no suggestion came')
            time.sleep(0.2)
        time.sleep(3)
        self.get(q='presidennt', limit=0)
        time.sleep(3)

    def has(self, word):
        return self.get(q=f'="{word}"', limit=0, spell='off').get('total', {}).get('value', 0) > 0

    def suggestion(self, text):
        """The suggestion, and the milliseconds that the server took."""
        answer = self.get(q=plain(text), limit=0, highlight='none')
        return (answer.get('query', {}).get('did_you_mean') or '').lower().replace('’', "'"), answer.get('took_ms', 0)


class Peer:
    """Another speller, by ispell's pipe."""
    COMMANDS = {'aspell': ['aspell', '-a', '-d', 'en_US'], 'hunspell': ['hunspell', '-a', '-d', 'en_US']}

    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(self.COMMANDS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        encoding='utf-8')
        self.is_there = self.process.stdout.readline().startswith('@')

    def suggestion(self, word):
        """Its first suggestion for one word; '' where it leaves it alone, or has none."""
        self.process.stdin.write(f'^{word}\n')
        self.process.stdin.flush()
        first = ''
        while line := self.process.stdout.readline().strip():
            if line.startswith('&') and not first:
                first = line.split(':', 1)[1].split(',')[0].strip().lower()
        return '' if first == word else first

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)


def open_peers():
    peers = []
    for name in Peer.COMMANDS:
        peer = Peer(name) if shutil.which(name) else None
        if peer and peer.is_there:
            peers.append(peer)
            continue
        if peer:
            peer.close()
        print(f'{name} is not installed, or has no English dictionary: skipped')
    return peers


def plain(text):
    return ' '.join(re.sub(r"[^\w']|_", ' ', text).split()).lower()


def measure(archive, sources, show_misses=False, counted_pairs=None):
    """Rows of (source, pairs counted, right, pairs unknown to the archive, right of those, ms), and of correct words (source, words, left alone).
    counted_pairs: where it is a dictionary, by source the (misspelling, intended, is a word of the archive) that were counted, and the words."""
    rows, kept = [], []
    known = {}

    def has(word):
        if word not in known:
            known[word] = archive.has(word)
        return known[word]

    for source, pairs in sorted(sources.items()):
        counted = right = unknown = unknown_right = 0
        times, judged = [], []
        for written, meant in pairs:
            if ' ' in meant or not has(plain(meant)):
                continue
            suggested, took = archive.suggestion(written)
            times.append(took)
            is_right = suggested == plain(meant)
            is_word = ' ' not in written and has(plain(written))
            counted += 1
            judged.append((plain(written), plain(meant), is_word))
            right += is_right
            unknown += not is_word
            unknown_right += is_right and not is_word
            if show_misses and not is_right and not is_word:
                print('miss', source, written, meant, suggested, sep='\t')
        rows.append((source, counted, right, unknown, unknown_right, sorted(times)))
        words = sorted({plain(meant) for _, meant in pairs if ' ' not in meant and has(plain(meant))})
        suggestions = [(word, archive.suggestion(word)[0]) for word in words]
        alone = sum(not suggestion for _, suggestion in suggestions)
        if show_misses:
            for word, suggestion in suggestions:
                if suggestion:
                    print('changed', word, suggestion, sep='\t')
        kept.append((source, len(words), alone))
        if counted_pairs is not None:
            counted_pairs[source] = (judged, words)
    return rows, kept


def print_peers(peers, counted):
    """First suggestions of other spellers for the pairs that were counted, and what they leave alone."""
    for peer in peers:
        print(f'\n{peer.name:12} {"pairs":>6} {"right":>8} {"no word":>8} {"right":>8} {"correct":>8} {"alone":>8}')
        sums = [0] * 6
        for source, (pairs, words) in counted.items():
            found = [(peer.suggestion(written) == meant, is_word) for written, meant, is_word in pairs]
            row = [len(found), sum(right for right, _ in found), sum(not is_word for _, is_word in found),
                   sum(right and not is_word for right, is_word in found), len(words), sum(not peer.suggestion(word) for word in words)]
            sums = [a + b for a, b in zip(sums, row)]
            print_shares(source, row)
        print_shares('all', sums)


def share(part, whole):
    return f'{100 * part / whole:5.1f} %' if whole else '    –'


def print_shares(name, row):
    pairs, right, unknown, unknown_right, words, alone = row
    print(f'{name:12} {pairs:6} {share(right, pairs):>8} {unknown:8} {share(unknown_right, unknown):>8} {words:8} {share(alone, words):>8}')


def print_table(rows, kept):
    total = [sum(row[i] for row in rows) for i in range(1, 5)]
    print(f'{"source":12} {"pairs":>6} {"right":>8} {"no word":>8} {"right":>8} {"correct":>8} {"alone":>8} {"ms p50":>7} {"p99":>7}')
    for row, (_, words, alone) in zip(rows, kept):
        times = row[5] or [0]
        print(f'{row[0]:12} {row[1]:6} {share(row[2], row[1]):>8} {row[3]:8} {share(row[4], row[3]):>8} {words:8} {share(alone, words):>8} '
              f'{times[len(times) // 2]:7.2f} {times[int(len(times) * .99)]:7.2f}')
    words, alone = sum(row[1] for row in kept), sum(row[2] for row in kept)
    print_shares('all', total + [words, alone])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default=os.path.join(run.ROOT, 'build', 'release'))
    parser.add_argument('--pairs', type=int, default=0)
    parser.add_argument('--half', default='all', choices=('0', '1', 'all'))
    parser.add_argument('--misses', action='store_true')
    arguments = parser.parse_args()
    folder = shared_data()
    if folder is None:
        sys.exit('spelling.py: the shared data is not here')
    with tempfile.TemporaryDirectory(prefix='lede-spelling-') as data:
        archive = Archive(os.path.join(arguments.build, 'server', 'lede'), data, folder)
        try:
            sources = read_pairs(os.path.join(folder, 'spelling', 'pairs.tsv'), arguments.half, arguments.pairs)
            counted = {}
            print_table(*measure(archive, sources, arguments.misses, counted))
        finally:
            archive.server.stop()
    peers = open_peers()
    print_peers(peers, counted)
    for peer in peers:
        peer.close()


if __name__ == '__main__':
    main()
