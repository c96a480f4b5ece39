# SPDX-License-Identifier: GPL-2.0-or-later
"""Near-duplicates share a story, however they arrive; collapse shows each once and says what it stands for."""
import random
import re
import threading
import unittest

from program import Program, WithProgram
import tap

SOURCES = ['AP', 'AFP', 'Reuters', 'dpa']
KEY = re.compile('[0-9a-f]{16}')


def words(seed, count=200):
    """A text of its own, of words that no other text has in this order."""
    draw = random.Random(seed)
    return [''.join(draw.choice('abcdefghijklmnopqrstuvwxyz') for _ in range(draw.randint(3, 8))) for _ in range(count)]


def copy_of(story, copy, **fields):
    """The story's text with another end for each copy."""
    text = words(f'story {story}')[:170 + copy % 30] + words(f'end {story} {copy}', 10)
    return {'id': f's{story}-c{copy}', 'title': f'Headline {copy} of {story}', 'body': f'marblefield {" ".join(text)}', 'language': 'en',
            'source': SOURCES[copy % len(SOURCES)], 'published': f'2022-01-{story % 27 + 1:02}T10:{copy:02}:00Z', **fields}


def collapsed(answer):
    return {hit['id']: hit['collapsed'] for hit in answer['hits']}


class Stories(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = [copy_of(story, copy) for story in range(8) for copy in range(story + 1)]
        random.Random(3).shuffle(cls.documents)
        assert cls.lede.bulk(cls.documents).json['failed'] == 0

    def test_each_story_is_shown_once_with_the_number_of_its_copies(self):
        answer = self.lede.search('marblefield', collapse='story', limit=100)
        found = {identity.split('-')[0]: member['count'] for identity, member in collapsed(answer).items()}
        self.assertEqual(found, {f's{story}': story + 1 for story in range(8)})
        self.assertEqual(len(answer['hits']), 8)
        self.assertTrue(all(KEY.fullmatch(member['key']) for member in collapsed(answer).values()))

    def test_total_facets_and_histogram_count_every_document(self):
        parameters = {'facets': 'source', 'histogram': 'day'}
        plain = self.lede.search('marblefield', **parameters)
        answer = self.lede.search('marblefield', collapse='story', **parameters)
        for name in ('total', 'facets', 'histogram'):
            self.assertEqual(answer[name], plain[name])
        self.assertEqual(answer['total'], {'value': 36, 'relation': 'eq'})

    def test_the_sources_of_a_story_are_counted_most_frequent_first(self):
        hit = self.lede.search('marblefield', collapse='story', sort='newest')['hits'][0]
        self.assertEqual(hit['id'], 's7-c7')
        self.assertEqual(hit['collapsed']['sources'], [{'value': source, 'count': 2} for source in sorted(SOURCES)])
        hit = self.lede.search('marblefield', collapse='story', after='2022-01-07', before='2022-01-07')['hits'][0]
        self.assertEqual(hit['collapsed']['sources'], [{'value': 'AFP', 'count': 2}, {'value': 'AP', 'count': 2}, {'value': 'Reuters', 'count': 2},
                                                       {'value': 'dpa', 'count': 1}])

    def test_copies_are_counted_among_what_matches_alone(self):
        hit = self.lede.search('marblefield', collapse='story', sort='newest', source='AP,AFP')['hits'][0]
        self.assertEqual(hit['collapsed']['count'], 4)
        self.assertEqual({source['value'] for source in hit['collapsed']['sources']}, {'AP', 'AFP'})

    def test_the_first_in_the_order_asked_for_stands_for_its_story(self):
        newest = self.lede.ids('marblefield', collapse='story', sort='newest')
        oldest = self.lede.ids('marblefield', collapse='story', sort='oldest')
        self.assertEqual(newest, [f's{story}-c{story}' for story in reversed(range(8))])
        self.assertEqual(oldest, [f's{story}-c0' for story in range(8)])

    def test_the_filter_story_lists_the_copies_and_excludes_them(self):
        key = self.lede.search('marblefield', collapse='story', sort='newest')['hits'][0]['collapsed']['key']
        self.assertEqual(set(self.lede.ids(story=key)), {f's7-c{copy}' for copy in range(8)})
        self.assertEqual(self.lede.total('marblefield', story=f'-{key}'), 28)
        other = self.lede.search('marblefield', collapse='story', sort='oldest')['hits'][0]['collapsed']['key']
        self.assertEqual(self.lede.total(story=f'{key},{other}'), 9)

    def test_where_a_story_has_no_copy_that_matches_the_answer_says_so(self):
        answer = self.lede.search('marblefield', story='0123456789abcdef')
        self.assertEqual(answer['total']['value'], 0)
        self.assertIn({'clause': 'story=0123456789abcdef', 'role': 'filter', 'count': 0, 'relation': 'eq'}, answer['query']['clinic']['clauses'])

    def test_what_is_no_key_is_refused(self):
        for value in ('x', '0123456789abcdeF', '0123456789abcde', '-'):
            with self.subTest(value):
                problem = self.expect_problem(self.lede.get('/search', story=value), 400, 'invalid-parameter')
                self.assertEqual(problem['param'], 'story')

    def test_what_cannot_be_collapsed_by_is_refused(self):
        problem = self.expect_problem(self.lede.get('/search', collapse='title'), 400, 'invalid-parameter')
        self.assertEqual(problem['param'], 'collapse')

    def test_offsets_and_cursors_walk_every_story_once_in_every_order(self):
        for order in ('relevance', 'newest', 'oldest'):
            with self.subTest(order):
                whole = self.lede.ids('marblefield', collapse='story', sort=order)
                by_offset = [identity for offset in range(0, 9, 3)
                             for identity in self.lede.ids('marblefield', collapse='story', sort=order, limit=3, offset=offset)]
                answer = self.lede.search('marblefield', collapse='story', sort=order, limit=3)
                walked = [hit['id'] for hit in answer['hits']]
                for _ in range(10):
                    if answer['next'] is None:
                        break
                    answer = self.lede.get(answer['next']).json
                    walked += [hit['id'] for hit in answer['hits']]
                    self.assertTrue(all(hit['collapsed']['count'] == int(hit['id'][1]) + 1 for hit in answer['hits']))
                self.assertEqual(by_offset, whole)
                self.assertEqual(walked, whole)

    def test_feeds_and_tables_show_each_story_once(self):
        for path, sign in (('/search.atom', '<entry>'), ('/search.rss', '<item>'), ('/search.csv', '\r\n"s')):
            with self.subTest(path):
                self.assertEqual(self.lede.get(path, q='marblefield', collapse='story', limit=100).text.count(sign), 8)

    def test_a_post_takes_the_same_parameters(self):
        key = self.lede.search('marblefield', collapse='story', sort='newest')['hits'][0]['collapsed']['key']
        answer = self.lede.post('/search', {'collapse': 'story', 'story': [key]}).json
        self.assertEqual([hit['collapsed']['count'] for hit in answer['hits']], [8])


class Fields(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = [{'id': f'd{n}', 'title': 'copperleaf', 'section': f'desk {n % 3}', 'source': SOURCES[n % 2], 'tags': ['a', 'b'][:n % 2 + 1],
                      'published': f'2022-01-{n + 1:02}'} for n in range(12)]
        documents += [{'id': f'n{n}', 'title': 'copperleaf', 'published': '2022-02-01', 'source': 'AP'} for n in range(2)]
        assert cls.lede.bulk(documents).json['failed'] == 0

    def test_one_hit_for_each_value_of_a_field(self):
        answer = self.lede.search('copperleaf', collapse='section', sort='newest', before='2022-01-31')
        self.assertEqual([hit['id'] for hit in answer['hits']], ['d11', 'd10', 'd9'])
        self.assertEqual(answer['hits'][0]['collapsed'], {'key': 'desk 2', 'count': 4,
                                                          'sources': [{'value': 'AFP', 'count': 2}, {'value': 'AP', 'count': 2}],
                                                          'first': {'id': 'd2', 'source': 'AP', 'published': '2022-01-03T00:00:00Z'}})

    def test_a_document_without_a_value_stays_single(self):
        answer = self.lede.search('copperleaf', collapse='section', sort='newest')
        self.assertEqual([hit['id'] for hit in answer['hits']], ['n1', 'n0', 'd11', 'd10', 'd9'])
        self.assertEqual(answer['hits'][0]['collapsed'], {'key': None, 'count': 1, 'sources': [{'value': 'AP', 'count': 1}],
                                                          'first': {'id': 'n1', 'source': 'AP', 'published': '2022-02-01T00:00:00Z'}})

    def test_lists_collapse_where_they_are_the_same(self):
        answer = self.lede.search('copperleaf', collapse='tag', sort='newest', before='2022-01-31')
        self.assertEqual([hit['collapsed']['key'] for hit in answer['hits']], ['a\x1fb', 'a'])

    def test_a_search_that_is_not_collapsed_says_nothing_of_it(self):
        self.assertNotIn('collapsed', self.lede.search('copperleaf')['hits'][0])


class Arrivals(WithProgram):
    """Copies that come while somebody pages."""

    def test_a_story_whose_newer_copy_arrives_is_not_shown_again(self):
        for order in ('newest', 'relevance'):
            with self.subTest(order):
                base = 100 if order == 'newest' else 200
                self.lede.bulk([copy_of(base + n, 0, tags=[order]) for n in range(12)])
                answer = self.lede.search('marblefield', tag=order, collapse='story', sort=order, limit=4)
                shown = [hit['collapsed']['key'] for hit in answer['hits']]
                self.lede.bulk([copy_of(base + n, 1, tags=[order]) for n in range(12)])
                while answer['next']:
                    answer = self.lede.get(answer['next']).json
                    shown += [hit['collapsed']['key'] for hit in answer['hits']]
                    self.lede.bulk([copy_of(base + n, 2 + len(shown), tags=[order]) for n in range(12)])
                self.assertEqual(len(shown), 12)
                self.assertEqual(len(set(shown)), 12)

    def test_copies_posted_side_by_side_are_one_story(self):
        def post(copy):
            self.lede.bulk([copy_of(300 + story, copy, tags=['together']) for story in range(20)])
        threads = [threading.Thread(target=post, args=(copy,)) for copy in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hits = self.lede.search(tag='together', collapse='story', limit=100)['hits']
        self.assertEqual([hit['collapsed']['count'] for hit in hits], [6] * 20)

    def test_a_withheld_copy_is_not_counted(self):
        self.lede.bulk([copy_of(400, 0, tags=['clock']), copy_of(400, 1, tags=['clock'], status='withheld'),
                        copy_of(400, 2, tags=['clock'], embargoed_until='2999-01-01')])
        hit = self.lede.search(tag='clock', collapse='story')['hits'][0]
        self.assertEqual((hit['id'], hit['collapsed']['count']), ('s400-c0', 1))


class Lasting(unittest.TestCase):
    def test_a_story_keeps_its_key_over_restarts_kills_and_replacements(self):
        lede = Program()
        try:
            lede.bulk([copy_of(1, copy) for copy in range(3)])
            key = lede.search(collapse='story')['hits'][0]['collapsed']['key']
            lede.kill()
            lede.start()
            lede.bulk([copy_of(1, 3), copy_of(1, 0, title='Corrected headline')])
            self.assertEqual(lede.total(story=key), 4)
            self.assertEqual(lede.stop(), 0)
            lede.start()
            lede.bulk([copy_of(1, 4)])
            self.assertEqual(lede.total(story=key), 5)
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
