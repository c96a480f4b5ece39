# SPDX-License-Identifier: GPL-2.0-or-later
"""Are similar documents about the same thing? Asks /documents/{id}/similar for documents with a section and prints, by section and in all, how many
of the first ten are of that section (P@10), beside what a blind choice gives.

    similar.py --binary build/release/server/lede CORPUS.ndjson [--each 40] [--seed 1] [--url http://…]

Each section has --each documents asked for, chosen by the seed; documents without a section count as wrong. Without --url a server is
started on a new directory and the corpus indexed."""
import argparse
import collections
import json
import os
import random
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'api')]


def read_documents(path):
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def ask(port, identity):
    import http.client
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    connection.request('GET', f'/documents/{urllib.parse.quote(identity, safe="")}/similar?limit=10&highlight=none&fields=section,tags')
    reply = connection.getresponse()
    answer = json.loads(reply.read())
    connection.close()
    assert reply.status == 200, answer
    return answer


def measure(port, documents, each, seed):
    by_section = collections.defaultdict(list)
    for document in documents:
        if document.get('section'):
            by_section[document['section']].append(document['id'])
    chance = random.Random(seed)
    rows, took = [], []
    for section, identities in sorted(by_section.items(), key=lambda item: -len(item[1])):
        if len(identities) < 11:
            continue
        right = shown = 0
        asked = chance.sample(identities, min(each, len(identities)))
        for identity in asked:
            started = time.perf_counter()
            answer = ask(port, identity)
            took.append((time.perf_counter() - started) * 1000)
            right += sum(hit['document'].get('section') == section for hit in answer['hits'])
            shown += 10
        rows.append((section, len(identities), right / shown, (len(identities) - 1) / (len(documents) - 1)))
    return rows, sorted(took)


def report(rows, took):
    print(f'{"section":<16} {"documents":>9} {"P@10":>6} {"blind":>6}')
    for section, count, precision, blind in rows:
        print(f'{section:<16} {count:>9} {precision:>6.3f} {blind:>6.3f}')
    print(f'{"mean of all":<16} {"":>9} {sum(row[2] for row in rows) / len(rows):>6.3f} {sum(row[3] for row in rows) / len(rows):>6.3f}')
    print(f'{len(took)} requests: mean {sum(took) / len(took):.1f} ms, p99 {took[int(len(took) * .99)]:.1f} ms')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('corpus')
    parser.add_argument('--binary', default=os.environ.get('LEDE_BINARY'))
    parser.add_argument('--url')
    parser.add_argument('--each', type=int, default=40)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    documents = read_documents(options.corpus)
    if options.url:
        report(*measure(urllib.parse.urlsplit(options.url).port, documents, options.each, options.seed))
        return
    os.environ['LEDE_BINARY'] = os.path.abspath(options.binary)
    import program
    lede = program.Program()
    try:
        with open(options.corpus, 'rb') as file:
            assert lede.bulk(file.read()).json['failed'] == 0
        report(*measure(lede.port, documents, options.each, options.seed))
    finally:
        lede.stop()
        lede.remove()


if __name__ == '__main__':
    main()
