# SPDX-License-Identifier: GPL-2.0-or-later
"""Seeds for libFuzzer out of the tests' own queries and texts.

    seeds.py make DIRECTORY       one directory of files for each target, and a dictionary
    seeds.py keep TARGET FILE     an input as a line of kept.txt
"""
import glob
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
WORDS = ['AND', 'OR', 'NOT', 'NEAR/5', 'ADJ/2', 'SAME s', 'SAME p', 'ATLEAST/3', 'CAPS', 'LEAD:', 'LENGTH>9',
         'title:', 'published:', '2022-01', '-7d', '..', 'W/5', 'PRE/2', '/s', '+5', 'HLEAD(', 'NOT NEAR/5', 'NOT W/5', 'today']


def queries():
    """String literals of the tests of queries and marks, and queries that tests and benchmarks send."""
    for name in glob.glob(os.path.join(TESTS, '*', '*.c')):
        if '/query/' in name or '/highlight/' in name or '/witness/' in name:
            with open(name, encoding='utf-8') as file:
                for found in LITERAL.findall(file.read()):
                    yield found.replace('\\"', '"').replace('\\\\', '\\')
    with open(os.path.join(TESTS, 'bench', 'queries.txt'), encoding='utf-8') as file:
        yield from file.read().split('\n')


def texts():
    """Titles and the first paragraphs of the sample news, and literals of the tests of texts."""
    with open(os.path.join(TESTS, 'data', 'news.ndjson'), encoding='utf-8') as file:
        for line in file:
            document = json.loads(line)
            yield document['title']
            yield document.get('body', '')[:600]
    for name in glob.glob(os.path.join(TESTS, 'text', '*.c')):
        with open(name, encoding='utf-8') as file:
            for found in LITERAL.findall(file.read()):
                yield found.replace('\\n', '\n').replace('\\"', '"')


def write(folder, inputs):
    """Write each input once."""
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(sorted(set(inputs))):
        with open(os.path.join(folder, f'{number:05}'), 'wb') as file:
            file.write(data)


def make(folder):
    """Write the seeds and the dictionary."""
    some_queries = [q.encode() for q in queries() if q]
    some_texts = [t.encode() for t in texts() if t]
    kept = {'query': [], 'text': [], 'marks': []}
    with open(os.path.join(HERE, 'kept.txt'), encoding='ascii') as file:
        for line in file:
            target, _, data = line.rstrip('\n').partition(' ')
            if target in kept:
                kept[target].append(re.sub(rb'\\x(..)', lambda m: bytes([int(m[1], 16)]), data.encode()))
    write(os.path.join(folder, 'query'), kept['query'] + [bytes([n % 8]) + q for n, q in enumerate(some_queries)])
    write(os.path.join(folder, 'text'), kept['text'] + [bytes([n % 64, n % 3]) + t for n, t in enumerate(some_texts)])
    write(os.path.join(folder, 'marks'), kept['marks'] + [
        bytes([n % 64, n % 256]) + q.replace(b'\n', b' ') + b'\n' + q + b' ' + some_texts[n % len(some_texts)]
        for n, q in enumerate(some_queries)])
    with open(os.path.join(folder, 'dictionary'), 'w', encoding='ascii') as file:
        file.write(''.join(f'"{word}"\n' for word in WORDS))


def keep(target, name):
    """Print an input as kept.txt has it."""
    with open(name, 'rb') as file:
        data = file.read()
    shown = ''.join(chr(b) if 32 <= b < 127 and b != 92 else f'\\x{b:02x}' for b in data)
    print(target, shown)


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(sys.argv[2])
    else:
        keep(sys.argv[2], sys.argv[3])
