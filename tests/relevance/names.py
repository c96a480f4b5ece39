#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""names.py [--build DIR] [--others] [FILE…]

How well name~ finds a name that is transliterated otherwise. tests/data/names.txt has names, one a line, as newspapers of several languages write
them. An archive is made in which each of these, and each word of the FILEs (NDJSON; without one, all of the shared data in Latin letters), is a
document of its own; then each spelling is asked for as name~. Recall: how many of the name's other spellings are found. Precision: how many of the
words that are found, but for the one asked for, are spellings of the name. The same is told of what one edit finds by itself (the spelling with one
letter wrong, missing, added or swapped, the first one right), which is computed here. --others lists what else is found."""
import argparse
import collections
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LETTERS = {'ł': 'l', 'đ': 'd', 'ß': 'ss', 'ø': 'o', 'ı': 'i'}


def folded(word):
    word = ''.join(LETTERS.get(c, c) for c in word.lower())
    return ''.join(c for c in unicodedata.normalize('NFKD', word) if not unicodedata.combining(c))


def read_names():
    with open(os.path.join(ROOT, 'tests', 'data', 'names.txt'), encoding='utf-8') as file:
        lines = [line for line in file if line.strip()]
    return [list(dict.fromkeys(folded(word.strip()) for word in line.split(','))) for line in lines]


def shared_files():
    folder = os.path.join(os.environ.get('LEDE_SHARED') or os.path.join(ROOT, '..', 'shared'), 'data')
    names = ('reuters', 'wikinews_en', 'digitalgov', 'german', 'press_many_languages')
    return [path for path in (os.path.join(folder, f'{name}.ndjson') for name in names) if os.path.exists(path)]


def read_words(paths):
    """Words of letters alone, of three or more, as they are folded."""
    words = set()
    for path in paths:
        with open(path, encoding='utf-8') as file:
            for line in file:
                document = json.loads(line)
                for key in ('title', 'summary', 'body'):
                    text = folded(document.get(key) or '')
                    words.update(word for word in re.findall(r'[a-z]+', text) if 3 <= len(word) <= 32)
    return words


def is_near(a, b):
    """One edit or none, and the same first letter."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    same = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    x, y = a[same:], b[same:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or (len(x) > 1 and x[1::-1] + x[2:] == y)


class Server:
    def __init__(self, program, directory):
        self.process = subprocess.Popen([program, 'serve', '--data', directory, '--listen', '127.0.0.1:0'], stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, LEDE_SERVER_SYNONYMS='off', LEDE_LOG_LEVEL='warning'))
        self.connection = http.client.HTTPConnection(self.process.stdout.readline().split('http://')[1].strip(), timeout=120)

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        return json.loads(self.connection.getresponse().read())

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def add(server, words):
    words = sorted(words)
    for at in range(0, len(words), 20000):
        body = ''.join(json.dumps({'id': word, 'title': word, 'language': 'und'}) + '\n' for word in words[at:at + 20000])
        answer = server.ask('POST', '/documents', body.encode(), {'Content-Type': 'application/x-ndjson'})
        assert answer['failed'] == 0, answer


def tell(title, found, names):
    """found: of each spelling the words that were found."""
    wanted = sum(len(words) * (len(words) - 1) for words in names)
    right = sum(len(found[word] & set(words) - {word}) for words in names for word in words)
    all_found = sum(len(found[word] - {word}) for words in names for word in words)
    others = [len(found[word] - set(words)) for words in names for word in words]
    print(f'{title:12} recall {right / wanted:.3f}  precision {right / max(all_found, 1):.3f}  other words a query: '
          f'{sum(others) / len(others):.2f} on average, {sum(n == 0 for n in others)} of {len(others)} have none, {max(others)} at most')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build/release')
    parser.add_argument('--others', action='store_true')
    parser.add_argument('files', nargs='*')
    arguments = parser.parse_args()
    names = read_names()
    words = read_words(arguments.files or shared_files()) | {word for spellings in names for word in spellings}
    print(f'{len(names)} names, {sum(map(len, names))} spellings, among {len(words)} words')
    by_fold, by_edit = {}, collections.defaultdict(set)
    with tempfile.TemporaryDirectory(prefix='lede-names-') as directory:
        server = Server(os.path.join(ROOT, arguments.build, 'server', 'lede'), directory)
        try:
            add(server, words)
            for spelling in (word for spellings in names for word in spellings):
                parameters = {'q': spelling + '~', 'limit': 1000, 'fields': 'id', 'highlight': 'none', 'spell': 'off', 'timeout': '30s'}
                answer = server.ask('GET', '/search?' + urllib.parse.urlencode(parameters))
                by_fold[spelling] = {hit['id'] for hit in answer['hits']}
                by_edit[spelling] = {word for word in words if is_near(spelling, word)}
        finally:
            server.stop()
    tell('name~', by_fold, names)
    tell('one edit', by_edit, names)
    tell('the fold', {word: by_fold[word] - by_edit[word] | {word} for word in by_fold}, names)
    for spellings in names if arguments.others else []:
        for word in spellings:
            print(word, *sorted(by_fold[word] - by_edit[word] - set(spellings)))


if __name__ == '__main__':
    sys.exit(main())
