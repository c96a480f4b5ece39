#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cost.py LEDE GUESS_COST DATA [--rounds N] [--each]

Is a search's cost guessed rightly? Asks the classes of tests/bench/classes.txt and the dear searches of run.py one after the other, takes
the processor time of the server's threads for each (the least of N rounds, no kept answer), and prints its rank correlation (Spearman's)
with the guess that was made before, by class and of all, and how many searches are guessed to be on the wrong side of 10 ms. DATA is given
to the server: take a copy."""
import argparse
import json
import os
import subprocess
import sys
import urllib.parse

import run

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(os.path.dirname(HERE), 'bench')
sys.path.insert(0, BENCH)
import processor_time

CLASSES = os.path.join(BENCH, 'classes.txt')
LONG_MS = 10
MORE = [('dear', '', q) for q in ('*a*', 'e*', 'a*', '*ing', '*tion*', 'e* NEAR/5 a*', 'the SAME p of', '"of the"', '(the NEAR/9 of) NEAR/9 in',
                                  'ATLEAST/9 the', ' OR '.join((run.COMMON * 3)[:128]), ' OR '.join(run.COMMON[:20]), 'pri* NEAR/3 oil')]
MORE += [('many', 'limit=1000', 'oil'), ('many', 'limit=1000&match=any', 'oil prices market bank company year'),
         ('many', 'limit=200', 'company'), ('many', 'limit=100&highlight=none', 'company'), ('many', 'limit=1000&fields=id&highlight=none', 'the')]


def read_searches():
    with open(CLASSES, encoding='utf-8') as file:
        rows = [tuple(line.rstrip('\n').split('\t')) for line in file if not line.startswith('#')]
    return [(name, dict(urllib.parse.parse_qsl(parameters), q=q)) for name, parameters, q in rows + MORE]


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + end - 1) / 2
        start = end
    return found


def spearman(a, b):
    x, y = ranks(a), ranks(b)
    mean = (len(x) - 1) / 2
    spread = (sum((i - mean) ** 2 for i in x) * sum((i - mean) ** 2 for i in y)) ** .5
    return sum((i - mean) * (j - mean) for i, j in zip(x, y)) / spread if spread else float('nan')


def guess(program, data, searches):
    lines = ''.join(json.dumps({name: int(value) if name == 'limit' else value for name, value in parameters.items()}) + '\n'
                    for _, parameters in searches)
    return [float(line) for line in subprocess.run([program, data], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout.split()]


def measure(server, searches, rounds):
    spent = []
    for _, parameters in searches:
        path = '/search?' + urllib.parse.urlencode(dict(parameters, cache=0, timeout='20s'))
        least = float('inf')
        for turn in range(rounds + 1):
            before = processor_time.of_process_ms(server.process.pid)
            server.get(path)
            least = min(least, processor_time.of_process_ms(server.process.pid) - before) if turn > 0 else least
        spent.append(least)
    return spent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('lede')
    parser.add_argument('guess_cost')
    parser.add_argument('data')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--each', action='store_true')
    arguments = parser.parse_args()
    searches = read_searches()
    guesses = guess(arguments.guess_cost, arguments.data, searches)
    server = run.Server(arguments.lede, arguments.data, {})
    try:
        spent = measure(server, searches, arguments.rounds)
    finally:
        server.stop()
    if arguments.each:
        for (name, parameters), guessed, took in sorted(zip(searches, guesses, spent), key=lambda row: row[2]):
            print(f'{took:9.2f} {guessed:9.2f}  {name:10} {str(parameters)[:100]}')
    print(f'{"class":12}{"searches":>9}{"rank corr.":>11}{"mean ms":>9}{"guessed":>9}')
    for name in [*dict.fromkeys(name for name, _ in searches), 'all']:
        rows = [(took, guessed) for (own, _), took, guessed in zip(searches, spent, guesses) if name in (own, 'all')]
        took, guessed = zip(*rows)
        print(f'{name:12}{len(rows):9}{spearman(took, guessed):11.2f}{sum(took) / len(rows):9.2f}{sum(guessed) / len(rows):9.2f}')
    wrong = [(took, guessed) for took, guessed in zip(spent, guesses) if (took >= LONG_MS) != (guessed >= LONG_MS)]
    print(f'{sum(took >= LONG_MS for took in spent)} of {len(spent)} take {LONG_MS} ms or more; guessed on the wrong side: {len(wrong)}')


if __name__ == '__main__':
    sys.exit(main())
