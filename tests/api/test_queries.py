# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /queries: what was asked most, in vain, and slowest; bounded, and without texts where a key wants it so."""
import hashlib
import hmac
import unittest
import urllib.parse

from program import Keyed, WithProgram, SANITIZED
import tap

SLOWEST = 64


def told(answer, ranking):
    return {one['q']: one for one in answer[ranking]}


class Questions(WithProgram):
    with_sample = True

    def queries(self, **parameters):
        answer = self.lede.get('/queries', **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def test_questions_are_ranked_by_how_often_in_vain_and_how_long(self):
        before = self.queries()
        for number in range(5):
            self.lede.get('/search', {'X-Request-Id': f'r-{number}'}, q='ferry   harbour')
        self.lede.get('/search', q='ferry harbour', cache=0)
        self.lede.get('/search.rss', q='ferry harbour')
        self.lede.post('/search', {'q': 'xylophonic'})
        self.lede.get('/search', q='xylophonic')
        after = self.queries()
        self.assertEqual((after['asked'] - before['asked'], after['in_vain'] - before['in_vain'] >= 2), (9, True))
        ferry = told(after, 'most_asked')['ferry harbour']
        self.assertEqual((ferry['count'], ferry['over'], ferry['cut'], ferry['hits']), (7, 0, False, self.lede.total('ferry harbour')))
        self.assertEqual(told(after, 'found_nothing')['xylophonic']['count'], 2)
        self.assertNotIn('ferry harbour', told(after, 'found_nothing'))
        slowest = told(after, 'slowest')['ferry harbour']
        self.assertRegex(slowest['request'], r'^(r-\d|[0-9a-f]{16})$')
        self.assertGreater(slowest['ms'], 0)
        for ranking, key in (('most_asked', 'count'), ('found_nothing', 'count'), ('slowest', 'ms')):
            weights = [one[key] for one in after[ranking]]
            self.assertEqual(weights, sorted(weights, reverse=True))

    def test_what_a_correction_found_was_asked_in_vain(self):
        self.lede.get('/search', q='harbouur', spell='auto')
        self.assertEqual(told(self.queries(limit=100), 'found_nothing')['harbouur']['count'], 1)

    def test_a_kept_answer_counts_as_any_other(self):
        for _ in range(3):
            self.lede.get('/search', q='nothingatall')
            self.lede.get('/search', q='crew')
        answer = self.queries(limit=100)
        self.assertEqual(told(answer, 'found_nothing')['nothingatall']['count'], 3)
        self.assertEqual((told(answer, 'most_asked')['crew']['count'], told(answer, 'most_asked')['crew']['hits']), (3, self.lede.total('crew')))

    def test_pages_behind_the_first_similar_documents_and_refused_searches_are_no_questions(self):
        before = self.queries()['asked']
        first = self.lede.search('the', limit=2)
        after = self.queries()['asked']
        self.assertEqual(after, before + 1)
        self.lede.get(first['next'])
        self.lede.get('/search', q='the', offset=5)
        self.lede.get(f'/documents/{urllib.parse.quote(self.documents[0]["id"], safe="")}/similar')
        self.lede.get('/search', q='the', limit='x')
        self.lede.get('/suggest', q='th')
        self.assertEqual(self.queries()['asked'], after)

    def test_a_long_question_is_cut_between_characters(self):
        self.lede.get('/search', q='x' + '\u00e9' * 300)
        cut = next(one for one in self.queries(limit=100)['found_nothing'] if one['q'].startswith('x\u00e9'))
        self.assertEqual((cut['cut'], cut['q']), (True, 'x' + '\u00e9' * 99))

    def test_limit_and_window_are_kept(self):
        for number in range(5):
            self.lede.get('/search', q=f'limited{number}')
        answer = self.queries(limit=2, window='1h')
        self.assertEqual((len(answer['most_asked']), len(answer['found_nothing']), answer['hours']), (2, 2, 1))
        self.assertEqual(self.queries(window='90m')['hours'], 2)
        for name, value in (('limit', '0'), ('limit', '101'), ('limit', 'x'), ('window', '59m'), ('window', '25h'), ('window', 'x')):
            self.expect_problem(self.lede.get('/queries', **{name: value}), 400, 'invalid-parameter', param=name)
        self.expect_problem(self.lede.get('/queries', q='x'), 400, 'unknown-parameter', param='q')


class Bounds(WithProgram):
    with_sample = True

    @tap.timeout(240)
    def test_however_many_questions_come_the_frequent_ones_are_found_and_no_count_is_too_low(self):
        rounds = 3 if SANITIZED else 12
        asked = 0
        client = self.lede.client()
        for number in range(rounds):
            for other in range(150):
                word = 'frequent' if other % 5 == 0 else f'rare{number}x{other}'
                client.request('GET', f'/search?q={word}&limit=0')
                client.reply()
                asked += 1
        client.close()
        answer = self.lede.get('/queries', limit=100).json
        self.assertEqual((answer['asked'], answer['in_vain']), (asked, asked))
        for ranking in ('most_asked', 'found_nothing'):
            first = answer[ranking][0]
            self.assertEqual(first['q'], 'frequent')
            self.assertLessEqual(30 * rounds, first['count'])
            self.assertLessEqual(first['count'] - first['over'], 30 * rounds)
            self.assertLessEqual(sum(one['count'] for one in answer[ranking]), asked)
        self.assertLessEqual(len(answer['slowest']), SLOWEST)
        self.assertLess(len(self.lede.get('/queries', limit=100).body), 100_000)


class Keys(unittest.TestCase):
    def test_a_keys_texts_are_told_to_nobody_where_it_wants_that(self):
        lede = Keyed()
        self.addCleanup(lede.close)
        parent = lede.make_key(rights=['search'], no_texts=True, may_derive=True).json
        self.assertEqual((parent['no_texts'], lede.make_key(rights=['search']).json['no_texts']), (True, False))
        lede.get('/search', q='openword')
        for key in (parent['key'], self.derived(parent['key']), lede.make_key(replaces=parent['id']).json['key']):
            answer = lede.ask('GET', '/search', {'q': 'secretword'}, headers={'X-Rights': None, **lede.bearer(key)})
            self.assertEqual(answer.status, 200)
        answer = lede.get('/queries')
        self.assertNotIn('secretword', answer.text)
        self.assertEqual(told(answer.json, 'most_asked')[None]['count'], 3)
        self.assertEqual(told(answer.json, 'most_asked')['openword']['count'], 1)
        for rights in ('search', 'read', 'write', 'delete'):
            self.assertEqual(lede.get('/queries', {'X-Rights': rights}).status, 403)
        self.assertEqual(lede.make_key(rights=['search'], no_texts='yes').json['param'], 'no_texts')

    @staticmethod
    def derived(parent):
        """Without a filter of its own, until 2100."""
        text = f'{parent[:13]}.4102444800.'
        digest = hmac.new(hashlib.sha256(parent[14:].encode()).digest(), text.encode(), hashlib.sha256).hexdigest()
        return f'{text}.{digest}'

    def test_the_setting_keeps_all_texts_back(self):
        lede = Keyed(LEDE_LOG_TEXTS='false')
        self.addCleanup(lede.close)
        lede.get('/search', q='secretword')
        answer = lede.get('/queries')
        self.assertEqual((answer.json['asked'], [one['q'] for one in answer.json['most_asked']]), (1, [None]))
        self.assertNotIn('secretword', answer.text)


if __name__ == '__main__':
    tap.main(globals())
