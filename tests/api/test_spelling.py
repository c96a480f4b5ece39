# SPDX-License-Identifier: GPL-2.0-or-later
"""did_you_mean and spell=auto: from the archive's own words, by the clock, and only where it helps."""
import datetime
import time

from program import WithProgram
import tap


def moment(seconds_from_now):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def news():
    """Forty documents each of ministers and of the harbour, and a few of others."""
    documents = []
    for i in range(40):
        documents.append({'id': f'm{i}', 'language': 'en', 'title': 'Prime minister speaks', 'source': 'AP',
                          'body': f'The government said {i} that the parliament of Germany meets.'})
        documents.append({'id': f'h{i}', 'language': 'en', 'title': 'Harbour opens', 'source': 'KV',
                          'body': f'A football match in New York was watched by {i} from the harbour.'})
    documents.append({'id': 'rare', 'language': 'en', 'title': 'Parliment', 'body': 'A slip of the pen, and Zelenskyy.'})
    documents.append({'id': 'de', 'language': 'de', 'title': 'Die Regierung', 'body': 'Der Bundestag trifft die Regierung.'})
    return documents


class WithWords(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(news()).status == 200

    def setUp(self):
        self.until(lambda: self.meant('minsiter') == 'minister')

    def meant(self, q, **parameters):
        return self.lede.search(q, limit=0, **parameters)['query']['did_you_mean']


class AfterAStart(WithProgram):
    def test_the_first_question_is_answered_by_the_words_that_there_are(self):
        self.lede.bulk(news())
        self.lede.stop()
        self.lede.start()
        self.assertEqual(self.lede.search('minsiter', limit=0, timeout='5s')['query']['did_you_mean'], 'minister')


class DidYouMean(WithWords):
    def test_a_misspelt_word_is_replaced_in_the_text_as_it_was_written(self):
        for q, meant in {'minsiter': 'minister', 'title:minsiter -harbour': 'title:minister -harbour',
                         '(goverment OR x) AND Parlament': '(government OR x) AND Parliament',
                         'GOVERMENT': 'GOVERNMENT', 'ministr~ goverment': 'ministr~ government', 'goverment^2': 'government^2'}.items():
            with self.subTest(q):
                self.assertEqual(self.meant(q), meant)

    def test_words_of_the_archive_are_left_alone(self):
        for q in ('minister', 'ministers', 'Zelenskyy', 'harbour football', 'government parliament meets', 'slip', ''):
            with self.subTest(q):
                self.assertIsNone(self.meant(q))

    def test_what_is_no_plain_word_is_left_alone(self):
        for q in ('=minsiter', 'minsit*', 'min?iter', 'minsiter~', 'CAPS minsiter', '2024', 'author:minsiter', 'minister -goverment', 'OPEX'):
            with self.subTest(q):
                self.assertIsNone(self.meant(q))

    def test_a_word_in_quotes_is_corrected_where_the_phrase_found_nothing(self):
        self.assertEqual(self.meant('"prime minsiter"'), '"prime minister"')

    def test_a_rare_word_that_was_found_is_doubted_only_beside_a_far_more_frequent_one(self):
        self.assertIsNone(self.meant('Parliment'))
        self.assertIsNone(self.meant('slip'))

    def test_words_run_together_and_split_apart_are_mended(self):
        self.assertEqual(self.meant('newyork'), 'New York')
        self.assertEqual(self.meant('foot ball'), 'football')

    def test_the_words_beside_it_choose_among_near_ones(self):
        self.assertEqual(self.meant('harbuor opnes'), 'harbour opens')

    def test_what_filters_leave_decides_whether_a_correction_helps(self):
        self.assertEqual(self.meant('minsiter', source='AP'), 'minister')
        self.assertIsNone(self.meant('minsiter', source='KV'))
        self.assertEqual(self.meant('regirung', lang='de'), 'Regierung')
        self.assertIsNone(self.meant('regirung', lang='en'))

    def test_spell_off_says_nothing(self):
        self.assertIsNone(self.meant('minsiter', spell='off'))

    def test_a_query_of_many_misspelt_words_is_answered_in_time(self):
        answer = self.lede.search(' '.join(f'minsitr{chr(97 + i % 26)}x' for i in range(100)), limit=0, timeout='1s')
        self.assertEqual(answer['total']['value'], 0)


def archive():
    """Names beside words that are more frequent, and slips that the archive itself has."""
    documents = [{'id': f'b{i}', 'language': 'en', 'title': 'Summit', 'body': f'The guests in Beijing were being met {i}, as is being done.'} for i in range(9)]
    documents += [{'id': f'x{i}', 'language': 'en', 'title': 'Report', 'body': f'Nobody knows what is being done {i} of the people.'} for i in range(2000)]
    documents += [{'id': f'p{i}', 'language': 'en', 'title': 'Speech', 'body': f'The president, Joe Biden, spoke {i} of the united states.'} for i in range(60)]
    documents += [{'id': f'c{i}', 'language': 'en', 'title': 'Note', 'body': f'They are committed to it {i} and {"occasionally" if i < 12 else "never"} rest.'} for i in range(120)]
    documents += [{'id': f'o{i}', 'language': 'en', 'title': 'Item', 'body': f'The harbour opens {i} ofthe west.'} for i in range(6)]
    documents += [{'id': 'slip', 'language': 'en', 'title': 'Note', 'body': 'They are commited to it, occassionally. The presidnet was untied.'},
                  {'id': 'right', 'language': 'en', 'title': 'Note', 'body': 'The beholder of a quaint vicarage, Parliment said.'}]
    return documents


class Weighed(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.lede.bulk(archive()).status == 200

    def meant(self, q):
        return self.lede.search(q, limit=0, timeout='5s')['query']['did_you_mean']

    def setUp(self):
        self.until(lambda: self.meant('presidennt') == 'president')

    def test_a_name_is_meant_sooner_than_a_word_that_says_nothing(self):
        self.assertEqual(self.meant('bejing'), 'Beijing')
        self.assertEqual(self.meant('Bejing'), 'Beijing')
        self.assertEqual(self.meant('in bejing'), 'in Beijing')

    def test_several_words_are_weighed_together(self):
        for q, meant in {'presidnet biden': 'president biden', 'presidnet bidne': 'president Biden', 'untied states': 'united states',
                         'harbuor opnes': 'harbour opens', 'the presidnet of the untied states': 'the president of the united states'}.items():
            with self.subTest(q):
                self.assertEqual(self.meant(q), meant)

    def test_a_slip_that_the_archive_has_is_mended(self):
        self.assertEqual(self.meant('commited'), 'committed')

    def test_a_candidate_that_is_a_slip_itself_is_corrected_once_more(self):
        self.assertEqual(self.meant('occassionaly'), 'occasionally')

    def test_rare_words_that_are_right_are_left_alone(self):
        for q in ('beholder', 'quaint', 'vicarage', 'Parliment', 'committed', 'commits', 'being', 'of the', 'quaint vicarage', 'rests'):
            with self.subTest(q):
                self.assertIsNone(self.meant(q))


class Auto(WithWords):
    def test_where_nothing_matched_the_corrected_query_is_run(self):
        answer = self.lede.search('prime minsiter', spell='auto')
        self.assertEqual(answer['query']['q'], 'prime minsiter')
        self.assertEqual(answer['query']['did_you_mean'], 'prime minister')
        self.assertTrue(answer['query']['corrected'])
        self.assertEqual(answer['query']['parsed'], 'prime AND minister')
        self.assertEqual(answer['total']['value'], 40)
        self.assertIn('<mark>minister</mark>', answer['hits'][0]['highlights']['title'][0])

    def test_where_something_matched_it_is_only_offered(self):
        answer = self.lede.search('minister OR goverment', spell='auto')
        self.assertFalse(answer['query']['corrected'])
        self.assertEqual(answer['query']['q'], 'minister OR goverment')

    def test_suggest_does_not_run_it(self):
        answer = self.lede.search('minsiter', spell='suggest')
        self.assertEqual((answer['total']['value'], answer['query']['corrected']), (0, False))

    def test_pages_go_on_with_the_corrected_query(self):
        for sort in ('relevance', 'newest'):
            with self.subTest(sort):
                seen, path = [], f'/search?q=minsiter&spell=auto&limit=7&sort={sort}'
                for _ in range(20):
                    answer = self.lede.ask('GET', path)
                    self.assertEqual(answer.status, 200, answer.text)
                    self.assertEqual((answer.json['query']['q'], answer.json['query']['corrected']), ('minsiter', True))
                    seen += [hit['id'] for hit in answer.json['hits']]
                    path = answer.json['next']
                    if not path:
                        break
                self.assertEqual(sorted(seen), sorted(f'm{i}' for i in range(40)))

    def test_a_feed_runs_it_too(self):
        self.assertIn('Prime minister speaks', self.lede.get('/search.atom', q='minsiter', spell='auto').text)

    def test_a_deletion_never_does(self):
        answer = self.lede.post('/documents/delete', {'q': 'minsiter', 'confirm': 0})
        self.assertEqual(answer.json['deleted'], 0, answer.text)
        self.assertEqual(self.lede.total('minister'), 40)


class Clock(WithProgram):
    def meant(self, q):
        return self.lede.search(q, limit=0)['query']['did_you_mean']

    @tap.timeout(120)
    def test_a_word_of_hidden_documents_alone_is_never_offered_and_comes_with_the_second(self):
        shown_at = time.time() + 8
        self.lede.bulk([{'id': 'open', 'title': 'Harbour opens'},
                        {'id': 'later', 'title': 'Abdication', 'embargoed_until': moment(8)},
                        {'id': 'gone', 'title': 'Resignation', 'expires': moment(-5)},
                        {'id': 'held', 'title': 'Indictment', 'status': 'withheld'}])
        self.until(lambda: self.meant('habrour') == 'Harbour')
        while time.time() < shown_at - 1:
            for word in ('abdicatoin', 'resignatoin', 'indictmnet'):
                self.assertIsNone(self.meant(word))
        self.until(lambda: self.meant('abdicatoin') == 'Abdication')
        self.assertGreaterEqual(time.time(), shown_at - 1)
        self.assertIsNone(self.meant('indictmnet'))
        self.lede.ask('PATCH', '/documents/later', None, b'{"status": "withheld"}', {'Content-Type': 'application/merge-patch+json'})
        self.assertIsNone(self.meant('abdicatoin'))

    def test_a_new_server_answers_at_once(self):
        self.assertIsNone(self.meant('xyzzy'))


if __name__ == '__main__':
    tap.main(globals())
