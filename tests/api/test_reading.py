# SPDX-License-Identifier: GPL-2.0-or-later
"""What people type is what they mean: a query pasted as it stands in a text finds that text, and what was read as words is told."""
import unittest

from program import Program, WithProgram, needs_shared, read_documents
import tap

# Each title is sent as the query, and must find its own document first.
TITLES = [
    '"Spiegel"-Bericht nennt Namen', '„Titanic“-Regisseur gestorben', '»Welt«-Reporter freigelassen', '"Star Wars"-inspired parade',
    '(Semi)-final postponed', 'Case study: Removing barriers', '柔道:選手が優勝', 'Wähler:innen bleiben fern', 'Lehrer*innen streiken',
    'What to watch?This and that', 'A 19" rack is enough', 'The "unfinished story', 'Prices (and wages rise', 'a) first b) second',
    '10^9 stars: a survey', 'To be OR', 'AND so it goes', 'Section: arts', 'url: an essay', 'said so --and left',
    'Was it so?’ he asked', 'FED NOT EXPECTED TO ADD RESERVES', 'How NEAR (is the end', 'LENGTH: 30 minutes',
    '大家好~', 'f() and g(x)', 'Smile :-)', 'Ten \\ eleven', '50% + 1', 'A ~ B',
]


class Titles(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lede.bulk([{'id': f't{n}', 'title': title, 'body': 'Something else.'} for n, title in enumerate(TITLES)])

    def test_each_finds_its_document_first(self):
        for n, title in enumerate(TITLES):
            for match in ('all', 'any'):
                with self.subTest(title, match=match):
                    answer = self.lede.get('/search', q=title, match=match)
                    self.assertEqual(answer.status, 200, answer.text)
                    self.assertEqual(answer.json['hits'][0]['id'], f't{n}', answer.json['query']['parsed'])

    def test_notes_say_what_was_read_as_words_and_where_and_why(self):
        query = self.lede.search('страна (titel:x')['query']
        self.assertEqual(query['parsed'], 'страна AND "titel x"')
        self.assertEqual([(note['position'], note['text']) for note in query['notes']], [(13, '('), (14, 'titel:')])
        self.assertEqual(query['notes'][1]['reason'], "unknown field 'titel'")
        self.assertIn("'title:'", query['notes'][1]['hint'])
        self.assertNotIn('notes', self.lede.search('houses')['query'])

    def test_strict_refuses_with_the_place_instead(self):
        for q, position in (('Case study: barriers', 5), ('say "so', 4), ('a (b', 2), ('al-*n', 0)):
            for strict in ('true', '1'):
                with self.subTest(q, strict=strict):
                    problem = self.expect_problem(self.lede.get('/search', q=q, strict=strict), 400, 'query-syntax', param='q', position=position)
                    self.assertTrue(problem['hint'])
            self.assertEqual(self.lede.post('/search', {'q': q, 'strict': False}).status, 200)

    def test_what_would_be_lost_is_refused_all_the_same(self):
        for q in ('published:soon', 'a NEAR/0 b', 'title:-oil', 'a NEAR/5 (b AND c)', '…'):
            with self.subTest(q):
                self.expect_problem(self.lede.get('/search', q=q), 400, 'query-syntax', param='q')

    def test_nothing_is_deleted_by_what_was_not_understood(self):
        self.expect_problem(self.lede.post('/documents/delete', {'q': 'titel:x', 'confirm': 0}), 400, 'query-syntax', position=0)


class RealHeadlines(unittest.TestCase):
    """Every headline of a file, pasted as it is: nothing is refused, and of 99 % the document is among the first ten."""
    FILES = [('digitalgov.ndjson', 1), ('wikinews_en.ndjson', 1), ('press_many_languages.ndjson', 1), ('chinese.ndjson', 9),
             ('wikinews_ja.ndjson', 7), ('reuters.ndjson', 31)]

    @tap.timeout(500)
    def test_each_finds_its_document_among_the_first_ten(self):
        for name, step in self.FILES:
            with self.subTest(name):
                self.check(read_documents(needs_shared(name)), step)

    def check(self, documents, step):
        ids, lost = {}, []
        for document in documents:
            ids.setdefault(document.get('title'), set()).add(document['id'])
        titles = [title for title in ids if title][::step]
        lede = Program()
        try:
            lede.bulk(documents)
            for title in titles:
                answer = lede.get('/search', q=title, fields='id', highlight='none', spell='off')
                self.assertEqual(answer.status, 200, title)
                if not ids[title] & {hit['id'] for hit in answer.json['hits']}:
                    lost.append(title)
        finally:
            lede.stop()
            lede.remove()
        self.assertLessEqual(len(lost), len(titles) / 100, lost)


if __name__ == '__main__':
    tap.main(globals())
