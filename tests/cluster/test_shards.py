# SPDX-License-Identifier: GPL-2.0-or-later
"""One server with all documents, and one that searches three others, each with a part: whatever is asked of both, the answers are the same,
ids, scores, order, totals, facets, histograms, groups, highlights and refusals, and so on through the pages.

LEDE_SEED chooses the searches, LEDE_SHARDS_SEARCHES how many there are of each kind."""
import json
import os
import random
import sys
import time
import unittest
import urllib.parse
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'api'), os.path.join(ROOT, 'tests')]
import program  # noqa: E402
import queries  # noqa: E402
import tap  # noqa: E402
from program import Program  # noqa: E402

SEED = int(os.environ.get('LEDE_SEED', time.time_ns() % 1_000_000))
SEARCHES = int(os.environ.get('LEDE_SHARDS_SEARCHES', 20 if program.SANITIZED else 120))
KEY = 'k' * 64
FILTERS = ['source', 'section', 'author', 'tag', 'lang', 'place', 'person', 'organisation']
TIMEOUT = '30s' if program.SANITIZED else '20s'


def key_file():
    path = os.path.join(program.tempfile.mkdtemp(prefix='lede-shards-'), 'key')
    with open(path, 'w', encoding='ascii') as file:
        file.write(KEY + '\n')
    return path


def shard_of(document, shares=(6, 3, 1)):
    """Uneven, so that what one shard knows is not what the others know."""
    number = zlib.crc32(document['id'].encode()) % sum(shares)
    return next(i for i in range(len(shares)) if number < sum(shares[:i + 1]))


class Archive:
    """The same documents in one server (`whole`) and over shards (`over`)."""

    def __init__(self, documents, shares=(6, 3, 1), copies=1, **settings):
        self.key = key_file()
        self.documents = documents
        of_shard = {'LEDE_SHARDS_KEY_FILE': self.key}
        self.whole = Program()
        self.put(self.whole, documents)
        place = self.places(shares)
        self.shards = [[Program(**of_shard) for _ in range(copies)] for _ in shares]
        for i, shard in enumerate(self.shards):
            own = [d for d in documents if place(d) == i]
            for copy in shard:
                self.put(copy, own)
        self.map = ','.join('|'.join(copy.url for copy in shard) for shard in self.shards)
        self.over = Program(LEDE_SHARDS_MAP=self.map, **of_shard, **settings)

    def places(self, shares):
        """Which shard has a document? Each server finds stories among its own, so a story stays together."""
        of_story, at = {}, 0
        while True:
            hits = self.whole.search('', collapse='story', sort='oldest', limit=1000, offset=at, timeout=TIMEOUT)['hits']
            for hit in hits:
                if hit['collapsed']['count'] > 1:
                    for copy in self.whole.search('', story=hit['collapsed']['key'], limit=1000)['hits']:
                        of_story[copy['id']] = {'id': hit['collapsed']['key']}
            at += 1000
            if len(hits) < 1000:
                return lambda document: shard_of(of_story.get(document['id'], document), shares)

    @staticmethod
    def put(server, documents):
        for at in range(0, len(documents), 2000):
            answer = server.ask('POST', '/documents', body=program.lines(documents[at:at + 2000]), headers=program.NDJSON)
            assert answer.status in (200, 207), answer.text

    def stop(self):
        for server in [self.over, self.whole] + [copy for shard in self.shards for copy in shard]:
            if server.process.poll() is None:
                code = server.stop()
                assert code == 0, f'a program ended with {code}'
            server.remove()


def comparable(answer, asked=None):
    """Without what is a server's own; so are the keys of stories, which each makes up for itself."""
    if answer.status != 200:
        problem = answer.json
        return {'status': answer.status, **{k: problem.get(k) for k in ('type', 'detail', 'param', 'position', 'hint')}}
    told = answer.json
    for name in ('took_ms', 'revision', 'shards'):
        told.pop(name, None)
    told['next'] = told['next'] is not None
    told['query'].pop('clinic', None)
    if asked and asked.get('collapse') == 'story':
        for hit in told['hits']:
            hit['collapsed'].pop('key')
    return told


def differences(a, b, path=''):
    if type(a) is not type(b):
        return [f'{path}: {a!r} / {b!r}']
    if isinstance(a, dict):
        return [d for k in sorted(set(a) | set(b)) for d in differences(a.get(k), b.get(k), f'{path}.{k}')]
    if isinstance(a, list):
        if len(a) != len(b):
            return [f'{path}: {len(a)} / {len(b)} items']
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f'{path}[{i}]')]
    return [] if a == b else [f'{path}: {a!r} / {b!r}']


class Searches:
    """Parameters by a seeded chance, of the words and values that documents have."""

    def __init__(self, chance, documents):
        self.chance = chance
        self.documents = documents

    def text(self):
        kind = self.chance.randrange(6)
        if kind == 0:
            return ''
        if kind == 1:
            return queries.query(self.chance, self.documents, 3)
        words = queries.words_of(self.chance, self.documents)
        at = self.chance.randrange(len(words))
        some = words[at:at + self.chance.randrange(1, 5)]
        if kind == 2:
            return '"' + ' '.join(some) + '"'
        if kind == 3:
            return ' '.join(self.chance.choice(words) for _ in range(self.chance.randrange(1, 4)))
        if kind == 4:
            return ' OR '.join(w[:self.chance.randrange(3, 6)] + '*' for w in some)
        return ' '.join(some)

    def value(self, name):
        key = {'tag': 'tags', 'lang': 'language', 'place': 'places', 'person': 'people', 'organisation': 'organisations'}.get(name, name)
        values = self.chance.choice(self.documents).get(key) or []
        values = [values] if isinstance(values, str) else values
        return self.chance.choice(values).replace(',', r'\,') if values else None

    def plain(self):
        chance = self.chance
        asked = {'q': self.text(), 'timeout': TIMEOUT, 'spell': 'off', 'limit': chance.choice([1, 3, 10, 10, 25, 110])}
        if chance.random() < 0.3:
            asked['match'] = 'any'
        if chance.random() < 0.5:
            asked['sort'] = chance.choice(['relevance', 'newest', 'oldest'])
        if chance.random() < 0.3:
            asked['offset'] = chance.choice([1, 5, 60, 99, 150])
        if chance.random() < 0.3:
            asked['after'] = f'{chance.randrange(1986, 2025)}-0{chance.randrange(1, 9)}-1{chance.randrange(9)}'
        if chance.random() < 0.1:
            asked['before'] = f'{chance.randrange(1987, 2026)}-0{chance.randrange(1, 9)}'
        for name in chance.sample(FILTERS, chance.choice([0, 0, 0, 1, 2])):
            value = self.value(name)
            if value:
                asked[name] = ('-' if chance.random() < 0.3 else '') + value
        if chance.random() < 0.3:
            asked['highlight'] = chance.choice(['none', 'title', 'title,body,summary,author'])
        if chance.random() < 0.2:
            asked.update({'format': chance.choice(['text', 'ranges']), 'snippets': 3})
        if chance.random() < 0.2:
            asked['fields'] = chance.choice(['title', 'title,body,published', 'id,source,tags'])
        return asked

    def counted(self):
        chance, asked = self.chance, self.plain()
        asked['facets'] = ','.join(chance.sample(FILTERS, chance.randrange(1, 4)))
        asked['facet_values'] = chance.choice([1, 5, 1000])
        if chance.random() < 0.3:
            asked['facet_offset'] = chance.choice([1, 7])
        if chance.random() < 0.3:
            asked['facet_query'] = chance.choice(['a', 'e', 'er', 'on'])
        if chance.random() < 0.4:
            asked['facet_counts'] = 'disjunctive'
        if chance.random() < 0.7:
            asked['histogram'] = chance.choice(['day', 'week', 'month', 'year', 'auto'])
            if chance.random() < 0.4:
                asked['time_zone'] = chance.choice(['Europe/Berlin', 'Asia/Tokyo', '-05:30'])
        if chance.random() < 0.2:
            asked['limit'] = 0
        return asked

    def grouped(self):
        asked = self.plain()
        asked['collapse'] = self.chance.choice(['source', 'section', 'author', 'tag', 'place', 'story'])
        asked['facet_values'] = self.chance.choice([1, 3, 100])
        if self.chance.random() < 0.5:
            asked['recency'] = self.chance.choice(['12h', '7d', '3650d'])
        return asked


class OneArchive:
    documents = []
    searches = SEARCHES

    @classmethod
    def setUpClass(cls):
        cls.archive = Archive(cls.documents)

    @classmethod
    def tearDownClass(cls):
        cls.archive.stop()

    def setUp(self):
        self.chance = random.Random(f'{SEED} {self.id()}')
        self.make = Searches(self.chance, self.documents)

    def same(self, asked):
        for attempt in range(2):
            whole = self.archive.whole.get('/search', **asked)
            over = self.archive.over.get('/search', **asked)
            found = differences(comparable(whole, asked), comparable(over, asked))
            # a second may have begun between the two, which counts where days or hours do
            if not found or attempt == 1:
                break
        self.assertEqual(found, [], f'seed {SEED}: {asked}')
        return whole, over

    def several(self, make):
        hits = 0
        for _ in range(self.searches):
            whole, _ = self.same(make())
            hits += whole.status == 200 and len(whole.json['hits'])
        self.assertGreater(hits, self.searches / 2, 'the searches find next to nothing')

    @tap.timeout(300)
    def test_hits_scores_totals_and_highlights_are_those_of_one_server(self):
        self.several(self.make.plain)

    @tap.timeout(300)
    def test_facets_and_histograms_are(self):
        self.several(self.make.counted)

    @tap.timeout(300)
    def test_groups_and_what_they_stand_for_are(self):
        self.several(self.make.grouped)

    def test_every_shard_has_answered(self):
        told = self.archive.over.search('*')
        self.assertEqual(told['shards'], {'total': 3, 'answered': 3, 'missing': []})
        self.assertEqual(told['total'], {'value': len(self.documents), 'relation': 'eq'})

    def pages(self, server, asked, times):
        told = server.get('/search', **asked)
        pages = [comparable(told, asked)]
        while told.status == 200 and told.json['next'] and len(pages) < times:
            address = urllib.parse.urlsplit(told.json['next'])
            told = server.ask('GET', f'{address.path}?{address.query}')
            pages.append(comparable(told, asked))
        return pages

    @tap.timeout(300)
    def test_pages_go_on_as_those_of_one_server(self):
        for _ in range(max(4, self.searches // 8)):
            asked = self.make.grouped() if self.chance.random() < 0.3 else self.make.plain()
            asked.update({'limit': 7, 'highlight': 'none'})
            asked.pop('offset', None)
            whole, over = self.pages(self.archive.whole, asked, 6), self.pages(self.archive.over, asked, 6)
            self.assertEqual(differences(whole, over), [], f'seed {SEED}: {asked}')


class ShardsOfTheSample(OneArchive, unittest.TestCase):
    documents = program.read_documents(program.SAMPLE)


class ShardsOfRealNews(OneArchive, unittest.TestCase):
    @tap.timeout(120)
    def test_patterns_of_more_than_a_thousand_words_stand_for_those_of_all_shards(self):
        cut = 0
        for q in ('s*', '*e', 'a* NEAR/5 s*', 'title:c* OR p*', 'oil AND NOT s*', 'r* r* *t*', 'ATLEAST/9 t*', 'body:c*^2 d*'):
            for sort in ('relevance', 'oldest'):
                _, over = self.same({'q': q, 'sort': sort, 'limit': 60, 'timeout': '30s', 'spell': 'off', 'highlight': 'none'})
                cut += len(over.json['query'].get('cut', []))
        self.assertGreater(cut, 8, 'no pattern stands for more words than are looked for')

    @classmethod
    def setUpClass(cls):
        cls.documents = [d for name in ('wikinews_en.ndjson', 'digitalgov.ndjson', 'german.ndjson', 'press_many_languages.ndjson')
                         for d in program.read_documents(program.needs_shared(name))]
        cls.documents += program.read_documents(program.needs_shared('reuters.ndjson'))[:4000]
        seen = {}
        for number, document in enumerate(cls.documents):
            document.setdefault('published', f'2001-01-01T00:{number % 60:02}:00Z')  # else it is when it came, here or there
            seen.setdefault(document['id'], document)
        cls.documents = list(seen.values())
        super().setUpClass()


if __name__ == '__main__':
    tap.main(globals())
