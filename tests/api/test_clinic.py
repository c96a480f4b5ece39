# SPDX-License-Identifier: GPL-2.0-or-later
"""query.clinic: why nothing was found, and what would find something. LEDE_CASES queries are generated, from the seed LEDE_SEED."""
import os
import random

from program import SANITIZED, Program, WithProgram
import queries
import tap

CASES = int(os.environ.get('LEDE_CASES', 60 if SANITIZED else 200))
SEED = int(os.environ.get('LEDE_SEED', 0)) or random.SystemRandom().randrange(1 << 32)

DOCUMENTS = [
    {'id': 'talks', 'title': 'Ministers open talks in Geneva', 'body': 'The foreign ministers were negotiating a ceasefire.\n\nWheat prices fell.',
     'source': 'AP', 'section': 'world', 'published': '2021-03-01T12:00:00Z', 'author': ['Jane Doe']},
    {'id': 'grain', 'title': 'Wheat harvest falls short', 'body': 'Drought cut the harvest. Farmers in Geneva county sold wheat to Egypt.',
     'source': 'Reuters', 'section': 'business', 'published': '2021-05-01T12:00:00Z'},
    {'id': 'sport', 'title': 'Late goal decides the derby', 'body': 'A header in the last minute decided the derby. AIDS charities gained.',
     'source': 'AP', 'section': 'sport', 'published': '2022-01-01T12:00:00Z'},
]


class Small(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(DOCUMENTS).json['failed'] == 0

    def clinic(self, q=None, **parameters):
        answer = self.lede.search(q, **parameters)
        self.assertEqual((answer['total']['value'], answer['hits']), (0, []))
        return answer['query']['clinic']

    def smallest(self, q=None, **parameters):
        change = self.clinic(q, **parameters)['smallest']
        return change and (change['change'], change['q'], change['without'], change['count'])


class TheClauses(Small):
    def test_each_is_told_with_its_own_count(self):
        clauses = self.clinic('wheat derby -charities', source='AP')['clauses']
        self.assertEqual([(row['clause'], row['role'], row['count']) for row in clauses],
                         [('wheat', 'required', 2), ('derby', 'required', 1), ('charities', 'excluded', 1), ('source=AP', 'filter', 2)])

    def test_parts_of_a_phrase_and_of_what_stands_near_are_told_within_it(self):
        clauses = self.clinic('"wheat ministers" (derby NEAR/3 zebra) (pear OR plum)')['clauses']
        self.assertEqual([(row['clause'], [(part['clause'], part['role'], part['count']) for part in row['clauses']]) for row in clauses],
                         [('"wheat ministers"', [('wheat', 'required', 2), ('ministers', 'required', 1)]),
                          ('derby NEAR/3 zebra', [('derby', 'required', 1), ('zebra', 'required', 0)]),
                          ('pear OR plum', [('pear', 'optional', 0), ('plum', 'optional', 0)])])

    def test_bounds_of_time_are_told_as_they_were_given(self):
        clauses = self.clinic(after='2022-06-01', before='2023-01-01')['clauses']
        self.assertEqual([(row['clause'], row['count']) for row in clauses], [('after=2022-06-01', 0), ('before=2023-01-01', 3)])

    def test_what_is_hidden_is_not_counted(self):
        self.lede.put('secret', {'title': 'Wheat zebra', 'status': 'withheld'})
        self.addCleanup(self.lede.delete, 'secret')
        clinic = self.clinic('wheat zebra')
        self.assertEqual([row['count'] for row in clinic['clauses']], [2, 0])
        self.assertEqual(clinic['smallest']['q'], 'wheat')


class TheSmallestChange(Small):
    def test_of_an_exact_word_is_any_form_of_it(self):
        self.assertEqual(self.smallest('=negotiate ceasefire'), ('forms', 'negotiate AND ceasefire', [], 1))
        self.assertEqual(self.smallest('CAPS wheat'), ('forms', 'wheat', [], 2))

    def test_of_a_word_that_nothing_has_is_another_spelling(self):
        self.assertEqual(self.smallest('wheet harvest'), ('spelling', 'wheet~ AND harvest', [], 1))
        self.assertEqual(self.smallest('wheet harvst'), ('spelling', 'wheet~ AND harvst~', [], 1))

    def test_of_a_phrase_is_that_its_words_stand_near_each_other(self):
        self.assertEqual(self.smallest('"ceasefire negotiating"'), ('near', 'ceasefire NEAR/5 negotiating', [], 1))
        self.assertEqual(self.smallest('drought NEAR/1 farmers'), ('near', 'drought NEAR/20 farmers', [], 1))
        self.assertEqual(self.smallest('drought SAME s farmers'), ('near', 'drought SAME p farmers', [], 1))

    def test_of_what_does_not_stand_near_is_that_it_stands_anywhere(self):
        self.assertEqual(self.smallest('ceasefire SAME p wheat'), ('anywhere', 'ceasefire AND wheat', [], 1))
        self.assertEqual(self.smallest('ATLEAST/3 wheat'), ('anywhere', 'wheat', [], 2))

    def test_of_a_lead_a_field_or_in_is_the_whole_text(self):
        self.assertEqual(self.smallest('LEAD:prices'), ('lead', 'prices', [], 1))
        self.assertEqual(self.smallest('title:ceasefire'), ('field', 'ceasefire', [], 1))
        self.assertEqual(self.smallest('ceasefire', in_='title'), ('in', 'ceasefire', ['in'], 1))

    def test_of_a_date_or_filter_is_to_leave_it_out(self):
        self.assertEqual(self.smallest('wheat', after='2022-01-01'), ('date', 'wheat', ['after'], 2))
        self.assertEqual(self.smallest('wheat published:>2022-01-01'), ('date', 'wheat', [], 2))
        self.assertEqual(self.smallest('wheat', section='sport'), ('filter', 'wheat', ['section'], 2))
        self.assertEqual(self.smallest('wheat', section='sport', source='-AP,-Reuters'), ('filter', 'wheat', ['source', 'section'], 2))
        self.assertEqual(self.smallest(section='sport', source='Reuters')[:2], ('filter', ''))

    def test_of_an_exclusion_is_to_leave_it_out(self):
        self.assertEqual(self.smallest('wheat -geneva'), ('exclusion', 'wheat', [], 2))

    def test_of_words_is_to_leave_out_the_rarest(self):
        self.assertEqual(self.smallest('wheat derby'), ('word', 'wheat', [], 2))
        self.assertEqual(self.smallest('wheat zq geneva'), ('word', 'wheat AND geneva', [], 2))
        self.assertEqual(self.smallest('"wheat zq to"'), ('word', '"wheat to"', [], 1))
        self.assertEqual(self.smallest('wheat zq xq'), ('word', 'wheat', [], 2))

    def test_may_be_to_ask_for_any_of_them(self):
        changes = self.clinic('drought derby talks')
        self.assertEqual((changes['smallest']['change'], changes['smallest']['q']), ('any', 'drought OR derby OR talks'))

    def test_may_be_two_at_once(self):
        self.assertEqual(self.smallest('wheat derby', section='business', author='Jane Doe')[1:3], ('wheat', ['author']))
        self.assertEqual(self.smallest('zq', source='AP'), None)

    def test_may_be_all_that_finds_nothing_at_once(self):
        change = self.clinic('"prices wheat ceasefire" zq geneva "xq vq"', source='Nowhere')['smallest']
        self.assertEqual((change['change'], change['q'], change['without'], change['count']),
                         ('several', 'prices AND wheat AND ceasefire AND geneva', ['source'], 1))
        self.assertEqual(change['text'], 'let the words of "prices wheat ceasefire" stand anywhere in a document, and leave out “zq”, '
                                         '“xq”, “vq” and “source=Nowhere”')

    def test_is_none_where_nothing_would_help(self):
        clinic = self.clinic('zq')
        self.assertEqual((clinic['smallest'], clinic['alternatives'], clinic['complete']), (None, [], True))


class Where(Small):
    def test_something_is_found_or_no_hits_are_asked_for_there_is_none(self):
        self.assertNotIn('clinic', self.lede.search('wheat')['query'])
        self.assertNotIn('clinic', self.lede.search('wheat', offset=100)['query'])
        self.assertNotIn('clinic', self.lede.search('wheat zq', limit=0)['query'])

    def test_a_search_comes_by_post_it_is_the_same(self):
        self.assertEqual(self.lede.post('/search', {'q': 'wheat zq', 'source': ['AP']}).json['query']['clinic'],
                         self.clinic('wheat zq', source='AP'))

    def test_it_comes_from_an_empty_archive_it_counts_nothing(self):
        lede = Program()
        self.addCleanup(lede.remove)
        clinic = lede.search('wheat "zq xq"', source='AP')['query']['clinic']
        self.assertEqual([row['count'] for row in clinic['clauses']], [0, 0, 0])
        self.assertIsNone(clinic['smallest'])
        self.assertEqual(lede.stop(), 0)

    def test_a_query_has_more_clauses_than_are_looked_at_it_says_so(self):
        clinic = self.clinic(' '.join(f'zq{number}' for number in range(60)))
        self.assertEqual((len(clinic['clauses']), clinic['complete']), (48, False))

    def test_more_changes_are_thought_of_than_are_counted_it_says_so(self):
        words = 'ministers open talks foreign negotiating ceasefire prices harvest short drought cut farmers county sold late goal decides derby header last minute'
        clinic = self.clinic(words)
        self.assertEqual((clinic['complete'], clinic['smallest']['change']), (False, 'any'))
        self.assertTrue(all(row['count'] == 1 for row in clinic['clauses']))

    def test_its_text_is_for_a_person(self):
        change = self.clinic('wheat zq xq')['smallest']
        self.assertEqual(change['text'], 'leave out “zq” and “xq”')


class TheCost(Small):
    def lists(self, q, total):
        """How many lists are asked for by a search that finds so many."""
        def asked():
            cache = self.lede.get('/stats').json['list_cache']
            return cache['hits'] + cache['misses']
        before = asked()
        self.assertEqual(self.lede.search(q, cache=0)['total']['value'], total)
        return asked() - before

    def test_of_a_search_that_finds_nothing_is_less_than_five_times_that_of_one_that_does(self):
        found = self.lists('"foreign ministers were negotiating"', 1)
        self.assertLess(self.lists('"negotiating were ministers foreign"', 0), 5 * found)


class Generated(WithProgram):
    """What the clinic says is what a client finds who does as it says."""
    with_sample = True

    def parameters(self, chance):
        more = {}
        if chance.random() < .3:
            more['source'] = chance.choice(['AP', 'Nowhere', '-AP', 'Nowhere,Elsewhere'])
        if chance.random() < .2:
            more['after'] = f'{chance.randrange(1990, 2030)}-01-01'
        if chance.random() < .2:
            more['match'] = 'any'
        if chance.random() < .2:
            more['in'] = 'title'
        return more

    def test_every_count_is_what_the_clause_or_change_finds(self):
        print(f'# seed {SEED}, {CASES} cases')
        chance = random.Random(SEED)
        seen = helped = 0
        for _ in range(CASES):
            q = queries.query(chance, self.documents, 4)
            more = self.parameters(chance)
            answer = self.lede.search(q, **more)
            clinic = answer['query'].get('clinic')
            self.assertEqual(clinic is None, answer['total']['value'] > 0, q)
            if clinic is None:
                continue
            seen += 1
            self.assertTrue(clinic['complete'], q)
            self.expect_clauses(clinic['clauses'], more)
            changes = [change for change in [clinic['smallest'], *clinic['alternatives']] if change]
            for change in changes:
                helped += 1
                again = self.lede.ask('GET', change['search'])
                self.assertEqual(again.status, 200, again.text)
                self.assertEqual(again.json['total']['value'], change['count'], (q, more, change))
                self.assertGreater(change['count'], 0, (q, more, change))
                self.assertEqual(again.json['query']['q'], change['q'])
        self.assertGreater(seen, CASES // 4)
        self.assertGreater(helped, seen // 2)

    def expect_clauses(self, clauses, more):
        for row in clauses:
            if row['role'] == 'filter':
                name, _, value = row['clause'].partition('=')
                found = self.lede.total(**{name: value})
            else:
                found = self.lede.total(row['clause'], **{key: more[key] for key in ('in', 'match') if key in more})
            self.assertEqual(found, row['count'], row)
            self.expect_clauses(row.get('clauses', []), more)


if __name__ == '__main__':
    tap.main(globals())
