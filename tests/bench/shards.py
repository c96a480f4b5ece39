# SPDX-License-Identifier: GPL-2.0-or-later
"""What a search over shards costs beside one on one server with the same documents: time, and bytes between the servers. In one run, on one
machine: the shards share its processors with each other and with the server that asks them.

    LEDE_BINARY=build/lede/server/lede python3 tests/bench/shards.py DOCUMENTS.ndjson [SHARDS [SEARCHES]]"""
import os
import random
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'cluster'), os.path.join(ROOT, 'tests', 'api'), os.path.join(ROOT, 'tests')]
import program  # noqa: E402
import queries  # noqa: E402
from test_shards import Archive, Liar  # noqa: E402

KINDS = {
    'a word': lambda words: {'q': words[0]},
    'two words': lambda words: {'q': ' '.join(words[:2])},
    'any of four words': lambda words: {'q': ' '.join(words[:4]), 'match': 'any'},
    'a phrase': lambda words: {'q': '"' + ' '.join(words[:2]) + '"'},
    'a pattern': lambda words: {'q': words[0][:4] + '*'},
    'newest': lambda words: {'q': words[0], 'sort': 'newest'},
    'facets, histogram': lambda words: {'q': words[0], 'facets': 'section,tag', 'histogram': 'week'},
    'groups': lambda words: {'q': words[0], 'collapse': 'section'},
    'no texts': lambda words: {'q': words[0], 'limit': 0},
}


def ask(server, asked):
    begun = time.monotonic()
    answer = server.get('/search', spell='off', cache='0', timeout='10s', **asked)
    assert answer.status == 200, answer.text
    return (time.monotonic() - begun) * 1000, answer


def counted(archive):
    """Bytes of bodies between the servers; a proxy stands before each shard, so times of these searches say nothing."""
    proxies = [Liar(shard[0]) for shard in archive.shards]
    over = program.Program(LEDE_SHARDS_MAP=','.join(proxy.url for proxy in proxies), LEDE_SHARDS_KEY_FILE=archive.key)
    return proxies, over


def main():
    path, shards, searches = sys.argv[1], int((sys.argv[2:3] or ['3'])[0]), int((sys.argv[3:4] or ['100'])[0])
    documents = program.read_documents(path)
    for number, document in enumerate(documents):
        document.setdefault('published', f'2001-01-01T00:{number % 60:02}:00Z')
    archive = Archive(documents, (1,) * shards)
    proxies, through = counted(archive)
    try:
        print(f'{len(documents)} documents, {shards} shards, {searches} searches of each kind, {os.cpu_count()} processors; seed 1')
        print(f'{"":18} {"one, ms":>8} {"p99":>7} {"over, ms":>9} {"p99":>7} {"asked, B":>9} {"told, B":>9} {"questions":>9}')
        for kind, make in KINDS.items():
            chance = random.Random(1)
            asked = []
            while len(asked) < searches:
                words = queries.words_of(chance, documents)
                at = chance.randrange(max(1, len(words) - 4))
                if len(words) >= at + 4 and len(words[at]) > 3:
                    asked.append(make(words[at:at + 4]))
            times = {}
            for server in (archive.whole, archive.over):
                for one in asked:
                    ask(server, one)  # what is read of segments is in memory
                times[server] = sorted(ask(server, one)[0] for one in asked)
            before = [(proxy.asked, proxy.asked_bytes, proxy.told_bytes) for proxy in proxies]
            for one in asked:
                ask(through, one)
            total = [sum(now - then for now, then in zip(column, older)) for column, older in zip(
                zip(*[(proxy.asked, proxy.asked_bytes, proxy.told_bytes) for proxy in proxies]), zip(*before))]
            one, over = times[archive.whole], times[archive.over]
            print(f'{kind:18} {statistics.median(one):8.2f} {one[int(len(one) * .99)]:7.2f} {statistics.median(over):9.2f} '
                  f'{over[int(len(over) * .99)]:7.2f} {total[1] / searches:9.0f} {total[2] / searches:9.0f} {total[0] / searches:9.1f}')
    finally:
        for proxy in proxies:
            proxy.stop()
        through.stop()
        through.remove()
        archive.stop()


if __name__ == '__main__':
    main()
