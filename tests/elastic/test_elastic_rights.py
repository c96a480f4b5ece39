# SPDX-License-Identifier: GPL-2.0-or-later
"""Each route of Elasticsearch's interface needs its right, and shows what a key may see, and nothing that is embargoed. The routes are
those of the README's table, which is held against the program's."""
import json
import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'api')]
from program import JSON, Keyed, NDJSON  # noqa: E402
import tap  # noqa: E402

RIGHTS = {'search', 'read', 'write', 'delete', 'admin'}


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def routes_of_readme():
    """(method, path, right) of `| `GET` `POST` | `/…` | right | …`."""
    for line in read('server/elastic/README.md').splitlines():
        row = re.match(r'\| ((?:`[A-Z]+` ?)+)\| ((?:`/[^`]*` ?)+)\| (\w+) \|', line)
        for method in re.findall('`([A-Z]+)`', row[1]) if row else []:
            for path in re.findall('`(/[^`]*)`', row[2]):
                yield method, path, row[3]


def routes_of_program():
    text = read('server/elastic/routes.c').split('rows[] = {', 1)[1].split('\n};', 1)[0]
    for kind, method, path, rest in re.findall(r'(READ|WRITE|TELL|EITHER)\((?:"([A-Z]+)", )?("[^"]+"|OWN_NAME)((?:[^()]|\([^()]*\))*)\)', text):
        path = '/{name}' if path == 'OWN_NAME' else path.strip('"')
        for each in {'TELL': ['GET'], 'EITHER': ['GET', 'POST']}.get(kind, [method]):
            yield each, path, rest.rsplit(', ', 1)[1].lower().replace('none', 'none')


def document(number, source, **more):
    return {'id': f'{source}-{number}', 'title': f'Harbour report {number}', 'source': source, 'section': f'{source} desk',
            'body': f'The ferry left the harbour. {source}only word{number}.', 'published': f'2022-01-{number + 1:02}T10:00:00Z', **more}


OPEN = [document(n, 'open') for n in range(1, 9)]
SECRET = [document(n, 'secret') for n in range(1, 9)]
HIDDEN = [document(1, 'later', embargoed_until='2999-01-01T00:00:00Z'), document(2, 'later', status='withheld'),
          document(3, 'later', expires='2020-01-01T00:00:00Z')]
AGGREGATIONS = {'s': {'terms': {'field': 'source'}, 'aggs': {'t': {'top_hits': {}}}}, 'c': {'cardinality': {'field': 'source'}},
                'a': {'min': {'field': 'published'}}, 'z': {'max': {'field': 'published'}}, 'm': {'missing': {'field': 'language'}},
                'h': {'date_histogram': {'field': 'published', 'fixed_interval': '1d'}}, 'f': {'filter': {'match': {'body': 'ferry'}}}}
SEARCHES = [{'query': {'match': {'body': 'ferry'}}, 'aggs': AGGREGATIONS, 'size': 100, 'sort': [{'published': 'asc'}]},
            {'query': {'match': {'body': 'secretonly'}}}, {'query': {'match': {'body': 'lateronly'}}},
            {'query': {'ids': {'values': ['open-1', 'secret-1', 'later-1', 'later-2']}}, 'sort': [{'published': 'asc'}]},
            {'query': {'terms': {'source': ['secret', 'later']}}}, {'query': {'prefix': {'body': 'secretonl'}}},
            {'query': {'bool': {'must_not': [{'match': {'body': 'openonly'}}]}}}, {'query': {'query_string': {'query': 'source:secret OR later*'}}},
            {'query': {'match_all': {}}, 'collapse': {'field': 'source'}, 'sort': [{'published': 'asc'}]}]


class Rights(unittest.TestCase):
    def setUp(self):
        self.lede = Keyed()
        self.addCleanup(self.lede.close)
        self.lede.bulk(OPEN + SECRET + HIDDEN)

    def es(self, method, path, body=None, headers=None):
        kind = (NDJSON if isinstance(body, bytes) else JSON) if body is not None else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.lede.ask(method, path, None, data, {**kind, **(headers or {})})

    def test_the_table_of_the_readme_is_that_of_the_program(self):
        self.assertEqual(sorted(routes_of_readme()), sorted(routes_of_program()))
        self.assertGreater(len(list(routes_of_program())), 40)

    def test_every_route_needs_its_right_and_is_refused_without_it_in_its_form(self):
        for method, path, right in routes_of_program():
            address = path.replace('{index}', 'news').replace('{name}', 'news').replace('{id}', 'open-1')
            body = {} if method != 'GET' and not re.search(r'_refresh|\}/_pit', path) and (method, path) != ('DELETE', '/{index}/_doc/{id}') else None
            with self.subTest(method=method, path=path):
                self.lede.headers = {'Accept': 'application/json'}
                answer = self.es(method, address, body)
                if right == 'none':
                    self.assertEqual(answer.status, 200)
                    continue
                self.assertEqual((answer.status, answer['WWW-Authenticate'] is None), (401, False))
                self.assertEqual(answer.json['error']['type'], 'security_exception')
                self.assertEqual(answer['X-Elastic-Product'], 'Elasticsearch')
                self.assertIn(f"'{right}'", answer.json['error']['reason'])
                others = self.es(method, address, body, {'X-Rights': ' '.join(RIGHTS - {right})})
                self.assertEqual((others.status, others.json['error']['type']), (403, 'security_exception'))
                self.assertNotIn(self.es(method, address, body, {'X-Rights': right}).status, (401, 403))

    def bare(self, answer):
        return answer.status, re.sub(r'"took":\d+|"_score":[0-9.]+|"max_score":[0-9.]+|"_scroll_id":"\w+"', '', answer.text)

    def test_no_search_steps_around_a_filter_or_an_embargo(self):
        alone = Keyed()
        self.addCleanup(alone.close)
        alone.bulk(OPEN)
        requests = [('POST', '/news/_search', search) for search in SEARCHES]
        requests += [('POST', '/_count', {'query': search['query']}) for search in SEARCHES]
        requests += [('POST', '/_msearch', b''.join(b'{}\n' + json.dumps(search).encode() + b'\n' for search in SEARCHES)),
                     ('GET', '/_cat/indices?format=json', None), ('POST', '/news/_search?scroll=1m', {'size': 3, 'sort': ['_doc']}),
                     ('GET', '/news/_doc/secret-1', None), ('GET', '/news/_doc/open-1', None), ('GET', '/news/_doc/later-1', None),
                     ('GET', '/news/_source/secret-1', None), ('POST', '/_mget', {'ids': ['open-1', 'secret-1', 'later-2']})]
        for method, path, body in requests:
            right = 'read' if re.search('_doc/|_source/|_mget', path) else 'search'
            wanted = self.bare(self.ask(alone, method, path, body, {'X-Rights': right}))
            with self.subTest(path=path, body=body):
                self.assertNotIn('secretonly', wanted[1].replace('"secretonly"', ''))
                self.assertEqual(self.bare(self.es(method, path, body, {'X-Rights': right, 'X-Filter': 'source:open'})), wanted)

    def ask(self, lede, method, path, body, headers):
        kept, self.lede = self.lede, lede
        try:
            return self.es(method, path, body, headers)
        finally:
            self.lede = kept

    def test_a_scroll_of_another_key_shows_what_the_reader_may_see(self):
        first = self.es('POST', '/news/_search?scroll=1m', {'size': 2, 'sort': ['_doc']}, {'X-Rights': 'search'}).json
        for _ in range(12):
            answer = self.es('POST', '/_search/scroll', {'scroll_id': first['_scroll_id']}, {'X-Rights': 'search', 'X-Filter': 'source:open'})
            if answer.status != 200:
                break
            self.assertNotIn('secret', json.dumps(answer.json['hits']['hits']))
            first = answer.json

    def test_what_is_deleted_needs_the_right_and_is_what_is_seen(self):
        body = b'{"delete":{"_id":"open-1"}}\n{"index":{"_id":"new"}}\n{"title":"x"}\n'
        answer = self.es('POST', '/_bulk', body, {'X-Rights': 'write'}).json
        self.assertEqual([list(item.values())[0]['status'] for item in answer['items']], [403, 201])
        self.assertEqual(answer['items'][0]['delete']['error']['type'], 'security_exception')
        self.assertEqual(self.es('DELETE', '/news/_doc/secret-1', None, {'X-Rights': 'delete', 'X-Filter': 'source:open'}).status, 404)
        self.assertEqual(self.es('DELETE', '/news/_doc/open-2', None, {'X-Rights': 'delete', 'X-Filter': 'source:open'}).status, 200)
        self.assertEqual(self.lede.get('/documents/secret-1').status, 200)


if __name__ == '__main__':
    tap.main(globals())
