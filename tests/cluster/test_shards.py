# SPDX-License-Identifier: GPL-2.0-or-later
"""One server with all documents, and one that searches three others, each with a part: whatever is asked of both, the answers are the same,
ids, scores, order, totals, facets, histograms, groups, highlights and refusals, and so on through the pages.

LEDE_SEED chooses the searches, LEDE_SHARDS_SEARCHES how many there are of each kind."""
import collections
import http.server
import os
import random
import shutil
import signal
import sys
import threading
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
        of_story = {}
        told = self.whole.search('', collapse='story', sort='oldest', limit=1000, fields='id', timeout=TIMEOUT)
        while True:
            for hit in told['hits']:
                if hit['collapsed']['count'] > 1:
                    for copy in self.whole.search('', story=hit['collapsed']['key'], limit=1000)['hits']:
                        of_story[copy['id']] = {'id': hit['collapsed']['key']}
            if not told['next']:
                return lambda document: shard_of(of_story.get(document['id'], document), shares)
            told = self.whole.ask('GET', told['next']).json

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
        shutil.rmtree(os.path.dirname(self.key), ignore_errors=True)


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

    def test_a_document_is_found_by_its_id_whichever_shard_has_it(self):
        for document in self.chance.sample(self.documents, 12):
            path = '/documents/' + urllib.parse.quote(document['id'], safe='')
            whole, over = self.archive.whole.ask('GET', path), self.archive.over.ask('GET', path)
            self.assertEqual((over.status, differences({**whole.json, 'received': None}, {**over.json, 'received': None})), (200, []))
            same = whole.body == over.body  # unless the second in which it came differs
            self.assertEqual(whole['ETag'] == over['ETag'], same)
            self.assertEqual(self.archive.over.ask('GET', path, headers={'If-None-Match': over['ETag']}).status, 304)
        self.assertEqual(self.archive.over.ask('GET', '/documents/none').status, 404)

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


def sealed(raw):
    """With its checksum behind it."""
    return raw + zlib.crc32(raw).to_bytes(4, 'little')


class Liar:
    """Stands before a shard and passes on what is said, but for answers that `change` makes something else of; it may also wait."""

    def __init__(self, server):
        self.change, self.wait_s = None, 0
        self.asked = self.asked_bytes = self.told_bytes = 0  # of bodies
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                answer = server.ask('POST', self.path, body=body, headers={k: v for k, v in self.headers.items() if k.startswith('Lede-')})
                outer.asked += 1
                outer.asked_bytes += len(body)
                outer.told_bytes += len(answer.raw)
                time.sleep(outer.wait_s)
                told = outer.change(answer.raw) if outer.change else answer.raw
                try:
                    self.send_response(answer.status)
                    self.send_header('Content-Length', str(len(told)))
                    self.end_headers()
                    self.wfile.write(told)
                except OSError:
                    pass  # nobody waits for it any more

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Faults(unittest.TestCase):
    documents = program.read_documents(program.SAMPLE)

    def setUp(self):
        self.archive = Archive(self.documents)
        self.addCleanup(self.archive.stop)
        self.counts = [shard[0].search('', limit=0)['total']['value'] for shard in self.archive.shards]

    def over(self, map_text, **settings):
        server = Program(LEDE_SHARDS_MAP=map_text, LEDE_SHARDS_KEY_FILE=self.archive.key, **settings)
        self.addCleanup(server.remove)
        return server

    def through_liars(self, **settings):
        liars = [Liar(shard[0]) for shard in self.archive.shards]
        for liar in liars:
            self.addCleanup(liar.stop)
        return liars, self.over(','.join(liar.url for liar in liars), **settings)

    def assert_missing(self, answer, numbers, names):
        told = answer.json
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(told['shards'], {'total': 3, 'answered': 3 - len(numbers), 'missing': [names[i] for i in numbers]})
        self.assertEqual(told['total'], {'value': sum(self.counts) - sum(self.counts[i] for i in numbers), 'relation': 'gte'})

    def test_a_shard_that_is_gone_is_named_and_not_counted(self):
        names = [shard[0].url for shard in self.archive.shards]
        self.archive.shards[1][0].kill()
        self.assert_missing(self.archive.over.get('/search', q='*'), [1], names)
        refused = self.archive.over.get('/search', q='*', partial='false')
        self.assertEqual((refused.status, refused.json['type']), (503, '/problems/busy'))
        self.assertIn('2 of 3 shards', refused.json['detail'])
        self.assertEqual(self.archive.over.get('/search.csv', q='*').status, 503, 'CSV has no place for what is missing')
        self.assertEqual(self.archive.over.ask('GET', '/documents/none').status, 503, 'the shard that is gone may have it')
        self.archive.shards[1][0].start()
        again = self.over(','.join(shard[0].url for shard in self.archive.shards))
        self.assertEqual(again.search('*', partial='false')['total'], {'value': sum(self.counts), 'relation': 'eq'})
        for shard in self.archive.shards:
            shard[0].kill()
        self.assertEqual(again.get('/search', q='*').status, 503)
        for shard in self.archive.shards:
            shard[0].start()

    def test_a_shard_that_hangs_does_not_hold_up_the_answer(self):
        names = [shard[0].url for shard in self.archive.shards]
        self.archive.over.search('*')
        self.archive.shards[0][0].process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            answer = self.archive.over.get('/search', q='*', timeout='2s')
            took = time.monotonic() - begun
        finally:
            self.archive.shards[0][0].process.send_signal(signal.SIGCONT)
        self.assert_missing(answer, [0], names)
        self.assertEqual(len(answer.json['hits']), 10)
        self.assertLess(took, 20)  # not for as long as the shard hangs

    def test_another_copy_is_asked_where_one_is_slow_gone_or_refuses(self):
        other = Program(LEDE_SHARDS_KEY_FILE=self.archive.key)
        self.addCleanup(other.remove)
        place = self.archive.places((6, 3, 1))
        Archive.put(other, [d for d in self.documents if place(d) == 0])
        slow = Liar(self.archive.shards[0][0])
        self.addCleanup(slow.stop)
        rest = ','.join(shard[0].url for shard in self.archive.shards[1:])
        over = self.over(f'{slow.url}|{other.url},{rest}', LEDE_SHARDS_HEDGE='50ms')
        for wait_s, change in ((15, None), (0, lambda raw: b'nonsense'), (0, None)):
            slow.wait_s, slow.change = wait_s, change
            begun = time.monotonic()
            whole, told = self.archive.whole.get('/search', q='the', timeout='20s'), over.get('/search', q='the', timeout='20s', partial='true')
            if change is None:
                self.assertEqual(differences(comparable(whole), comparable(told)), [])
                self.assertLess(time.monotonic() - begun, 15)
        gone = self.over(f'http://127.0.0.1:1|{other.url},{rest}')
        self.assertEqual(differences(comparable(self.archive.whole.get('/search', q='the')), comparable(gone.get('/search', q='the', partial='false'))), [])

    @tap.timeout(200)
    def test_what_a_peer_says_is_believed_only_where_it_can_be(self):
        chance = random.Random(SEED)
        liars, over = self.through_liars()
        names = [liar.url for liar in liars]
        asked = {'q': 'the OR minist*', 'facets': 'source,tag', 'histogram': 'week', 'collapse': 'section', 'timeout': '20s'}
        self.assertEqual(over.get('/search', **asked).json['shards']['answered'], 3)

        def cut(raw):
            return raw[:chance.randrange(len(raw))]

        def flip(raw):
            at = chance.randrange(len(raw))
            return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1:]

        def noise(raw):
            return chance.randbytes(len(raw))

        def more(raw):
            return raw + b'\x00'

        def other_version(raw):
            return raw[:4] + bytes([raw[4] + 1]) + raw[5:]
        for change in (cut, noise, more, other_version, flip):
            liars[2].change = change
            for _ in range(40 if change is flip else 4):
                told = over.get('/search', **asked)
                self.assertEqual((told.status, told.json['shards']['missing']), (200, [names[2]]), change.__name__)
        liars[2].change = lambda raw: sealed(flip(raw[:-4]))  # who means to lie can say so; what is no value at all is still refused
        for _ in range(200):
            told = over.get('/search', **asked)
            if told.status == 400:  # a moment far away makes the histogram too long, as a document's would
                self.assertEqual(told.json['param'], 'histogram')
            else:
                self.assertIn(told.status, (200, 503))
        liars[2].change = None
        self.assertEqual(over.get('/search', **asked).json['shards']['answered'], 3)
        self.assertIsNone(over.process.poll())

    def test_nobody_but_the_servers_may_ask_a_shard(self):
        shard = self.archive.shards[0][0]
        body = sealed(b'LSHQ\x01\x07\x00')
        for headers in ({}, {'Lede-Shard-Key': ''}, {'Lede-Shard-Key': KEY[:-1]}, {'Lede-Shard-Key': KEY + 'k'}, {'Authorization': 'Bearer ' + KEY}):
            self.assertEqual(shard.ask('POST', '/shard', body=body, headers=headers).status, 403, headers)
        good = shard.ask('POST', '/shard', body=body, headers={'Lede-Shard-Key': KEY})
        self.assertEqual((good.status, good.body[:4]), (200, b'LSHA'), good.text[:200] if good.status != 200 else '')
        self.assertEqual(self.archive.whole.ask('POST', '/shard', body=body, headers={'Lede-Shard-Key': KEY}).status, 403, 'it is no shard')
        older = shard.ask('POST', '/shard', body=sealed(b'LSHQ\x02\x07\x00'), headers={'Lede-Shard-Key': KEY})
        self.assertEqual((older.status, older.json['type']), (409, '/problems/other-peer'))
        chance = random.Random(SEED)
        for _ in range(200):
            noise = sealed(b'LSHQ\x01\x07' + bytes([chance.randrange(6)]) + chance.randbytes(chance.randrange(80)))
            self.assertIn(shard.ask('POST', '/shard', body=noise, headers={'Lede-Shard-Key': KEY}).status, (200, 400))

    def test_what_shards_cannot_be_asked_is_refused(self):
        over = self.archive.over
        for method, path in (('GET', '/suggest?q=a'), ('PUT', '/documents/x'), ('POST', '/documents'), ('GET', '/stats'),
                             ('GET', '/documents/x/similar'), ('POST', '/documents/delete'), ('GET', '/export.ndjson'), ('GET', '/'), ('POST', '/backup'),
                             ('GET', '/news/_search'), ('POST', '/_bulk')):
            answer = over.ask(method, path, body=b'{}' if method != 'GET' else None, headers=program.JSON)
            self.assertEqual(answer.status, 501, f'{method} {path}: {answer.text[:200]}')
        for name, value in (('explain', 'true'), ('expand', 'feedback'), ('spell', 'auto'), ('min_revision', '1')):
            answer = over.get('/search', q='a', **{name: value})
            self.assertEqual((answer.status, answer.json['param']), (501, name))

    def test_what_a_filter_of_a_key_keeps_back_is_in_no_answer(self):
        filters = ('NOT minister', 'election OR wahl', 'section:politics NOT government', 'NOT regierung')
        over = program.Keyed(LEDE_SHARDS_MAP=self.archive.map, LEDE_SHARDS_KEY_FILE=self.archive.key)
        self.addCleanup(over.close)
        self.assertEqual(over.ask('GET', '/search?q=*', headers={'X-Rights': 'write'}).status, 403)
        for text in filters:
            allowed = {hit['id'] for hit in self.archive.whole.search(text, strict='true', limit=1000, sort='oldest')['hits']}
            self.assertTrue(0 < len(allowed) < len(self.documents), text)
            headers = {'X-Rights': 'search read', 'X-Filter': text}
            # the first that the server hears of its shards
            for document in self.documents:
                path = '/documents/' + urllib.parse.quote(document['id'], safe='')
                self.assertEqual(over.ask('GET', path, headers=headers).status, 200 if document['id'] in allowed else 404, (text, document['id']))
            for q in ('*', 'the', 'minist*', '"prime minister" OR die'):
                hits = over.get('/search', headers=headers, q=q, limit=1000, facets='lang').json
                whole = self.archive.whole.search(q, limit=1000)
                self.assertEqual({hit['id'] for hit in hits['hits']}, {hit['id'] for hit in whole['hits']} & allowed, (text, q))
                self.assertEqual(hits['total']['value'], len(hits['hits']))
                self.assertEqual(sum(value['count'] for value in hits['facets']['lang']), len(hits['hits']))

    @tap.timeout(120)
    def test_searches_go_on_while_shards_are_killed_and_come_back(self):
        over, stop, wrong, seen = self.archive.over, threading.Event(), [], collections.Counter()

        def search():
            while not stop.is_set():
                answer = over.get('/search', q='the', facets='source', timeout='2s')
                if answer.status == 503:
                    seen['none'] += 1
                    continue
                told = answer.json
                seen[told['shards']['answered']] += 1
                is_whole = told['shards']['answered'] == 3
                if is_whole != (told['total']['relation'] == 'eq') or len(told['shards']['missing']) != 3 - told['shards']['answered']:
                    wrong.append(told)
        threads = [threading.Thread(target=search) for _ in range(4)]
        ports = [shard[0].port for shard in self.archive.shards]
        for thread in threads:
            thread.start()
        try:
            for number in (0, 1, 2, 0):
                shard = self.archive.shards[number][0]
                shard.kill()
                time.sleep(0.3)
                shard.listen = f'127.0.0.1:{ports[number]}'
                shard.start()
                time.sleep(0.5)
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
        print(f'# answered by so many shards: {dict(seen)}')
        self.assertEqual(wrong, [])
        self.assertGreater(seen[3], 10)
        self.assertGreater(seen[2], 0)
        self.assertEqual(over.search('*')['total'], {'value': sum(self.counts), 'relation': 'eq'})


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
