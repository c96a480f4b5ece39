#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""suggest.py DATA [--build DIR] [--rounds N] [--each]

Times /suggest over HTTP for the beginnings of tests/bench/suggestions.txt: 1 to 8 letters of frequent words, of names and of the last of two words.
Prints processor time of all the server's threads and the time passed until the answer is read, by kind and by number of letters: of each
beginning the median of its rounds counts, so that p99 speaks of beginnings and not of the machine; the worst round of all stands last.
The first round is not counted: it fills what later ones find. DATA as for classes.py. Never a test's verdict: machines differ."""
import argparse
import os
import statistics
import time
import urllib.parse

from classes import HERE, ROOT, Server, percentile

LETTERS_MAX = 8
LEXICON_WAIT_S = 60


def read_beginnings():
    """(kind, letters, text), each text once."""
    beginnings = {}
    with open(os.path.join(HERE, 'suggestions.txt'), encoding='utf-8') as file:
        for kind, text in (line.rstrip('\n').split('\t') for line in file if not line.startswith('#')):
            start = text.rfind(' ') + 1
            for letters in range(1, min(LETTERS_MAX, len(text) - start) + 1):
                beginnings.setdefault(text[:start + letters], (kind, letters))
    return [(kind, letters, text) for text, (kind, letters) in beginnings.items()]


def address_of(text):
    return '/suggest?q=' + urllib.parse.quote(text)


def wait_for_lexicon(server):
    """It is gathered when somebody asks, in the background."""
    end = time.monotonic() + LEXICON_WAIT_S
    while not server.ask(address_of('comp'))[2]['completions']:
        if time.monotonic() > end:
            raise SystemExit('expected completions of "comp" within a minute, found none')
        time.sleep(0.5)


def measure(server, beginnings, rounds):
    """Of each beginning the rounds' (processor time, time passed)."""
    times = {text: [] for _, _, text in beginnings}
    for number in range(rounds + 1):
        for _, _, text in beginnings:
            spent = server.ask(address_of(text))[:2]
            if number > 0:
                times[text].append(spent)
    return times


def print_row(name, rounds):
    """rounds: of each beginning."""
    columns = []
    for which in (0, 1):
        medians = [statistics.median(spent[which] for spent in one) for one in rounds]
        worst = max(spent[which] for one in rounds for spent in one)
        columns += [percentile(medians, share) for share in (.5, .9, .99)] + [worst]
    print(f'{name:10} {len(rounds):5} ' + ' '.join(f'{value:7.2f}' for value in columns))


def print_table(beginnings, times):
    print(f'{"":10} {"begin-":>5} {"processor time, ms":>31} {"time passed, ms":>31}')
    print(f'{"":10} {"nings":>5} ' + ' '.join(f'{name:>7}' for name in ('p50', 'p90', 'p99', 'worst') * 2))
    for letters in range(1, LETTERS_MAX + 1):
        print_row(f'{letters} letter{"s" if letters > 1 else ""}', [times[text] for _, count, text in beginnings if count == letters])
    for wanted in ('word', 'name', 'two'):
        print_row(wanted, [times[text] for kind, _, text in beginnings if kind == wanted])
    print_row('all', list(times.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data')
    parser.add_argument('--build', default=os.path.join(ROOT, 'build', 'release'))
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--each', action='store_true', help='a line for each beginning, slowest first')
    arguments = parser.parse_args()
    server = Server(os.path.join(arguments.build, 'server', 'lede'), arguments.data)
    try:
        wait_for_lexicon(server)
        beginnings = read_beginnings()
        times = measure(server, beginnings, arguments.rounds)
    finally:
        server.stop()
    print_table(beginnings, times)
    if arguments.each:
        for text in sorted(times, key=lambda text: -statistics.median(cpu for cpu, _ in times[text])):
            cpu, passed = (statistics.median(spent[which] for spent in times[text]) for which in (0, 1))
            print(f'  {cpu:7.2f} {passed:7.2f}  {text}')


if __name__ == '__main__':
    main()
