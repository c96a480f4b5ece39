# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /suggest: completions of the last word and headlines, best first, and nothing that is hidden."""
import datetime
import time

from program import WithProgram
import tap


def moment(seconds_from_now):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def news():
    documents = [{'id': f'm{i}', 'title': f'Prime minister speaks in week {i}', 'body': 'the ministers of the government', 'source': 'AP',
                  'published': f'2024-01-{i + 1:02d}T10:00:00Z'} for i in range(20)]
    documents += [{'id': f'h{i}', 'title': 'Harbour ministry opens', 'body': 'a mint condition ship', 'source': 'KV'} for i in range(8)]
    documents.append({'id': 'ja', 'title': '東京都知事が会見', 'language': 'ja'})
    documents.append({'id': 'fr', 'title': 'Élections à Genève', 'language': 'fr'})
    documents.append({'id': 'html', 'title': 'Minsk <b>talks</b> & more'})
    return documents


class WithSuggestions(WithProgram):
    def ask(self, q, **parameters):
        answer = self.lede.get('/suggest', q=q, **{'timeout': '10s', **parameters})  # builds with sanitizers are slow
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def texts(self, q, **parameters):
        return [completion['text'] for completion in self.ask(q, **parameters)['completions']]

    def headlines(self, q, **parameters):
        return [headline['id'] for headline in self.ask(q, **parameters)['headlines']]


class Suggestions(WithSuggestions):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(news()).status == 200

    def setUp(self):
        self.until(lambda: 'Harbour' in self.texts('harb'))

    def test_the_answer_has_its_members_in_order(self):
        answer = self.ask('minist')
        self.assertEqual(list(answer), ['q', 'completions', 'headlines', 'took_ms', 'revision'])
        self.assertEqual(answer['q'], 'minist')
        self.assertEqual(answer['completions'][0], {'text': 'minister', 'count': 20, 'relation': 'eq'})
        self.assertEqual(list(answer['headlines'][0]), ['id', 'title', 'published', 'source', 'highlights'])
        marked = self.ask('prime minist')['headlines'][0]['highlights']
        self.assertEqual(marked, {'title': ['<mark>Prime</mark> <mark>minister</mark> speaks in week 19']})

    def test_the_last_word_is_completed_by_the_most_frequent_words_first(self):
        self.assertEqual(self.texts('minist'), ['minister', 'ministry'])
        self.assertEqual(self.texts('minist', limit=1), ['minister'])

    def test_the_words_before_it_decide_which_come_first(self):
        self.assertEqual(self.texts('harbour min')[0], 'harbour ministry')
        self.assertNotIn('harbour minister', [text for text in self.texts('harbour min')])

    def test_what_was_typed_stays_as_it_was_typed(self):
        self.assertEqual(self.texts('Prime Minis')[0], 'Prime Minister')
        self.assertEqual(self.texts('title:harb'), ['title:Harbour'])
        self.assertEqual(self.texts('"prime minis')[0], '"prime minister"')
        self.assertEqual(self.texts('genè'), ['Genève'])

    def test_text_without_spaces_is_completed_by_its_next_character(self):
        self.assertIn('東京', self.texts('東'))
        self.assertIn('東京都', self.texts('東京'))
        self.assertEqual(self.headlines('東京'), ['ja'])

    def test_a_misspelt_last_word_is_completed_by_its_correction(self):
        self.assertEqual(self.texts('prime minsiter')[0], 'prime minister')

    def test_headlines_have_every_word_and_the_best_and_newest_come_first(self):
        self.assertEqual(self.headlines('prime speak', limit=2), ['m19', 'm18'])
        self.assertEqual(self.headlines('speaks harbour'), [])
        self.assertEqual(len(self.headlines('mint')), 0)

    def test_a_headline_that_several_papers_share_is_offered_once(self):
        self.lede.bulk([{'id': f'shared-{i}', 'title': title, 'published': f'2023-01-{i + 1:02d}'} for i, title in enumerate(
            ['Zebra crossing reopens', 'ZEBRA crossing reopens', 'Zébra crossing reopens', 'Zebra foal is born'])])
        titles = [headline['title'] for headline in self.ask('zebra', limit=5)['headlines']]
        self.assertEqual(len(titles), 2)
        self.assertIn('Zebra foal is born', titles)
        self.lede.bulk([{'id': f'shared-{i}'} for i in range(4)], op='delete')

    def test_filters_narrow_both(self):
        self.assertEqual(self.texts('minis', source='KV'), ['ministry'])
        self.assertEqual({identity[0] for identity in self.headlines('minis', source='KV')}, {'h'})

    def test_titles_are_escaped_before_they_are_marked(self):
        marked = self.ask('minsk')['headlines'][0]['highlights']['title']
        self.assertEqual(marked, ['<mark>Minsk</mark> &lt;b&gt;talks&lt;/b&gt; &amp; more'])

    def test_nothing_typed_gives_empty_lists(self):
        for q in ('', '   ', '"', '***', '(', '-'):
            with self.subTest(q):
                answer = self.ask(q)
                self.assertEqual((answer['completions'], answer['headlines']), ([], []))
        self.assertEqual(self.lede.get('/suggest').json['completions'], [])

    def test_a_text_that_ends_with_a_space_has_no_word_to_complete(self):
        self.assertEqual(self.texts('prime '), [])
        self.assertEqual(len(self.headlines('prime ')), 10)

    def test_a_query_that_cannot_be_parsed_yet_is_no_error(self):
        for q in ('(prime minis', 'prime AND', 'NEAR/', 'title:', 'x ' * 200 + 'minis', 'published:20'):
            with self.subTest(q):
                self.ask(q)

    def test_limit_is_from_1_to_20(self):
        for limit in ('0', '21', '-1', 'x'):
            self.expect_problem(self.lede.get('/suggest', q='x', limit=limit), 400, 'invalid-parameter', param='limit')
        self.assertEqual(len(self.headlines('prime', limit=20)), 20)

    def test_an_unknown_parameter_is_refused(self):
        for name in ('size', 'sort', 'facets', 'cursor'):
            self.expect_problem(self.lede.get('/suggest', **{'q': 'x', name: '1'}), 400, 'unknown-parameter', param=name)

    def test_a_short_time_still_gives_an_answer(self):
        self.assertLess(len(self.texts('min', timeout='1ms', limit=20)), 21)
        self.expect_problem(self.lede.get('/suggest', q='x', timeout='31s'), 400, 'invalid-parameter', param='timeout')

    def test_the_newest_come_first_where_a_letter_is_typed(self):
        self.assertEqual(self.headlines('s', limit=2), ['m19', 'm18'])

    def test_ranges_are_bytes_of_the_title(self):
        self.assertEqual(self.ask('elections', format='ranges')['headlines'][0]['highlights']['title'],
                         [{'text': 'Élections à Genève', 'start': 0, 'marks': [[0, 10]]}])


class Hidden(WithSuggestions):
    @tap.timeout(120)
    def test_embargo_expiry_and_withholding_are_obeyed_to_the_second(self):
        starts, ends = time.time() + 8, time.time() + 8
        self.lede.bulk([{'id': 'open', 'title': 'Abdomen'}, {'id': 'early', 'title': 'Abdication', 'embargoed_until': moment(8)},
                        {'id': 'late', 'title': 'Abduction', 'expires': moment(8)}, {'id': 'held', 'title': 'Abducted', 'status': 'withheld'},
                        {'id': 'killed', 'title': 'Abductor', 'status': 'canceled'}])
        self.until(lambda: 'Abdomen' in self.texts('abd'))
        while time.time() < starts - 1.5:
            self.assertEqual((sorted(self.texts('abd')), sorted(self.headlines('abd'))), (['Abdomen', 'Abduction'], ['late', 'open']))
        self.until(lambda: 'early' in self.headlines('abd'))
        self.assertGreaterEqual(time.time(), starts - 1)
        time.sleep(max(0, ends - time.time()) + 0.1)
        self.assertEqual((sorted(self.texts('abd')), sorted(self.headlines('abd'))), (['Abdication', 'Abdomen'], ['early', 'open']))
        self.lede.ask('PATCH', '/documents/early', None, b'{"status": "withheld"}', {'Content-Type': 'application/merge-patch+json'})
        self.assertEqual((self.texts('abd'), self.headlines('abd')), (['Abdomen'], ['open']))
        self.lede.delete('open')
        self.assertEqual((self.texts('abd'), self.headlines('abd')), ([], []))

    def test_a_word_is_not_shown_because_another_form_of_it_may_be(self):
        self.lede.bulk([{'id': 'w', 'title': 'Quarrelling', 'status': 'withheld'}, {'id': 'v', 'title': 'Quarrels'}])
        self.until(lambda: 'Quarrels' in self.texts('quarr'))
        self.assertEqual(self.texts('quarr'), ['Quarrels'])


class Start(WithProgram):
    def test_a_server_that_starts_answers_at_once_and_soon_with_completions(self):
        self.lede.put('a', {'title': 'Lighthouse'})
        self.lede.stop()
        self.lede.start()
        self.assertEqual(self.lede.get('/suggest', q='light').status, 200)
        self.until(lambda: self.lede.get('/suggest', q='light').json['completions'] != [])


if __name__ == '__main__':
    tap.main(globals())
