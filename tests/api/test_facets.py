# SPDX-License-Identifier: GPL-2.0-or-later
"""Facets tell what choosing a value would find: each is held against a count by hand. So are timelines, and who ran a story first."""
import collections
import random
import re
import time

from program import WithProgram
import tap

FIELDS = {'source': 'source', 'author': 'author', 'section': 'section', 'tag': 'tags', 'place': 'places', 'person': 'people', 'organisation': 'organisations',
          'lang': 'language'}
LISTS = ('author', 'tags', 'places', 'people', 'organisations')


def make(count, seed=5):
    chance = random.Random(seed)
    made = []
    for n in range(count):
        document = {'id': f'f-{n}', 'title': f'Report {n}', 'body': chance.choice(['ferry', 'ferry harbour', 'storm']), 'language': chance.choice(['en', 'de', 'fr'])}
        if chance.random() < 0.9:
            document['published'] = f'20{chance.randint(10, 22)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T12:00:00Z'
        for key in ('source', 'section'):
            if chance.random() < 0.9:
                document[key] = f'{key.title()} {chance.randint(1, 9)}'
        for key in LISTS:
            document[key] = sorted({f'{key.title()} Ö{chance.randint(1, 30)}' for _ in range(chance.randint(0, 3))})
        made.append(document)
    return made


def values_of(document, key):
    value = document.get(key, [])
    return value if isinstance(value, list) else [value]


class ManyValues(WithProgram):
    def test_the_page_counts_the_values_that_it_does_not_show(self):
        self.lede.bulk([{'id': f'm{n}-{k}', 'title': 'manyword', 'tags': [f'tag {n}']} for n in range(130) for k in range(1 if n else 3)])
        self.lede.bulk([{'id': f'm-{n}', 'title': 'manyword', 'tags': [f'tag {n}']} for n in range(1, 129)])

        def section(**parameters):
            page = self.lede.get('/', headers={'Accept': 'text/html'}, q='manyword', **parameters).text
            return page.split('data-facet="tag"', 1)[1].split('</section>', 1)[0]
        self.assertIn('>123 more<', section())
        # one that is among those beside, whose count nobody told
        chosen = section(tag='tag 129')
        self.assertIn('>123 more<', chosen)
        row = chosen.split('</li>', 1)[0]
        self.assertIn('tag 129', row)
        self.assertNotIn('>0<', row)


class Facets(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = make(700)
        for begin in range(0, 700, 100):
            assert cls.lede.bulk(cls.documents[begin:begin + 100]).json['failed'] == 0

    def matching(self, word='', filters=(), without=None, after=None):
        """filters: (parameter, values); a value may begin with '-'."""
        def fits(document):
            for name, values in filters:
                if name == without:
                    continue
                own = set(values_of(document, FIELDS[name]))
                wanted = {v for v in values if not v.startswith('-')}
                if (wanted and not own & wanted) or own & {v[1:] for v in values if v.startswith('-')}:
                    return False
            if after and document.get('published', '') < after:
                return False
            return word in document['body']
        return [document for document in self.documents if fits(document)]

    def counted(self, documents, name):
        counts = collections.Counter(value for document in documents for value in values_of(document, FIELDS[name]))
        return [{'value': value, 'count': count} for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))]

    def asked(self, filters, **parameters):
        return self.lede.search(facets=','.join(FIELDS), limit=0, **{name: ','.join(values) for name, values in filters}, **parameters)

    FILTERS = ([], [('source', ['Source 1'])], [('source', ['Source 1', 'Source 2', '-Source 3'])], [('source', ['-Source 1']), ('tag', ['Tags Ö1', 'Tags Ö2'])],
               [('person', ['People Ö3']), ('organisation', ['-Organisations Ö3']), ('lang', ['en', 'de'])], [('place', ['nowhere'])])

    def test_every_filter_fields_values_are_counted_without_its_own_filter(self):
        for filters in self.FILTERS:
            for word in ('', 'harbour'):
                answer = self.asked(filters, q=word, facet_counts='disjunctive')
                self.assertEqual(answer['total']['value'], len(self.matching(word, filters)))
                self.assertEqual(list(answer['facets']), list(FIELDS))
                for name in FIELDS:
                    with self.subTest(filters=filters, word=word, name=name):
                        self.assertEqual(answer['facets'][name], self.counted(self.matching(word, filters, without=name), name)[:100])

    def test_within_they_count_what_matches(self):
        for filters in self.FILTERS:
            answer = self.asked(filters)
            self.assertEqual(answer, {**self.asked(filters, facet_counts='within'), 'took_ms': answer['took_ms']})
            for name in FIELDS:
                self.assertEqual(answer['facets'][name], self.counted(self.matching('', filters), name)[:100])

    def test_hits_are_the_same_either_way(self):
        for filters in self.FILTERS:
            parameters = {name: ','.join(values) for name, values in filters}
            ids = [self.lede.search('ferry', facets='source,tag', facet_counts=how, limit=50, **parameters)['hits'] for how in ('within', 'disjunctive')]
            self.assertEqual(*ids)

    def test_pages_of_values_go_through_all_of_them_and_say_what_is_left(self):
        everything = self.counted(self.documents, 'person')
        seen = []
        for offset in range(0, 40, 7):
            answer = self.lede.search(facets='person', facet_values=7, facet_offset=offset, limit=0)
            page, others = answer['facets']['person'], answer['facet_others']['person']
            self.assertEqual(others, {'values': len(everything) - len(page), 'count': sum(v['count'] for v in everything) - sum(v['count'] for v in page)})
            seen += page
        self.assertEqual(seen, everything)
        self.assertEqual(self.lede.search(facets='person', facet_offset=1000, limit=0)['facets']['person'], [])

    def test_values_can_be_searched_whatever_their_case_and_accents(self):
        everything = self.counted(self.documents, 'place')
        for text, kept in (('o1', 'Ö1'), ('PLACES Ö2', 'Ö2'), ('ö30', 'Ö30'), ('nowhere', 'nowhere')):
            answer = self.lede.search(facets='place', facet_query=text, limit=0)
            self.assertEqual(answer['facets']['place'], [value for value in everything if kept in value['value']], text)
            self.assertEqual(answer['facet_others']['place'], {'values': 0, 'count': 0})
        self.assertEqual(self.lede.search(facets='place', facet_query='', limit=0)['facets']['place'], everything)
        self.expect_problem(self.lede.get('/search', facet_query='x' * 257), 400, 'invalid-parameter', param='facet_query')

    def test_the_timeline_is_not_narrowed_by_its_own_period(self):
        answer = self.lede.search(histogram='year', facets='source', facet_counts='disjunctive', after='2020-01-01', limit=0)
        dated = [document for document in self.documents if 'published' in document]
        years = collections.Counter(document['published'][:4] for document in dated)
        self.assertEqual({bucket['start'][:4]: bucket['count'] for bucket in answer['histogram']['buckets']}, dict(years))
        self.assertEqual(answer['histogram']['undated'], 700 - len(dated))
        self.assertEqual(answer['total']['value'], len(self.matching(after='2020-01-01')))
        self.assertEqual(answer['facets']['source'], self.counted(self.matching(after='2020-01-01'), 'source'))

    def test_it_pages_by_cursor(self):
        page = self.lede.search('ferry', facets='source', facet_counts='disjunctive', source='Source 1', limit=5)
        again = self.lede.ask('GET', page['next']).json
        self.assertEqual(again['facets'], page['facets'])
        self.assertFalse({hit['id'] for hit in page['hits']} & {hit['id'] for hit in again['hits']})


class Timeline(WithProgram):
    def test_the_interval_fits_the_time_between_the_first_and_the_last(self):
        self.assertEqual(self.lede.search(histogram='auto')['histogram'], {'interval': 'day', 'first': None, 'last': None, 'undated': 0, 'buckets': []})
        self.lede.put('first', {'title': 'x', 'published': '2000-01-31T23:30:00Z'})
        for last, interval in (('2000-02-01', 'day'), ('2000-05-20', 'day'), ('2000-08-01', 'week'), ('2002-01-01', 'week'), ('2005-01-01', 'month'), ('2009-01-01', 'month'),
                               ('2012-01-01', 'year'), ('2990-01-01', 'year')):
            with self.subTest(last):
                self.lede.put('last', {'title': 'x', 'published': last})
                histogram = self.lede.search(histogram='auto')['histogram']
                self.assertEqual((histogram['interval'], histogram['first'], histogram['last'], histogram['undated']), (interval, '2000-01-31', last, 0))
                self.assertEqual(sum(bucket['count'] for bucket in histogram['buckets']), 2)
                if interval != 'year':
                    self.assertLessEqual(len(histogram['buckets']), 124)
        self.assertEqual(self.lede.search(histogram='auto', time_zone='Europe/Berlin')['histogram']['first'], '2000-02-01')


class Stories(WithProgram):
    TEXT = ('The harbour ferry ran aground on the northern bank in the early morning, and ninety people were taken off by boats before noon. '
            'Nobody was hurt, the coast guard said. The ferry had left the capital at midnight. ') * 3

    def test_a_story_says_who_ran_it_first_and_when(self):
        copies = [('late', 'Courier', '2022-01-03T00:00:00Z'), ('b-first', 'Wire', '2022-01-01T06:00:00Z'), ('a-first', 'Agency', '2022-01-01T06:00:00Z'),
                  ('middle', 'Post', '2022-01-02T00:00:00Z'), ('undated', 'Nobody', None)]
        for identity, source, published in copies:
            self.lede.put(identity, {'title': 'Ferry aground', 'body': self.TEXT, 'source': source, **({'published': published} if published else {})})
        self.lede.put('other', {'title': 'Another ferry', 'body': 'Wholly different words about a ferry.'})
        for sort in ('newest', 'oldest', 'relevance'):
            hits = {hit['collapsed']['count']: hit['collapsed'] for hit in self.lede.search('ferry', collapse='story', sort=sort)['hits']}
            self.assertEqual(hits[5]['first'], {'id': 'a-first', 'source': 'Agency', 'published': '2022-01-01T06:00:00Z'})
            self.assertIsNone(hits[1]['first'])
        versions = self.lede.search(story=hits[5]['key'], sort='oldest', fields='title,body,source,published')['hits']
        self.assertEqual([hit['id'] for hit in versions], ['a-first', 'b-first', 'middle', 'late', 'undated'])
        self.assertEqual({hit['document']['body'] for hit in versions}, {self.TEXT})
        by_source = {hit['collapsed']['key']: hit['collapsed']['first'] for hit in self.lede.search('ferry', collapse='source')['hits']}
        self.assertEqual(by_source['Courier'], {'id': 'late', 'source': 'Courier', 'published': '2022-01-03T00:00:00Z'})


class SlowCounts(WithProgram):
    """Hits of the page do not wait for counts that are searches of their own."""
    FILTERS = [('source', 's1'), ('source', 's2'), ('section', 'c1'), ('section', 'c2'), ('section', 'c3'), ('lang', 'en'), ('after', '2001-01-01')]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(7)
        words = [first + ''.join(chance.choices('bcdfghklmnprst', k=6)) for first in 'aeio' for _ in range(1500)]
        documents = [{'id': str(n), 'title': 'slow', 'body': ' '.join(chance.choices(words, k=150)), 'source': f's{n % 7}', 'section': f'c{n % 5}',
                      'language': 'en', 'published': f'{2010 + n % 10}-05-01T00:00:00Z'} for n in range(8000)]
        assert cls.lede.bulk(documents).json['failed'] == 0

    def ask(self, path, *more):
        begun = time.monotonic()
        answer = self.lede.ask('GET', path, [*more, *self.FILTERS], headers={'Accept': 'text/html, application/json'})
        self.assertEqual(answer.status, 200)
        return answer, time.monotonic() - begun

    def test_the_page_shows_hits_first_and_counts_where_a_reader_says_so(self):
        q = ('q', 'e* NEAR/5 a* NEAR/5 i*')
        answer, _ = self.ask('/search', q, ('cache', '0'))  # reads the lists
        _, hits_s = self.ask('/search', q, ('cache', '0'))
        page, page_s = self.ask('/', q)
        self.assertEqual(page.text.count('<li class="hit"'), len(answer.json['hits']))
        cut = re.search(r'id="cut">To count took too long.*?href="([^"]*)"', page.text)
        if not cut:  # a quick machine: all counts within their time
            self.assertLess(page_s, hits_s + 0.8)
            return
        self.assertIn('count=all', cut[1])
        whole, whole_s = self.ask('/', q, ('count', 'all'))
        self.assertNotIn('To count took too long', whole.text)
        self.assertGreater(whole_s, 0.15)
        for name, count in self.counts(page).items():
            self.assertIn(count, ('', self.counts(whole)[name]), name)  # none that would be a lie
        self.assertGreater(int(self.counts(whole)['s1']), 0)

    @staticmethod
    def counts(page):
        return dict(re.findall(r'<span class="name" dir="auto">([^<]*)</span> <span class="count">([\d,]*)', page.text))

    def test_counts_that_are_quick_are_there_at_once(self):
        page, _ = self.ask('/', ('q', 'slow'))
        self.assertNotIn('To count took too long', page.text)
        self.assertRegex(page.text, r'<span class="name" dir="auto">s1</span> <span class="count">\d+')


if __name__ == '__main__':
    tap.main(globals())
