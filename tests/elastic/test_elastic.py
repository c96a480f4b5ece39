# SPDX-License-Identifier: GPL-2.0-or-later
"""Elasticsearch's interface, row by row: each query, aggregation and key of a search that the README's tables name has a case here,
and each that it names as refused is refused with what instead."""
import gzip
import json
import os
import random
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'api')]
from program import JSON, NDJSON, WithProgram  # noqa: E402
import tap  # noqa: E402

VENDOR = 'application/vnd.elasticsearch+json; compatible-with=%d'


def readme():
    with open(os.path.join(ROOT, 'server', 'elastic', 'README.md'), encoding='utf-8') as file:
        return file.read()


def section(title):
    return readme().split(f'\n## {title}\n', 1)[1].split('\n## ', 1)[0]


def rows(title):
    return set(re.findall(r'^\| `([a-z_]+)` \|', section(title), re.M))


def refused(title):
    told = re.search(r'Refused(?:,\s+with\s+what\s+instead)?:\s(.*?)\.\n', section(title), re.S)[1]
    return set(re.findall('`([a-z_]+)`', told))


DOCUMENTS = [
    {'id': 'd1', 'title': 'Ferry aground off the harbour', 'body': 'The ferry ran aground in heavy fog. Nobody was hurt.',
     'source': 'Coast Wire', 'section': 'news', 'tags': ['ferry', 'fog'], 'language': 'en', 'published': '2024-01-01T10:00:00Z'},
    {'id': 'd2', 'title': 'Harbour strike ends', 'body': 'The strike at the harbour ended on Tuesday, the union said.',
     'source': 'Coast Wire', 'section': 'business', 'tags': ['strike'], 'language': 'en', 'published': '2024-01-02T10:00:00Z'},
    {'id': 'd3', 'title': 'Fog delays flights', 'body': 'Heavy fog delayed flights. The prime minister was late, too.',
     'source': 'Air Post', 'section': 'news', 'tags': ['fog', 'flights'], 'language': 'en', 'published': '2024-02-10T10:00:00Z'},
    {'id': 'd4', 'title': 'Minister visits the ferry', 'body': 'The minister, once prime, visited the crew of the ferry.',
     'source': 'Air Post', 'tags': ['ferry'], 'language': 'en', 'published': '2024-02-11T10:00:00Z', 'shift': 0.10},
    {'id': 'd5', 'title': 'Undated notes', 'body': 'Notes without a day, about notes alone.', 'source': 'Air Post', 'language': 'en'},
]

# name: [(query, ids that it finds)]
QUERIES = {
    'match': [({'match': {'body': 'ferry strike'}}, 'd1 d2 d4'), ({'match': {'body': {'query': 'heavy fog', 'operator': 'and'}}}, 'd1 d3'),
              ({'match': {'body': {'query': 'fery', 'fuzziness': 'AUTO'}}}, 'd1 d4'),
              ({'match': {'body': {'query': 'heavy union', 'minimum_should_match': '100%'}}}, ''),
              ({'match': {'body': {'query': '?!', 'zero_terms_query': 'all'}}}, 'd1 d2 d3 d4 d5'), ({'match': {'body': '?!'}}, ''),
              ({'match': {'message': 'union'}}, 'd2'), ({'match': {'source': 'wire'}}, 'd1 d2')],
    'match_phrase': [({'match_phrase': {'body': 'prime minister'}}, 'd3'), ({'match_phrase': {'body': {'query': 'crew ferry', 'slop': 2}}}, 'd4'),
                     ({'match_phrase': {'body': 'crew ferry'}}, '')],
    'match_phrase_prefix': [({'match_phrase_prefix': {'body': 'prime min'}}, 'd3'), ({'match_phrase_prefix': {'body': 'fligh'}}, 'd3')],
    'multi_match': [({'multi_match': {'query': 'harbour', 'fields': ['title^3', 'body']}}, 'd1 d2'),
                    ({'multi_match': {'query': 'ferry crew', 'operator': 'and'}}, 'd4'),
                    ({'multi_match': {'query': 'heavy fog', 'type': 'phrase', 'fields': ['title', 'body']}}, 'd1 d3')],
    'query_string': [({'query_string': {'query': 'title:fog AND (flights OR strike) -union'}}, 'd3'), ({'query_string': {'query': '*'}}, 'd1 d2 d3 d4 d5'),
                     ({'query_string': {'query': '@timestamp:[2024-01-01 TO 2024-01-31]'}}, 'd1 d2'),
                     ({'query_string': {'query': 'published:[2024-02-11 TO *]'}}, 'd4'),
                     ({'query_string': {'query': 'heavy fog', 'default_operator': 'and', 'default_field': 'body'}}, 'd1 d3'),
                     ({'query_string': {'query': 'ferry NEAR/9 fog', 'default_field': 'body'}}, 'd1'), ({'query_string': {'query': 'fli*', 'analyze_wildcard': True}}, 'd3')],
    'simple_query_string': [({'simple_query_string': {'query': 'ferry + fog'}}, 'd1'), ({'simple_query_string': {'query': '"heavy fog" | union'}}, 'd1 d2 d3'),
                            ({'simple_query_string': {'query': 'ferry (', 'fields': ['title']}}, 'd1 d4')],
    'bool': [({'bool': {'must': [{'match': {'body': 'fog'}}], 'must_not': {'match': {'title': 'ferry'}}}}, 'd3'),
             ({'bool': {'filter': [{'term': {'source': 'Air Post'}}, {'exists': {'field': 'published'}}]}}, 'd3 d4'),
             ({'bool': {'should': [{'match': {'body': 'union'}}, {'match': {'body': 'crew'}}]}}, 'd2 d4'),
             ({'bool': {'should': [{'match': {'body': 'fog'}}, {'match': {'title': 'ferry'}}], 'minimum_should_match': 2}}, 'd1'),
             ({'bool': {'must': {'match': {'body': 'fog'}}, 'should': {'match': {'title': 'flights'}}}}, 'd1 d3'),
             ({'bool': {'should': [{'term': {'section': 'news'}}, {'term': {'section': 'business'}}]}}, 'd1 d2 d3'),
             ({'bool': {'must_not': [{'term': {'source': 'Air Post'}}]}}, 'd1 d2'), ({'bool': {}}, 'd1 d2 d3 d4 d5'),
             ({'bool': {'must': [{'bool': {'should': [{'bool': {'must': [{'match': {'body': 'fog'}}, {'match': {'body': 'flights'}}]}},
                                                      {'bool': {'must_not': [{'match': {'body': 'fog'}}]}}]}}]}}, 'd2 d3 d4 d5'),
             ({'bool': {'must': [{'term': {'tags': 'fog'}}, {'term': {'tags': 'ferry'}}]}}, 'd1')],
    'term': [({'term': {'source': 'Coast Wire'}}, 'd1 d2'), ({'term': {'source.keyword': {'value': 'Coast'}}}, ''), ({'term': {'title': 'flights'}}, 'd3'),
             ({'term': {'published': '2024-01-01'}}, 'd1'), ({'term': {'_id': 'd2'}}, 'd2')],
    'terms': [({'terms': {'tags': ['fog', 'strike']}}, 'd1 d2 d3'), ({'terms': {'source': []}}, ''), ({'terms': {'published': ['2024-01-01', '2024-02-10']}}, 'd1 d3')],
    'range': [({'range': {'published': {'gte': '2024-01-02', 'lt': '2024-02-11'}}}, 'd2 d3'), ({'range': {'@timestamp': {'gte': 1704189600000, 'format': 'epoch_millis'}}}, 'd2 d3 d4'),
              ({'range': {'published': {'gte': '2024-01-15||/M', 'lte': '2024-01-15||/M'}}}, 'd1 d2'), ({'range': {'published': {'gt': 'now-1d/d'}}}, ''),
              ({'range': {'published': {'gt': '2024-01-01T10:00:00Z', 'lte': '2024-01-02'}}}, 'd2')],
    'prefix': [({'prefix': {'body': 'flig'}}, 'd3'), ({'prefix': {'title': {'value': 'har'}}}, 'd1 d2')],
    'wildcard': [({'wildcard': {'body': 'fl?ghts'}}, 'd3'), ({'wildcard': {'title': {'value': 'h*bour'}}}, 'd1 d2')],
    'fuzzy': [({'fuzzy': {'body': 'ferri'}}, 'd1 d4'), ({'fuzzy': {'body': {'value': 'unoin', 'fuzziness': 2}}}, 'd2')],
    'exists': [({'exists': {'field': 'published'}}, 'd1 d2 d3 d4'), ({'exists': {'field': '_id'}}, 'd1 d2 d3 d4 d5')],
    'ids': [({'ids': {'values': ['d1', 'd4', 'none']}}, 'd1 d4')],
    'match_all': [({'match_all': {}}, 'd1 d2 d3 d4 d5')],
    'match_none': [({'match_none': {}}, '')],
    'constant_score': [({'constant_score': {'filter': {'term': {'source': 'Air Post'}}, 'boost': 1.2}}, 'd3 d4 d5')],
    'function_score': [({'function_score': {'query': {'match': {'body': 'fog'}}, 'gauss': {'published': {'origin': 'now', 'scale': '30d'}}}}, 'd1 d3'),
                       ({'function_score': {'query': {'match': {'body': 'fog'}}, 'functions': [{'exp': {'@timestamp': {'scale': '7d', 'decay': 0.3}}}]}}, 'd1 d3')],
}

# name: [(body, what of its answer is to be so)]
BODIES = {
    'query': [({'query': {'match': {'title': 'fog'}}}, lambda a: a['hits']['total']['value'] == 1 and a['hits']['max_score'] > 0)],
    'from': [({'from': 3, 'size': 10, 'sort': [{'published': 'asc'}]}, lambda a: ids(a) == ['d4', 'd5'])],
    'size': [({'size': 2, 'sort': ['_doc']}, lambda a: len(a['hits']['hits']) == 2 and a['hits']['total']['value'] == 5)],
    'sort': [({'sort': [{'published': {'order': 'desc', 'unmapped_type': 'boolean'}}, {'_doc': 'asc'}]}, lambda a: ids(a) == ['d4', 'd3', 'd2', 'd1', 'd5']),
             ({'sort': 'published', 'size': 1}, lambda a: a['hits']['hits'][0]['sort'] == [1704103200000, 'd1'] and a['hits']['hits'][0]['_score'] is None),
             ({'sort': ['_score', {'published': 'desc'}], 'query': {'match': {'body': 'fog'}}}, lambda a: a['hits']['hits'][0]['_score'] > 0)],
    'search_after': [({'sort': [{'published': 'asc'}], 'search_after': [1704189600000, 'd2']}, lambda a: ids(a) == ['d3', 'd4', 'd5']),
                     ({'sort': [{'published': 'asc'}], 'search_after': [None, 'd5']}, lambda a: ids(a) == [])],
    '_source': [({'_source': False, 'size': 1}, lambda a: '_source' not in a['hits']['hits'][0]),
                ({'_source': ['title', 't*'], 'query': {'ids': {'values': ['d1']}}}, lambda a: set(a['hits']['hits'][0]['_source']) == {'title', 'tags'}),
                ({'_source': {'excludes': ['body', 'id']}, 'query': {'ids': {'values': ['d1']}}}, lambda a: 'body' not in a['hits']['hits'][0]['_source'])],
    'highlight': [({'query': {'match': {'body': 'fog'}}, 'highlight': {'fields': {'body': {}, 'title': {}}, 'pre_tags': ['['], 'post_tags': [']']}},
                   lambda a: '[fog]' in ''.join(hit(a, 'd1')['highlight']['body']) and 'title' not in hit(a, 'd1')['highlight']),
                  ({'query': {'match': {'message': 'fog'}}, 'highlight': {'fields': {'message': {'number_of_fragments': 0}}}},
                   lambda a: hit(a, 'd1')['highlight']['message'] == ['The ferry ran aground in heavy <em>fog</em>. Nobody was hurt.']),
                  ({'query': {'match': {'body': 'fog'}}, 'highlight': {'fields': {'*': {}}, 'fragment_size': 2147483647, 'encoder': 'html'}},
                   lambda a: '<em>' in hit(a, 'd3')['highlight']['body'][0])],
    'collapse': [({'collapse': {'field': 'source.keyword'}, 'sort': [{'published': 'desc'}]},
                  lambda a: ids(a) == ['d4', 'd2'] and a['hits']['hits'][0]['fields'] == {'source.keyword': ['Air Post']}),
                 ({'collapse': {'field': 'story'}}, lambda a: len(ids(a)) == 5)],
    'aggs': [({'size': 0, 'aggs': {'a': {'cardinality': {'field': 'source'}}}}, lambda a: a['aggregations']['a']['value'] == 2)],
    'track_total_hits': [({'track_total_hits': False}, lambda a: 'total' not in a['hits']), ({'track_total_hits': 2}, lambda a: a['hits']['total'] == {'value': 5, 'relation': 'eq'})],
    'timeout': [({'timeout': '5s'}, lambda a: a['timed_out'] is False)],
    'pit': [({'pit': {'id': 'news', 'keep_alive': '1m'}}, lambda a: a['pit_id'] == 'news' and a['hits']['hits'][0]['sort'] == [1707645600000, 'd4']),
            ({'pit': {'id': 'news'}, 'sort': [{'_shard_doc': 'asc'}], 'search_after': [1707559200000, 'd3']}, lambda a: ids(a) == ['d2', 'd1', 'd5'])],
}

AGGREGATIONS = {
    'terms': [({'terms': {'field': 'source', 'size': 1}}, lambda a: a['buckets'] == [{'key': 'Air Post', 'doc_count': 3}] and a['sum_other_doc_count'] == 2),
              ({'terms': {'field': 'tags.keyword', 'order': {'_key': 'asc'}}}, lambda a: [b['key'] for b in a['buckets']] == ['ferry', 'flights', 'fog', 'strike']),
              ({'terms': {'field': 'source'}, 'aggs': {'t': {'terms': {'field': 'tags'}}}},
               lambda a: [b['key'] for b in a['buckets'][1]['t']['buckets']] == ['ferry', 'fog', 'strike'])],
    'date_histogram': [({'date_histogram': {'field': 'published', 'calendar_interval': 'month'}}, lambda a: [(b['key_as_string'], b['doc_count']) for b in a['buckets']] == [
        ('2024-01-01T00:00:00.000Z', 2), ('2024-02-01T00:00:00.000Z', 2)]),
        ({'date_histogram': {'field': '@timestamp', 'fixed_interval': '12h', 'min_doc_count': 1, 'format': 'epoch_millis'}},
         lambda a: [b['key_as_string'] for b in a['buckets']] == ['1704067200000', '1704153600000', '1707523200000', '1707609600000']),
        ({'date_histogram': {'field': '@timestamp', 'fixed_interval': '1d', 'extended_bounds': {'min': '2023-12-30', 'max': '2024-02-12'}}, 'aggs': {'s': {'terms': {'field': 'source'}}}},
         lambda a: len(a['buckets']) == 45 and a['buckets'][2]['s']['buckets'] == [{'key': 'Coast Wire', 'doc_count': 1}])],
    'cardinality': [({'cardinality': {'field': 'tags'}}, lambda a: a == {'value': 4}), ({'cardinality': {'field': '_id', 'precision_threshold': 10}}, lambda a: a == {'value': 5})],
    'min': [({'min': {'field': 'published'}}, lambda a: a == {'value': 1704103200000.0, 'value_as_string': '2024-01-01T10:00:00Z'})],
    'max': [({'max': {'field': '@timestamp'}}, lambda a: a['value_as_string'] == '2024-02-11T10:00:00Z')],
    'filter': [({'filter': {'match': {'body': 'fog'}}, 'aggs': {'s': {'terms': {'field': 'source'}}}}, lambda a: a['doc_count'] == 2 and len(a['s']['buckets']) == 2)],
    'missing': [({'missing': {'field': 'section'}}, lambda a: a == {'doc_count': 2}), ({'missing': {'field': 'published'}}, lambda a: a == {'doc_count': 1})],
    'top_hits': [({'top_hits': {'size': 1, 'sort': [{'published': 'desc'}], '_source': ['title']}},
                  lambda a: a['hits']['hits'][0]['_id'] == 'd4' and a['hits']['hits'][0]['_source'] == {'title': 'Minister visits the ferry'})],
}


def ids(answer):
    return [each['_id'] for each in answer['hits']['hits']]


def hit(answer, identity):
    return next(each for each in answer['hits']['hits'] if each['_id'] == identity)


class Rows(WithProgram):
    settings = {'LEDE_ELASTIC_INDICES': 'news, logs-*'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        actions = b''.join(json.dumps({'index': {'_index': 'news'}}).encode() + b'\n' + json.dumps(each).encode() + b'\n' for each in DOCUMENTS)
        answer = cls.lede.ask('POST', '/_bulk', None, gzip.compress(actions), {**NDJSON, 'Content-Encoding': 'gzip'})
        assert answer.status == 200 and answer.json['errors'] is False, answer.text

    def es(self, method, path, body=None, **headers):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if body is None else NDJSON if isinstance(body, bytes) else JSON
        return self.lede.ask(method, path, None, data, {**kind, **headers})

    def search(self, body, path='/news/_search'):
        answer = self.es('POST', path, body)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def expect_error(self, answer, status, kind, *words):
        self.assertEqual((answer.status, answer.json['status']), (status, status), answer.text)
        self.assertEqual(answer['X-Elastic-Product'], 'Elasticsearch')
        error = answer.json['error']
        self.assertEqual((error['type'], error['root_cause'][0]['type']), (kind, kind), answer.text)
        for word in words:
            self.assertIn(word, error['reason'])

    # ---- The tables ----

    def test_every_row_of_the_tables_has_a_case(self):
        self.assertEqual(rows('Queries'), set(QUERIES))
        self.assertEqual(rows('Aggregations'), set(AGGREGATIONS))
        self.assertEqual(rows('Bodies of searches'), set(BODIES))

    def test_queries_find_what_their_rows_say(self):
        for name, cases in QUERIES.items():
            for query, wanted in cases:
                with self.subTest(name=name, query=query):
                    self.assertEqual(' '.join(sorted(ids(self.search({'query': query, '_source': False})))), wanted)
                    if name != 'ids' and '_id' not in query.get('term', {}):
                        self.assertEqual(self.es('GET', '/_count', {'query': query}).json['count'], len(wanted.split()))
                        inside = {'bool': {'must': [{'match_all': {}}], 'filter': [query]}} if name != 'function_score' else query
                        self.assertEqual(self.search({'query': inside})['hits']['total']['value'], len(wanted.split()))

    def test_bodies_are_answered_as_their_rows_say(self):
        for name, cases in BODIES.items():
            for body, is_so in cases:
                with self.subTest(name=name, body=body):
                    answer = self.search(body)
                    self.assertTrue(is_so(answer), json.dumps(answer)[:1500])

    def test_aggregations_count_what_their_rows_say(self):
        for name, cases in AGGREGATIONS.items():
            for body, is_so in cases:
                with self.subTest(name=name, body=body):
                    answer = self.search({'size': 0, 'aggregations': {'a': body}})['aggregations']['a']
                    self.assertTrue(is_so(answer), json.dumps(answer)[:1500])

    def test_what_is_not_offered_is_refused_by_name_with_what_instead(self):
        self.assertGreater(len(refused('Queries')), 15)
        for name in sorted(refused('Queries')):
            answer = self.es('POST', '/_search', {'query': {'bool': {'must': [{name: {}}]}}})
            with self.subTest(query=name):
                self.expect_error(answer, 400, 'illegal_argument_exception', f'[{name}]', 'is not offered; ')
        for name in sorted(refused('Aggregations')):
            answer = self.es('POST', '/_search', {'aggs': {'a': {name: {}}}})
            with self.subTest(aggregation=name):
                self.expect_error(answer, 400, 'illegal_argument_exception', f'[{name}]', 'is not offered; ')
        for name in sorted(refused('Bodies of searches')):
            with self.subTest(key=name):
                self.expect_error(self.es('POST', '/_search', {name: 1}), 400, 'parsing_exception', f'[{name}]')

    def test_unknown_keys_are_refused_wherever_they_stand(self):
        for body in ({'quer': {}}, {'query': {'mach': {}}}, {'query': {'match': {'body': {'query': 'x', 'fuzy': 1}}}}, {'query': {'match': {'nope': 'x'}}},
                     {'query': {'bool': {'musst': []}}}, {'aggs': {'a': {'terms': {'field': 'source', 'sizee': 1}}}}, {'aggs': {'a': {'tems': {}}}},
                     {'highlight': {'fields': {'body': {'frag': 1}}}}, {'query': {'range': {'published': {'gte': '2024-01-01', 'x': 1}}}},
                     {'query': {'query_string': {'query': 'x', 'y': 1}}}, {'_source': {'include': [], 'nope': []}}, {'collapse': {'field': 'source', 'inner_hits': {}}}):
            with self.subTest(body=body):
                self.expect_error(self.es('POST', '/_search', body), 400, 'parsing_exception')
        self.expect_error(self.es('GET', '/_search?foo=1'), 400, 'parsing_exception', '[foo]')
        self.expect_error(self.es('POST', '/_bulk?pipeline=x', b'{"index":{}}\n{"title":"x"}\n'), 400, 'parsing_exception', '[pipeline]')

    def test_values_of_the_wrong_kind_are_refused_and_crash_nothing(self):
        wrong = [None, 1, -1, 1.5, True, '', 'x', [], ['x'], {}, {'a': 1}, [[]], {'field': []}, 10 ** 18]
        bodies = [{key: value} for key in sorted(rows('Bodies of searches')) for value in wrong]
        bodies += [{'query': {key: value}} for key in sorted(QUERIES) for value in wrong]
        bodies += [{'query': {key: {'body': value}}} for key in sorted(QUERIES) for value in wrong]
        bodies += [{'query': {key: {'published': value}}} for key in sorted(QUERIES) for value in wrong]
        bodies += [{'query': {'bool': {key: value}}} for key in ('must', 'should', 'filter', 'must_not', 'minimum_should_match') for value in wrong]
        bodies += [{'aggs': {'a': {key: value}}} for key in sorted(AGGREGATIONS) for value in wrong]
        bodies += [{'aggs': {'a': {'date_histogram': {'field': 'published', 'fixed_interval': '1d', key: value}}}}
                   for key in ('extended_bounds', 'time_zone', 'format', 'min_doc_count', 'field') for value in wrong]
        lines = b''.join(b'{}\n' + json.dumps(body).encode() + b'\n' for body in bodies)
        cut = lines.split(b'\n')[:-1]
        for start in range(0, len(cut), 200):
            answer = self.es('POST', '/_msearch', b'\n'.join(cut[start:start + 200]) + b'\n')
            self.assertEqual(answer.status, 200, answer.text[:300])
            for number, each in enumerate(answer.json['responses']):
                self.assertIn(each['status'], (200, 400, 404), (cut[start + 2 * number + 1], each))

    # ---- Nothing steps out of its place ----

    def test_no_value_becomes_a_part_of_the_query(self):
        stranger = ['a" OR ferry', 'nothing") OR title:(ferry', "nothing' OR ferry", 'x\\" OR ferry', 'x\\', 'nothing” OR “ferry', 'nothing OR ferry', 'ferry^9) OR (*',
                    '{nothing, ferry}', 'nothing | ferry', 'nothing\u3000OR\u3000ferry', 'NOT nothing', '-nothing', 'source:"Coast Wire"', 'nothing\nOR\nferry', '*', '?' * 3,
                    'near5 ferry', 'atleast5(ferry)', '=ferry nothing', 'title:ferry', 'published:>=2000', '"" OR *', ') OR (', '« ferry zzz', '\uff02 OR ferry \uff02']
        for text in stranger:
            with self.subTest(text=text):
                for query in ({'match_phrase': {'body': text}}, {'match_phrase_prefix': {'body': text}}, {'term': {'body': text}},
                              {'match': {'body': {'query': 'zzz ' + text, 'operator': 'and'}}}, {'term': {'source': text}}, {'terms': {'tags': [text]}}):
                    self.assertEqual(ids(self.search({'query': query})), [], query)
                for name in ('prefix', 'wildcard', 'fuzzy'):
                    answer = self.es('POST', '/_search', {'query': {name: {'body': 'zzz' + text}}})
                    self.assertTrue(answer.status == 400 or answer.json['hits']['hits'] == [], answer.text)
                for name in ('query_string', 'simple_query_string'):
                    answer = self.es('POST', '/_search', {'query': {'bool': {'must': [{name: {'query': text}}, {'match': {'body': 'zzz'}}]}}})
                    self.assertTrue(answer.status == 400 or answer.json['hits']['hits'] == [], answer.text)

    def test_no_value_made_by_chance_does_either(self):
        seed = int(os.environ.get('LEDE_SEED', random.randrange(1 << 30)))
        print(f'# LEDE_SEED={seed}')
        chance = random.Random(seed)
        parts = ['"', '\\', '(', ')', ' OR ', ' AND ', ' NOT ', '*', '?', '~', '^', ':', 'title:', 'ferry', '{', '}', ',', '”', '“', '«', ' ', '-', '+', '=', '|', '!', ' NEAR/3 ',
                 'LEAD:', 'a', '1', '..', '>', '\u3000', '\uff02', "'", '/', '[', ']', ' TO ', 'SAME s', 'ß', '東京', '\t', '&&']
        for _ in range(150):
            text = 'zzz' + ''.join(chance.choice(parts) for _ in range(chance.randrange(1, 12)))
            wrapped = {'bool': {'must': [{'match': {'body': 'zzzz'}}, {'bool': {'should': [{chance.choice(['match', 'match_phrase', 'match_phrase_prefix', 'term']): {'body': text}},
                                                                                          {'query_string': {'query': text, 'lenient': True}}]}}]}}
            answer = self.es('POST', '/_search', {'query': wrapped})
            self.assertTrue(answer.status == 400 or answer.json['hits']['hits'] == [], (text, answer.text[:300]))

    # ---- Endpoints ----

    def test_who_asks_for_json_at_the_root_meets_elasticsearch_and_a_browser_the_page(self):
        for accept in ('application/json', VENDOR % 8, VENDOR % 9, None):
            answer = self.lede.get('/', headers={'Accept': accept} if accept else {})
            self.assertEqual((answer.status, answer['X-Elastic-Product'], answer.json['tagline']), (200, 'Elasticsearch', 'You Know, for Search'))
        self.assertEqual(self.lede.get('/', headers={'Accept': VENDOR % 9})['Content-Type'], 'application/vnd.elasticsearch+json;compatible-with=9')
        self.assertEqual(self.lede.ask('HEAD', '/').status, 200)
        for accept in ('*/*', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'):
            self.assertIn('<!doctype html>', self.lede.get('/', headers={'Accept': accept}).text)
        self.assertIn('<!doctype html>', self.lede.get('/', q='fog').text)

    def test_the_index_has_its_names_and_no_other(self):
        for path in ('/news/_search', '/logs-app-default/_search', '/_all/_search', '/*/_search', '/ne*/_search', '/news,logs-x/_search'):
            self.assertEqual(self.es('GET', path).status, 200, path)
        for path in ('/other/_search', '/news,other/_search', '/NEWS/_count'):
            self.expect_error(self.es('GET', path), 404, 'index_not_found_exception', 'no such index')
        self.assertEqual((self.es('HEAD', '/news').status, self.es('HEAD', '/other').status), (200, 404))
        self.expect_error(self.es('PUT', '/news'), 400, 'resource_already_exists_exception')
        self.expect_error(self.es('GET', '/other', Accept=VENDOR % 8), 404, 'index_not_found_exception')
        self.expect_problem(self.es('GET', '/other'), 404, 'not-found')

    def test_what_clients_ask_before_they_begin(self):
        self.assertEqual(self.es('GET', '/_cluster/health').json['status'], 'green')
        self.assertEqual(self.es('GET', '/_license').json['license']['status'], 'active')
        self.assertEqual(self.es('GET', '/_cat/indices?v', Accept='text/plain').text.split('\n')[0].split()[-1], 'docs.count')
        self.assertEqual(self.es('GET', '/_cat/indices?format=json').json[0]['index'], 'news')
        properties = self.es('GET', '/news/_mapping').json['news']['mappings']['properties']
        self.assertEqual((properties['title']['type'], properties['source']['type'], properties['@timestamp']['path']), ('text', 'keyword', 'published'))
        self.assertEqual(set(self.es('POST', '/_field_caps?fields=pub*,source').json['fields']), {'published', 'source'})
        self.assertEqual(self.es('POST', '/news/_refresh').status, 200)

    def test_paths_that_are_not_offered_say_what_instead(self):
        for method, path, word in (('POST', '/news/_delete_by_query', 'documents/delete'), ('PUT', '/_index_template/x', 'template'), ('GET', '/_ilm/policy', 'expires'),
                                   ('GET', '/_nodes/http', 'sniffing'), ('PUT', '/_ingest/pipeline/x', 'pipelines'), ('POST', '/_reindex', 'export'), ('GET', '/_nothing', 'README')):
            with self.subTest(path=path):
                self.expect_error(self.es(method, path), 400, 'illegal_argument_exception', path, word)
        self.assertEqual(self.es('PATCH', '/_search').status, 405)

    def test_filter_path_leaves_what_is_asked_for(self):
        answer = self.es('POST', '/_bulk?filter_path=errors,items.*.error,items.*.status', b'{"index":{"_id":"f"}}\n{"title":"x"}\n{"index":{"_id":"g"}}\n{"x":1}\n').json
        self.assertEqual(set(answer), {'errors', 'items'})
        self.assertEqual([set(item['index']) for item in answer['items']], [{'status'}, {'status', 'error'}])
        self.assertEqual(set(self.es('GET', '/_search?filter_path=-hits.hits').json['hits']), {'total', 'max_score'})
        self.es('DELETE', '/news/_doc/f')

    # ---- Scrolls ----

    def test_a_scroll_shows_every_hit_once_in_each_order(self):
        for body in ({'sort': ['_doc']}, {'query': {'match': {'body': 'ferry fog union notes'}}}, {'sort': [{'published': 'asc'}]},
                     {'query': {'range': {'published': {'lte': 'now'}}}}, {'query': {'term': {'source': 'Air Post'}}}):
            with self.subTest(body=body):
                page = self.search({**body, 'size': 2}, '/news/_search?scroll=1m')
                seen, total = [], page['hits']['total']['value']
                for _ in range(9):
                    if not page['hits']['hits']:
                        break
                    seen += ids(page)
                    page = self.search({'scroll_id': page['_scroll_id'], 'scroll': '1m'}, '/_search/scroll')
                self.assertEqual((len(seen), len(set(seen))), (total, total))
                self.assertEqual(self.es('DELETE', '/_search/scroll', {'scroll_id': page['_scroll_id']}).status, 200)
        for made_up in ('', 'zz', '7b7d', 'ff' * 300000):
            self.assertIn(self.es('POST', '/_search/scroll', {'scroll_id': made_up}).status, (400, 404))

    def test_scrolls_by_score_of_two_filters_are_two(self):
        for source, wanted in (('Air Post', {'d3', 'd4', 'd5'}), ('Coast Wire', {'d1', 'd2'})):
            query = {'bool': {'must': [{'match': {'body': 'ferry fog union notes'}}], 'filter': [{'term': {'source': source}}]}}
            page = self.search({'query': query, 'size': 1}, '/news/_search?scroll=1m')
            seen = set(ids(page))
            while page['hits']['hits']:
                page = self.search({'scroll_id': page['_scroll_id']}, '/_search/scroll')
                seen |= set(ids(page))
            self.assertEqual(seen, wanted)


class Writes(WithProgram):
    settings = {'LEDE_ELASTIC_INDICES': 'news, logs-*'}
    es = Rows.es
    expect_error = Rows.expect_error

    def bulk(self, *lines, path='/_bulk'):
        return self.es('POST', path, b''.join(line if isinstance(line, bytes) else json.dumps(line).encode() + b'\n' for line in lines))

    def statuses(self, answer):
        self.assertEqual(answer.status, 200, answer.text)
        return [next(iter(item.values()))['status'] for item in answer.json['items']]

    def test_a_bulk_tells_each_item_its_status(self):
        answer = self.bulk({'index': {'_id': 'b1'}}, {'title': 'One'}, {'index': {'_id': 'b1'}}, {'title': 'One more'}, {'create': {'_id': 'b1'}}, {'title': 'x'},
                           {'update': {'_id': 'b1'}}, {'doc': {'body': 'text'}}, {'update': {'_id': 'none'}}, {'doc': {'body': 'text'}}, {'delete': {'_id': 'b1'}},
                           {'delete': {'_id': 'b1'}}, {'index': {'_id': 'b2'}}, b'{"title": \n', {'index': {'_id': 'b3'}}, {'nothing': 1}, {'index': {'_index': 'other'}}, {'title': 'x'},
                           {'index': {'_id': 'b4'}}, {'title': 'x', 'published': 'yesterday week'})
        self.assertEqual(self.statuses(answer), [201, 200, 409, 200, 404, 200, 404, 400, 400, 404, 400])
        self.assertTrue(answer.json['errors'])
        items = [next(iter(item.values())) for item in answer.json['items']]
        self.assertEqual([item.get('result') for item in items[:2]], ['created', 'updated'])
        self.assertEqual(items[2]['error']['type'], 'version_conflict_engine_exception')
        self.assertEqual(items[4]['error']['type'], 'document_missing_exception')
        self.assertEqual(items[6]['result'], 'not_found')
        self.assertEqual(items[9]['error']['type'], 'index_not_found_exception')

    def test_a_number_is_an_id_by_its_digits(self):
        lines = '{"index": {"_id": 7041}}\n{"title": "seven"}\n{"delete": {"_id": "7041"}}\n'
        answer = self.lede.ask('POST', '/_bulk', body=lines.encode(), headers={'Content-Type': 'application/x-ndjson'}).json
        self.assertEqual([(item['_id'], item['status']) for one in answer['items'] for item in one.values()], [('7041', 201), ('7041', 200)])

    def test_a_bulk_whose_actions_cannot_be_read_changes_nothing(self):
        for last in (b'{"nope": {}}\n{}\n', b'nonsense\n', b'{"index": {"pipeline": "x"}}\n{}\n', b'{"index": {"_id": [7]}}\n{}\n', b'{"index": {}}\n', b'{"update": {}}\n{}\n'):
            answer = self.es('POST', '/_bulk', b'{"index": {"_id": "kept"}}\n{"title": "x"}\n' + last)
            self.assertEqual(answer.status, 400, answer.text)
            self.assertEqual(self.es('GET', '/news/_doc/kept').status, 404)
        self.expect_error(self.es('POST', '/_bulk', b'\n'), 400, 'parsing_exception', 'required')

    def test_a_shipper_may_count_its_attempts_beside_an_action(self):
        self.assertEqual(self.statuses(self.bulk({'index': {'_index': 'logs-w', 'pipeline': None}, 'attempts': 0}, {'message': 'from winston'})), [201])
        self.assertEqual(self.es('GET', '/_cluster/health?wait_for_nodes=%3E%3D1&wait_for_status=yellow').status, 200)

    def test_upserts_in_one_bulk_follow_each_other(self):
        answer = self.bulk({'update': {'_id': 'u'}}, {'doc': {'title': 'First'}, 'doc_as_upsert': True}, {'update': {'_id': 'u'}}, {'doc': {'body': 'Second'}, 'doc_as_upsert': True},
                           {'delete': {'_id': 'u'}}, {'update': {'_id': 'u'}}, {'doc': {'body': 'x'}, 'upsert': {'title': 'Third'}}, {'update': {'_id': 'u'}}, {'doc': {'title': 'Third'}})
        self.assertEqual(self.statuses(answer), [201, 200, 200, 201, 200])
        self.assertEqual(answer.json['items'][4]['update']['result'], 'noop')
        many = [line for n in range(600) for line in ({'update': {'_id': f'many{n}'}}, {'doc': {'title': f'Number {n}'}, 'doc_as_upsert': True})]
        self.assertEqual(set(self.statuses(self.bulk(*many))), {201})
        bad = self.bulk({'update': {'_id': 'v'}}, {'doc': {'x': 1}, 'doc_as_upsert': True}, {'update': {'_id': 'v'}}, {'script': 'x'})
        self.assertEqual(self.statuses(bad), [400, 400])

    def test_what_shippers_send_becomes_ours(self):
        line = {'@timestamp': '2024-05-01T10:00:00.123Z', 'message': 'service started', 'host': {'name': 'a'}, 'n': 0.10}
        answer = self.bulk({'create': {}}, line, {'create': {}}, line, {'create': {}}, {**line, '@timestamp': '2024-05-01T10:00:01Z'}, {'create': {}}, {'time': 1714557600000, 'msg': 'pino line'},
                           {'create': {}}, {'@timestamp': '2024-05-01', 'log': 'fluent line', 'message': {'not': 'text'}}, path='/logs-app-default/_bulk')
        self.assertEqual(self.statuses(answer), [201, 409, 201, 201, 201])
        source = self.es('GET', '/logs-app-default/_source/' + answer.json['items'][0]['create']['_id'])
        self.assertEqual({key: source.json[key] for key in ('published', 'body', 'host')}, {'published': '2024-05-01T10:00:00Z', 'body': 'service started', 'host': {'name': 'a'}})
        found = self.es('POST', '/logs-*/_search', {'query': {'match': {'msg': 'pino'}}}).json['hits']['hits'][0]['_source']
        self.assertEqual(found['published'], '2024-05-01T10:00:00Z')

    def test_one_document_is_written_read_and_deleted(self):
        self.assertEqual(self.es('PUT', '/news/_doc/a%2Fb', {'title': 'x'}).json['result'], 'created')
        self.assertEqual(self.es('PUT', '/news/_doc/a%2Fb', {'title': 'x'}).json['result'], 'updated')
        self.assertEqual(self.es('PUT', '/news/_doc/a%2Fb?op_type=create', {'title': 'x'}).status, 409)
        self.assertEqual(self.es('PUT', '/news/_create/a%2Fb', {'title': 'x'}).status, 409)
        self.assertEqual(self.es('GET', '/news/_doc/a%2Fb?_source_includes=title').json['_source'], {'title': 'x'})
        self.assertEqual(self.es('HEAD', '/news/_doc/a%2Fb').status, 200)
        self.assertEqual(self.es('POST', '/news/_update/a%2Fb', {'doc': {'body': 'y'}}).json['result'], 'updated')
        self.assertEqual(self.es('POST', '/news/_update/new', {'doc': {'body': 'y'}, 'doc_as_upsert': True}).json['result'], 'created')
        self.expect_error(self.es('POST', '/news/_update/none', {'doc': {'body': 'y'}}), 404, 'document_missing_exception')
        self.expect_error(self.es('POST', '/news/_update/new', {'script': {}}), 400, 'illegal_argument_exception', 'doc')
        self.expect_error(self.es('PUT', '/news/_doc/bad', {'x': 1}), 400, 'document_parsing_exception', 'title')
        self.expect_error(self.es('PUT', '/news/_doc/bad', {'id': 'worse', 'title': 'x'}), 400, 'document_parsing_exception', '_id')
        made = self.es('POST', '/news/_doc', {'title': 'Without an id'})
        self.assertEqual((made.status, len(made.json['_id'])), (201, 32))
        self.assertEqual(self.es('DELETE', '/news/_doc/a%2Fb').json['result'], 'deleted')
        self.assertEqual((self.es('DELETE', '/news/_doc/a%2Fb').status, self.es('GET', '/news/_doc/a%2Fb').json['found']), (404, False))
        self.assertEqual(self.es('GET', '/news/_source/a%2Fb').status, 404)

    def test_numbers_of_unknown_keys_keep_their_digits(self):
        self.es('PUT', '/news/_doc/n', b'{"title":"x","rate":0.10,"big":12345678901234567890123}')
        self.assertIn('"rate":0.10,"big":12345678901234567890123', self.es('GET', '/news/_doc/n').text)

    def test_a_form_of_another_site_writes_nothing(self):
        answer = self.lede.ask('POST', '/news/_doc', None, b'{"title":"x"}', {'Content-Type': 'text/plain'})
        self.expect_error(answer, 406, 'media_type_header_exception')


if __name__ == '__main__':
    tap.main(globals())
