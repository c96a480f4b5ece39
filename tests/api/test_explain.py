# SPDX-License-Identifier: GPL-2.0-or-later
"""explain=true: what each part of a search gave to a hit. LEDE_CASES queries are generated, from the seed LEDE_SEED."""
import os
import random

from program import SANITIZED, WithProgram
import queries
import tap

CASES = int(os.environ.get('LEDE_CASES', 40 if SANITIZED else 150))
SEED = int(os.environ.get('LEDE_SEED', 0)) or random.SystemRandom().randrange(1 << 32)
TOLERANCE = 0.0001  # as openapi.json says


class Sample(WithProgram):
    with_sample = True

    def explained(self, q, **more):
        return self.lede.search(q, explain='true', **more)

    def expect_sums(self, answer, what):
        """How many hits had parts."""
        for hit in answer['hits']:
            given = sum(part['score'] or 0 for part in hit['explain'])
            self.assertLessEqual(abs(given - hit['score']), TOLERANCE, (what, hit['score'], hit['explain']))
        return len(answer['hits'])


class Parts(Sample):
    def test_those_of_generated_queries_sum_up_to_the_score(self):
        print(f'# seed {SEED}, {CASES} cases')
        chance = random.Random(SEED)
        seen = 0
        for _ in range(CASES):
            q = queries.query(chance, self.documents, 4)
            more = chance.choice([{}, {}, {'match': 'any'}, {'recency': '30d'}, {'recency': '7d', 'match': 'any'}, {'sort': 'newest'},
                                  {'in': 'title'}, {'offset': 5}, {'source': '-Kervania Wire'}])
            seen += self.expect_sums(self.explained(q, **more), (q, more))
        self.assertGreater(seen, CASES // 4)  # of what is drawn much finds nothing

    def test_those_of_pages_behind_a_cursor_sum_up_too(self):
        page = self.explained('ferry harbour storm', match='any', limit=2)
        for _ in range(3):
            page = self.lede.ask('GET', page['next']).json
            self.assertGreater(self.expect_sums(page, 'a page'), 0)

    def test_those_of_similar_documents_sum_up_too(self):
        answer = self.lede.ask('GET', '/documents/kv-2024-1118-01/similar?explain=true&recency=30d').json
        self.assertEqual(self.expect_sums(answer, 'similar'), 10)

    def test_groups_give_their_weight_to_what_is_in_them(self):
        plain = self.explained('ferry OR harbour', limit=1)['hits'][0]
        weighted = self.explained('(ferry OR harbour)^3', limit=1)['hits'][0]
        self.assertEqual(plain['id'], weighted['id'])
        for before, after in zip(plain['explain'][:2], weighted['explain'][:2]):
            if before['score'] is not None:
                self.assertAlmostEqual(after['score'], 3 * before['score'], delta=TOLERANCE)

    def test_nearness_and_recency_are_parts_of_their_own(self):
        parts = self.explained('ferry aground', recency='365d', limit=1)['hits'][0]['explain']
        self.assertEqual([part['part'] for part in parts], ['clause', 'clause', 'nearness', 'recency'])
        self.assertTrue(all(part['score'] > 0 for part in parts))
        self.assertEqual(list(parts[2]), ['part', 'score'])

    def nearness(self, q, identity):
        hit = next(hit for hit in self.explained(q, match='any', limit=100)['hits'] if hit['id'] == identity)
        return sum(part['score'] for part in hit['explain'] if part['part'] == 'nearness')

    def test_a_compound_stands_near_the_word_behind_it_and_not_near_itself(self):
        self.lede.bulk([{'id': 'near', 'body': 'Of zorb craft pilots much is said.', 'language': 'en'},
                        {'id': 'far', 'body': 'Of zorb craft much is said, and here, as it is everywhere, by pilots.', 'language': 'en'},
                        {'id': 'bigrams', 'body': '筑波山麓', 'language': 'ja'}])
        for identity in ('near', 'far', 'bigrams'):
            self.addCleanup(self.lede.delete, identity)
        apart = self.nearness('zorb craft', 'near')
        self.assertAlmostEqual(self.nearness('zorb-craft', 'near'), apart, delta=TOLERANCE)
        self.assertAlmostEqual(self.nearness('zorb-craft pilots', 'far'), apart, delta=TOLERANCE)
        self.assertGreater(self.nearness('zorb-craft pilots', 'near'), 1.5 * apart)
        self.assertEqual(self.nearness('筑波山', 'bigrams'), 0)

    def test_what_is_excluded_gives_nothing_and_is_no_part(self):
        parts = self.explained('ferry -cup -(strike tram)', limit=1)['hits'][0]['explain']
        self.assertEqual([part.get('clause') for part in parts], ['ferry'])

    def test_a_clause_that_a_hit_does_not_have_scores_null(self):
        hits = self.explained('ferry OR strike', limit=100)['hits']
        self.assertTrue(any(part['score'] is None for hit in hits for part in hit['explain']))

    def test_in_date_orders_clauses_are_there_and_score_nothing(self):
        parts = self.explained('ferry', sort='newest', limit=1)['hits'][0]['explain']
        self.assertEqual([(part['clause'], part['score']) for part in parts], [('ferry', 0)])

    def test_a_pattern_says_that_it_matches(self):
        parts = self.explained('ferr* aground~', limit=1)['hits'][0]['explain']
        self.assertEqual([(part['clause'], part['score']) for part in parts], [('ferr*', .5), ('aground~', .5)])


class Words(Sample):
    def test_each_is_told_with_its_documents(self):
        words = self.explained('ferry -"prime minister" title:harbour')['query']['tree']['clauses']
        self.assertEqual(words[0]['words'][0]['documents'], self.lede.total('ferry'))
        phrase = next(clause for clause in words if clause['kind'] == 'not')['clauses'][0]
        self.assertEqual([word['documents'] for word in phrase['words']], [self.lede.total('prime'), self.lede.total('minister')])
        named = next(clause for clause in words if clause.get('fields') == ['title'])
        self.assertEqual(named['words'][0]['documents'], self.lede.total('title:harbour'))

    def test_hidden_documents_are_not_counted(self):
        shown = self.lede.total('ferry')
        self.lede.put('held', {'title': 'Ferry held', 'status': 'withheld'})
        self.lede.put('early', {'title': 'Ferry zzyzx', 'embargoed_until': '2999-01-01T00:00:00Z'})
        self.lede.put('late', {'title': 'Ferry late', 'expires': '2001-01-01T00:00:00Z'})
        for identity in ('held', 'early', 'late'):
            self.addCleanup(self.lede.delete, identity)
        words = self.explained('ferry OR zzyzx')['query']['tree']['clauses']
        self.assertEqual([word['words'][0]['documents'] for word in words], [shown, 0])

    def test_each_is_told_with_its_count_in_the_hit(self):
        self.lede.put('counted', {'language': 'en', 'title': 'Zebra crossing', 'body': 'Zebras cross. A ZEBRA, two zebras: "zebra crossing" is no zebra.', 'tags': ['zebra']})
        self.addCleanup(self.lede.delete, 'counted')
        counts = {}
        for q in ('zebra', '=zebra', 'CAPS ZEBRA', 'title:zebra', 'tag:zebra', 'zeb*', '"zebra crossing"', 'zebra NEAR/3 crossing', 'zebra giraffe~'):
            hits = self.explained(q, match='any')['hits']
            counts[q] = [(word['word'], word['count']) for part in hits[0]['explain'] for word in part.get('words', [])]
        self.assertEqual(counts, {
            'zebra': [('zebra', 6)], '=zebra': [('zebra', 4)], 'CAPS ZEBRA': [('zebra', 1)], 'title:zebra': [('zebra', 1)],
            'tag:zebra': [('zebra', 1)], 'zeb*': [('zeb*', 6)], '"zebra crossing"': [('zebra', 6), ('crossing', 3)],
            'zebra NEAR/3 crossing': [('zebra', 6), ('crossing', 3)], 'zebra giraffe~': [('zebra', 6), ('giraffe~', 0)]})

    def test_past_64_none_is_counted(self):
        answer = self.explained(' OR '.join(f'ferry{number}' for number in range(70)) + ' OR ferry', limit=1)
        words = [clause['words'][0] for clause in answer['query']['tree']['clauses']]
        self.assertEqual([number for number, word in enumerate(words) if 'documents' not in word], list(range(64, 71)))
        self.assertEqual(sum(len(part['words']) for part in answer['hits'][0]['explain']), 64)


if __name__ == '__main__':
    tap.main(globals())
