# SPDX-License-Identifier: GPL-2.0-or-later
"""/documents/{id}/versions: the documents of a story, the oldest first, and what differs between two."""
import urllib.parse

from program import WithProgram
import tap

BODY = ' '.join(f'marblefield{n}' for n in range(120))


def version(number, end, **fields):
    return {'id': f'v{number}', 'title': f'Headline of paper {number}', 'body': f'{BODY} and {end}', 'source': f'Paper {number}', 'language': 'en',
            'published': f'2022-01-0{5 - number}', **fields}


class Versions(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.documents = [version(1, 'so it ended'), version(2, 'so it went on'), version(3, 'so it ended', status='withheld'),
                         {'id': 'odd/?é', 'title': 'Alone', 'body': 'Nothing like it.', 'published': '2022-01-01'}, {'id': 'mute', 'title': '?!'}]
        assert cls.lede.bulk(cls.documents).json['failed'] == 0

    def ask(self, identity, **parameters):
        return self.lede.get('/documents/' + urllib.parse.quote(identity, safe='') + '/versions', **parameters)

    def test_those_of_a_story_are_told_the_oldest_first(self):
        answer = self.ask('v1')
        self.assertEqual((answer.status, answer.json['id'], answer.json['total']), (200, 'v1', 2))
        self.assertEqual([found['id'] for found in answer.json['versions']], ['v2', 'v1'])
        self.assertEqual(answer.json['versions'][0]['document'], {'title': 'Headline of paper 2', 'source': 'Paper 2', 'language': 'en',
                                                                  'published': '2022-01-03T00:00:00Z'})
        key = self.lede.search('marblefield1', collapse='story')['hits'][0]['collapsed']['key']
        self.assertEqual(answer.json['story'], key)
        self.assertNotIn('differences', answer.json)

    def test_a_document_alone_is_its_only_version(self):
        self.assertEqual([found['id'] for found in self.ask('odd/?é').json['versions']], ['odd/?é'])
        answer = self.ask('mute').json
        self.assertIn(answer['total'], (0, 1))

    def test_what_differs_is_told_by_words(self):
        found = self.ask('v1', against='v2').json['differences']
        self.assertEqual((found['against'], list(found)), ('v2', ['against', 'title', 'body']))
        self.assertEqual(found['title'], {'unit': 'words', 'runs': [{'change': 'none', 'text': 'Headline of paper '},
                                                                    {'change': 'deleted', 'text': '2'}, {'change': 'inserted', 'text': '1'}]})
        self.assertEqual(found['body']['runs'], [{'change': 'none', 'text': f'{BODY} and so it '}, {'change': 'deleted', 'text': 'went on'},
                                                 {'change': 'inserted', 'text': 'ended'}])

    def test_any_two_documents_can_be_compared(self):
        found = self.ask('odd/?é', against='v1').json['differences']
        self.assertEqual([run['text'] for run in found['title']['runs']], ['Headline of paper 1', 'Alone'])
        self.assertEqual(self.ask('v1', against='v1').json['differences']['title']['runs'], [{'change': 'none', 'text': 'Headline of paper 1'}])

    def test_what_is_not_to_be_seen_is_no_version(self):
        self.lede.bulk([version(4, 'secret', id='early', embargoed_until='2199-01-01')])
        for identity in ('early', 'nowhere', ''):
            for answer in (self.ask(identity or '%20'), *([self.ask('v1', against=identity)] if identity else [])):
                if identity == 'early':  # without keys everybody may write, and sees it by its id
                    self.assertEqual(answer.status, 200)
                else:
                    self.expect_problem(answer, 404, 'not-found')
        self.assertNotIn('early', self.ask('v1').text)

    def test_what_else_is_asked_for_is_an_error(self):
        self.expect_problem(self.ask('v1', colour='red'), 400, 'unknown-parameter', param='colour')
        answer = self.lede.ask('GET', '/documents/v1/versions', [('against', 'v1'), ('against', 'v2')])
        self.expect_problem(answer, 400, 'invalid-parameter', param='against')

    def test_texts_that_share_nothing_and_are_long_are_compared_all_the_same(self):
        self.lede.bulk([{'id': f'long{n}', 'body': ' '.join(f'{letter}{k}' for k in range(40000))} for n, letter in enumerate('ab')])
        found = self.ask('long1', against='long0').json['differences']['body']
        self.assertEqual((found['unit'], [run['change'] for run in found['runs']]), ('paragraphs', ['deleted', 'inserted']))


if __name__ == '__main__':
    tap.main(globals())
