# SPDX-License-Identifier: GPL-2.0-or-later
"""A key decides what a request may do, and what there is for it. What a request is bound to is compared with a server that has
nothing else."""
import json
import re
import time
import unittest

from program import JSON, Keyed, WAIT_S
import tap

ALL = Keyed.ALL
RIGHTS = {'search', 'read', 'write', 'delete', 'admin'}
FREE = {'/health/live', '/health/ready', '/version', '/openapi.json', '/opensearch.xml', '/assets/{file}'}


def document(number, source, **more):
    return {'id': f'{source}-{number}', 'title': f'Harbour report {number}', 'source': source, 'section': f'{source} desk',
            'body': f'The ferry left the harbour in the morning. {source}only word{number}.',
            'published': f'2022-01-{number + 1:02}T10:00:00Z', 'language': 'en', **more}


OPEN = [document(n, 'open') for n in range(1, 9)]
SECRET = [document(n, 'secret') for n in range(1, 9)] + [
    document(10, 'secret', title='Zirconium depot', body='Zirconium zirconia zirconias at the depot. harbour ferry')]
FILTERS = ('source:open', 'NOT source:secret', 'openonly', '* NOT section:"secret desk"')


class Bound(unittest.TestCase):
    def setUp(self):
        self.lede = Keyed()
        self.addCleanup(self.lede.close)
        self.lede.bulk(OPEN + SECRET)

    def alone(self):
        """A server that has only what the filter lets through."""
        lede = Keyed()
        self.addCleanup(lede.close)
        lede.bulk(OPEN)
        return lede

    def operations(self):
        for path, item in self.lede.get('/openapi.json').json['paths'].items():
            for method in item:
                if method != 'parameters':
                    yield method.upper(), path

    def refused_with(self, method, path, headers, **more):
        self.lede.headers = headers
        path = path.replace('{id}', 'open-1').replace('{file}', 'page.js')
        body, kind = (b'{}', JSON) if method in ('PUT', 'PATCH', 'POST') else (None, {'Accept': '*/*'})
        return self.lede.ask(method, path, None, body, {**kind, **more})

    def test_every_route_needs_one_right_and_is_refused_without_it(self):
        needed = {}
        for method, path in self.operations():
            with self.subTest(method=method, path=path):
                if path in FREE:
                    self.assertEqual(self.refused_with(method, path, {}).status, 200)
                    continue
                answer = self.refused_with(method, path, {})
                if path == '/shard':  # of servers, which have a key of their own: no client's opens it
                    every = self.refused_with(method, path, {'X-Rights': ' '.join(RIGHTS)})
                    self.assertEqual((answer.status, every.status), (403, 403))
                    continue
                self.assertEqual((answer.status, answer['WWW-Authenticate'] is None), (401, False))
                if path == '/':
                    self.assert_page_is_refused(answer)
                    continue
                self.assertEqual(answer.json['type'], '/problems/unauthorized')
                right = re.search("'(.*)'", answer.json['detail']).group(1)
                needed[method, path] = right
                others = self.refused_with(method, path, {'X-Rights': ' '.join(RIGHTS - {right})})
                self.assertEqual((others.status, others.json['type']), (403, '/problems/forbidden'))
                self.assertNotIn(self.refused_with(method, path, {'X-Rights': right}).status, (401, 403) if path != '/backup' else (401,))
        self.assertEqual(set(needed.values()), RIGHTS)
        self.assertEqual(needed['GET', '/documents/{id}'], 'read')
        self.assertEqual(needed['POST', '/documents/delete'], 'delete')

    def assert_page_is_refused(self, answer):
        """HTML for a person, with a place for a key and nothing of the archive."""
        self.assertIn('This archive asks for a key', answer.text)
        self.assertNotIn('arbour', re.sub(r'(?s)<div id="help".*?</div>', '', answer.text))
        self.assertEqual(self.refused_with('GET', '/', {'X-Rights': ' '.join(RIGHTS - {'search'})}).status, 403)
        self.assertEqual(self.refused_with('GET', '/', {'X-Rights': 'search'}).status, 200)
        read = self.refused_with('GET', '/?document=open-1', {'X-Rights': 'search'})
        self.assertEqual(read.status, 403)
        self.assertNotIn('left the harbour', re.sub(r'(?s)<ol id="hits".*?</ol>', '', read.text))

    def test_the_page_does_not_step_around_the_filter(self):
        alone = self.alone()
        for parameters in ([('q', 'ferry')], [], [('q', 'zirconium')], [('q', 'ferry'), ('source', 'open')],
                           [('q', 'ferry'), ('after', '2022-01-02')], [('q', 'ferry'), ('document', 'open-1')],
                           [('document', 'secret-1')], [('document', 'open-1'), ('against', 'secret-1')], [('similar', 'secret-1')], [('q', '"ferry left'), ('sort', 'oldest')]):
            self.same(alone, 'GET', '/', [*parameters, ('list', 'comfortable')])

    def test_deletions_in_bulk_need_the_right_to_delete(self):
        self.lede.headers = {'X-Rights': 'write'}
        answer = self.lede.bulk([{'id': 'open-1'}], op='delete')
        self.assertEqual((answer.status, answer.json['type']), (403, '/problems/forbidden'))
        self.lede.headers = ALL
        self.assertEqual(self.lede.get('/documents/open-1').status, 200)

    def bare(self, answer):
        """What is said, but for time, ports, scores (of the whole archive), cursors and numbers of commits."""
        text = re.sub(r'"took_ms":[0-9.]+|"revision":\d+|"score":[0-9.e+-]+|cursor=\w+|,[0-9.]+\r', '', answer.text)
        text = re.sub(r'http://127\.0\.0\.1:\d+', '', text)
        return answer.status, re.sub(r'<updated>[^<]*</updated>', '', text, count=1)

    def same(self, alone, *request, filters=FILTERS, **more):
        wanted = self.bare(alone.ask(*request, **more))
        for text in filters:
            with self.subTest(request=request, filter=text):
                headers = {**more.get('headers', {}), 'X-Filter': text}
                self.assertEqual(self.bare(self.lede.ask(*request, **{**more, 'headers': headers})), wanted)
        return wanted

    def test_no_search_steps_around_the_filter(self):
        alone = self.alone()
        asked = [('q', 'ferry'), ('q', ''), ('q', 'secretonly'), ('q', 'zirconium'), ('q', 'source:secret'), ('q', 'word*'),
                 ('q', 'NOT openonly'), ('q', '"ferry left"')]
        for name, value in asked:
            parameters = [(name, value), ('sort', 'oldest'), ('limit', 100), ('facets', 'source,section'), ('histogram', 'day'),
                          ('spell', 'auto')]
            self.same(alone, 'GET', '/search', parameters)
            self.same(alone, 'POST', '/search', None, body=json.dumps(dict(parameters)).encode(), headers=JSON)
            for feed in ('atom', 'rss', 'csv'):
                self.same(alone, 'GET', '/search.' + feed, [(name, value), ('sort', 'oldest'), ('limit', 100)])
        self.assertEqual(self.lede.total('ferry'), len(OPEN) + len(SECRET))

    def test_what_the_client_asks_for_cannot_widen_it(self):
        alone = self.alone()
        for parameters in ({'source': 'secret'}, {'source': 'secret,open'}, {'q': 'ferry OR source:secret', 'match': 'any'},
                           {'q': 'harbour', 'collapse': 'source'}, {'q': 'harbour', 'limit': 0}, {'collapse': 'story', 'q': 'ferry'},
                           {'q': 'zirconium', 'explain': 'true'}, {'q': 'depot', 'spell': 'suggest'}):
            self.same(alone, 'GET', '/search', list({'sort': 'oldest', **parameters}.items()))

    def test_words_and_corrections_of_what_is_not_seen_are_not_told(self):
        alone = self.alone()
        for q in ('zirc', 'zirconum', 'harb', 'dep', 'secr', 'h'):
            for text in FILTERS:
                with self.subTest(q=q, filter=text):
                    answer = self.lede.get('/suggest', {'X-Filter': text}, q=q, timeout='5s').json
                    self.assertNotRegex(json.dumps(answer).replace(json.dumps(q), ''), '(?i)zirconi|depot|secret')
                    self.assertLessEqual({c['count'] for c in answer['completions']}, {len(OPEN)})
        for q in ('zirconum', 'zirconiem depot'):
            self.same(alone, 'GET', '/search', [('q', q), ('spell', 'suggest')])

    def test_a_word_is_written_as_what_is_seen_writes_it(self):
        self.lede.bulk([document(number, 'secret', published='2022-03-01', body='All the Hárbour, and the Hárbour.') for number in range(20, 60)])
        self.lede.bulk([document(1, 'open', body='In the harbour, and the harbour.')])
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and not self.lede.get('/suggest', q='harb', timeout='5s').json['completions']:
            time.sleep(0.1)
        for headers, text in (({'X-Filter': 'source:secret'}, 'Hárbour'), ({'X-Filter': 'source:open'}, 'harbour')):
            self.assertEqual(self.lede.get('/suggest', headers, q='harb', timeout='5s').json['completions'][0]['text'], text)
            self.assertEqual(self.lede.get('/search', headers, q='harbuor', timeout='5s').json['query']['did_you_mean'], text)

    def test_how_often_a_word_stands_is_told_of_what_is_seen(self):
        for text in FILTERS:
            answer = self.lede.get('/search', {'X-Filter': text}, q='ferry', explain='true').json
            self.assertIn(f'"documents": {len(OPEN)}', json.dumps(answer))
            self.assertNotIn(f'"documents": {len(OPEN) + len(SECRET)}', json.dumps(answer))

    def test_a_document_outside_is_not_there(self):
        for text in FILTERS:
            for path in ('/documents/secret-1', '/documents/secret-1/similar', '/documents/secret-1/versions', '/documents/open-1/versions?against=secret-1'):
                with self.subTest(path=path, filter=text):
                    etag = self.lede.get('/documents/secret-1')['ETag']
                    answer = self.lede.get(path, {'X-Filter': text, 'If-None-Match': etag})
                    absent = self.lede.get(path.replace('secret-1', 'secret-0'), {'X-Filter': text, 'If-None-Match': etag})
                    self.assertEqual(answer.status, 404)
                    self.assertEqual(answer.json['detail'].replace('secret-1', ''), absent.json['detail'].replace('secret-0', ''))
            self.assertEqual(self.lede.get('/documents/open-1', {'X-Filter': text}).status, 200)
            found = self.lede.get('/documents/open-1/similar', {'X-Filter': text}, limit=100).json
            self.assertEqual({hit['document']['source'] for hit in found['hits']}, {'open'})

    def test_a_cursor_does_not_lead_out_of_it(self):
        for sort in ('relevance', 'newest'):
            everything = self.lede.get('/search', q='ferry', sort=sort, limit=3).json
            step_out = self.lede.ask('GET', everything['next'], headers={'X-Filter': 'source:open'})
            self.assertEqual((step_out.status, step_out.json['type']), (400, '/problems/bad-cursor'))
            page = self.lede.get('/search', {'X-Filter': 'source:open'}, q='ferry', sort=sort, limit=3).json
            seen = []
            while page:
                seen += [hit['id'] for hit in page['hits']]
                page = page['next'] and self.lede.ask('GET', page['next'], headers={'X-Filter': 'source:open'}).json
            self.assertEqual(sorted(seen), sorted(d['id'] for d in OPEN))

    def test_what_cannot_be_seen_is_not_deleted(self):
        answer = self.lede.ask('POST', '/documents/delete', None, json.dumps({'q': 'ferry', 'confirm': len(OPEN)}).encode(),
                               {**JSON, 'X-Filter': 'source:open'})
        self.assertEqual((answer.status, answer.json['deleted']), (200, len(OPEN)))
        self.assertEqual(self.lede.total(), len(SECRET))

    def test_what_cannot_be_seen_is_not_deleted_by_its_id(self):
        for text in FILTERS:
            for headers in ({}, {'If-Match': '*'}, {'If-Match': self.lede.get('/documents/secret-1')['ETag']}):
                answers = [self.lede.ask('DELETE', '/documents/' + name, headers={'X-Filter': text, **headers})
                           for name in ('secret-1', 'secret-0')]
                self.assertEqual(len({(answer.status, answer.json['detail'].replace('secret-1', 'secret-0')) for answer in answers}), 1)
                self.assertIn(answers[0].status, (404, 412))
        self.assertEqual(self.lede.get('/documents/secret-1').status, 200)
        self.assertEqual(self.lede.ask('DELETE', '/documents/open-1', headers={'X-Filter': FILTERS[0]}).status, 204)
        self.assertEqual(self.lede.get('/documents/open-1').status, 404)

    def test_a_filter_that_cannot_be_read_shows_nothing(self):
        answer = self.lede.make_key(rights=['search'], filter='"open')
        self.assertEqual((answer.status, answer.json['param'], answer.json['position']), (400, 'filter', 0))


if __name__ == '__main__':
    tap.main(globals())
