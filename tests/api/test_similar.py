# SPDX-License-Identifier: GPL-2.0-or-later
"""/documents/{id}/similar: what is like a document, with all that a search can do."""
import datetime
import json
import random
import time
import urllib.parse

from program import Program, WithProgram
import tap


class Similar(WithProgram):
    with_sample = True
    id = 'kv-2024-1118-01'  # Ferry with 214 aboard runs aground off Stollmouth

    def ask(self, identity=None, headers=None, **parameters):
        path = '/documents/' + urllib.parse.quote(identity or self.id, safe='') + '/similar'
        return self.lede.ask('GET', path, parameters, headers=headers)

    def similar(self, identity=None, **parameters):
        answer = self.ask(identity, **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def ids(self, identity=None, **parameters):
        return [hit['id'] for hit in self.similar(identity, limit=100, **parameters)['hits']]

    def set_status(self, identity, **members):
        answer = self.lede.ask('PATCH', '/documents/' + identity, None, json.dumps(members).encode(),
                               {'Content-Type': 'application/merge-patch+json'})
        self.assertEqual(answer.status, 200, answer.text)


class LikeAText(Similar):
    """POST /similar: of a text that is not there."""
    def post(self, like, **parameters):
        body = json.dumps({'like': like, **parameters}).encode()
        return self.lede.ask('POST', '/similar', body=body, headers={'Content-Type': 'application/json'})

    def found(self, like, **parameters):
        answer = self.post(like, limit=100, **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def test_it_finds_what_a_document_with_these_texts_would(self):
        original = self.lede.document(self.id)
        texts = {key: original[key] for key in ('title', 'summary', 'body', 'language') if key in original}
        answer = self.found(texts)
        hits = [hit['id'] for hit in answer['hits']]
        self.assertEqual(hits[0], self.id)
        self.assertEqual(set(hits) - {self.id}, set(self.ids()))
        self.assertIsNone(answer['next'])

    def test_a_text_alone_is_a_body(self):
        self.assertIn(self.id, [hit['id'] for hit in self.found(self.lede.document(self.id)['body'])['hits'][:2]])

    def test_another_text_at_the_same_revision_finds_something_else(self):
        ferry, painting = (self.found(text)['hits'] for text in ('A ferry ran aground off the harbour', 'A painting was found by a cleaner'))
        self.assertNotEqual(ferry[0]['id'], painting[0]['id'])

    def test_it_narrows_and_counts_as_a_search_does(self):
        text = self.lede.document(self.id)['body']
        source = self.found(text)['hits'][0]['document']['source']
        answer = self.found(text, source=source, facets='source')
        self.assertEqual({hit['document']['source'] for hit in answer['hits']}, {source})
        self.assertEqual([row['value'] for row in answer['facets']['source']], [source])

    def test_nothing_telling_finds_nothing(self):
        for like in ('', 'the of and', {'title': 'the'}):
            answer = self.post(like)
            self.assertIn(answer.status, (200, 422))
            if answer.status == 200:
                self.assertEqual(answer.json['total'], {'value': 0, 'relation': 'eq'})

    def test_what_is_no_text_is_refused(self):
        for like in (None, 3, ['a'], True):
            self.expect_problem(self.post(like), 400, 'invalid-parameter', param='like')
        self.expect_problem(self.post({'title': 3}), 422, 'invalid-document')
        self.expect_problem(self.post('ferry', limmit=3), 400, 'unknown-parameter', param='limmit')


class WhatIsFound(Similar):
    def test_documents_of_the_same_story_come_first(self):
        titles = [hit['document']['title'].lower() for hit in self.similar()['hits'][:4]]
        self.assertTrue(all('ferry' in title or 'aground' in title or 'anselm' in title for title in titles), titles)

    def test_the_document_itself_is_never_among_them(self):
        for document in random.Random(1).sample(self.documents, 20):
            answer = self.similar(document['id'], limit=1000, facets='source')
            self.assertNotIn(document['id'], [hit['id'] for hit in answer['hits']])
            self.assertEqual(answer['total']['value'], len(answer['hits']))
            self.assertEqual(sum(row['count'] for row in answer['facets']['source']), answer['total']['value'])

    def test_a_copy_is_the_first(self):
        original = self.lede.document(self.id)
        self.lede.put('copy', {**original, 'id': 'copy', 'title': 'Ferry aground: what we know'})
        self.addCleanup(self.lede.delete, 'copy')
        self.assertEqual(self.ids()[0], 'copy')
        self.assertEqual(self.ids('copy')[0], self.id)

    def test_the_query_is_said_and_finds_the_same_by_itself(self):
        answer = self.similar(limit=100)
        self.assertEqual(answer['query']['q'], '')
        self.assertIn('ferry', answer['query']['parsed'])
        self.assertLessEqual(answer['query']['parsed'].count(' OR '), 25)
        again = [hit['id'] for hit in self.lede.search(answer['query']['parsed'], limit=100)['hits']]
        self.assertEqual([identity for identity in again if identity != self.id], [hit['id'] for hit in answer['hits']])

    def test_function_words_numbers_and_words_of_no_other_document_are_not_asked_for(self):
        self.lede.put('odd', {'title': 'The ferry of the 1234', 'body': 'xyzzyplugh and the ferry, or 99 for the ferry'})
        self.addCleanup(self.lede.delete, 'odd')
        self.assertEqual(self.similar('odd')['query']['parsed'], 'ferry')

    def test_pronouns_and_auxiliaries_of_its_language_are_not_asked_for(self):
        for language, body in (('en', 'Which were each may, although there had been the schooner'),
                               ('de', 'Welche war jeder, obwohl wir und euch einer schooner')):
            self.lede.put('mate', {'title': 'schooner', 'language': language})
            self.lede.put('odd', {'body': body, 'language': language})
            self.assertEqual(self.similar('odd')['query']['parsed'], 'schooner')
        self.lede.delete('odd')
        self.lede.delete('mate')

    def test_stories_are_shown_once(self):
        story = ' '.join(f'skerry{n} harbour{n * 7 % 90}' for n in range(90))
        for copy in ('base', 'one', 'two', 'three'):
            self.lede.put(copy, {'title': f'Skerry {copy}', 'body': f'{story} {copy}', 'source': f'S{copy}', 'language': 'en'})
            self.addCleanup(self.lede.delete, copy)
        self.assertEqual(sorted(set(self.ids('base')) & {'base', 'one', 'two', 'three'}), ['one', 'three', 'two'])
        answer = self.similar('base', collapse='story', limit=100)
        shown = [hit for hit in answer['hits'] if hit['id'] in ('base', 'one', 'two', 'three')]
        self.assertEqual(len(shown), 1)
        self.assertNotEqual(shown[0]['id'], 'base')
        self.assertEqual(shown[0]['collapsed']['count'], 3)
        self.assertEqual([source['value'] for source in shown[0]['collapsed']['sources']], ['Sone', 'Sthree', 'Stwo'])

    def test_a_document_without_a_telling_word_is_like_nothing(self):
        self.lede.put('mute', {'title': 'xyzzyplugh 42'})
        self.addCleanup(self.lede.delete, 'mute')
        answer = self.similar('mute', facets='source', histogram='day')
        self.assertEqual((answer['total'], answer['hits'], answer['next']), ({'value': 0, 'relation': 'eq'}, [], None))

    def test_only_the_first_4096_words_are_looked_at(self):
        self.lede.put('zebra', {'title': 'zebra'})
        self.addCleanup(self.lede.delete, 'zebra')
        for number, found in ((4095, ['zebra']), (4096, [])):
            self.lede.put('long', {'title': 'the', 'body': 'of ' * (number - 1) + 'zebra'})
            self.assertEqual(self.ids('long'), found)
        self.lede.delete('long')

    def test_other_languages_have_telling_words_too(self):
        self.lede.bulk([{'id': f'ja{number}', 'language': 'ja', 'title': '東京都知事選挙', 'body': f'東京都の知事選挙が行われた。候補者は{number}人。'} for number in range(3)] +
                       [{'id': f'de{number}', 'language': 'de', 'title': 'Bundestagswahl', 'body': f'Der Wahlkampf im Sauerland, Ausgabe {number}.'} for number in range(3)])
        for prefix in ('ja', 'de'):
            self.assertEqual(set(self.ids(prefix + '0')[:2]), {prefix + '1', prefix + '2'})


class WithASearchsParameters(Similar):
    def test_q_restricts(self):
        found = self.ids()
        restricted = self.ids(q='osterquay OR title:anselm')
        wanted = set(self.lede.ids('osterquay OR title:anselm'))
        self.assertEqual(set(restricted), set(found) & wanted)
        self.assertTrue(restricted)
        self.assertEqual(set(self.ids(q='osterquay stollmouth', match='any')), set(found) & set(self.lede.ids('osterquay stollmouth', match='any')))

    def test_an_error_in_q_has_its_position(self):
        self.expect_problem(self.ask(q='ferry "oops', strict='true'), 400, 'query-syntax', param='q', position=6)
        self.expect_problem(self.ask(q='a ' * 2048), 400, 'query-syntax', param='q')
        self.expect_problem(self.ask(colour='red'), 400, 'unknown-parameter', param='colour')

    def test_filters_facets_orders_and_explanations_work(self):
        found = self.similar(limit=100, facets='source')
        source = found['facets']['source'][0]
        self.assertEqual(len(self.ids(source=source['value'])), source['count'])
        dates = [hit['document']['published'] for hit in self.similar(sort='newest', limit=100)['hits']]
        self.assertEqual(dates, sorted(dates, reverse=True))
        hit = self.similar(explain='true')['hits'][0]
        self.assertTrue(any(part['clause'] == '"ferry"' or part['clause'].startswith('"ferry"') for part in hit['explain']), hit['explain'])
        self.assertIn('<mark>', ''.join(hit['highlights']['body']))

    def test_pages_go_on_by_their_address(self):
        everything = self.ids()
        for order in ('relevance', 'newest'):
            expected = self.ids(sort=order)
            page, seen = self.similar(limit=3, sort=order), []
            for _ in range(len(everything)):
                seen += [hit['id'] for hit in page['hits']]
                if page['next'] is None:
                    break
                self.assertIn(f'/documents/{self.id}/similar?', page['next'])
                page = self.lede.ask('GET', page['next']).json
            self.assertEqual(sorted(seen), sorted(expected))
            self.assertEqual(len(seen), len(set(seen)))

    def test_a_cursor_of_another_document_is_refused(self):
        cursor = urllib.parse.parse_qs(urllib.parse.urlsplit(self.similar(limit=1)['next']).query)['cursor'][0]
        other = self.ids()[0]
        self.expect_problem(self.ask(other, limit=1, cursor=cursor), 400, 'bad-cursor')
        self.expect_problem(self.lede.get('/search', limit=1, cursor=cursor), 400, 'bad-cursor')

    def test_an_etag_holds_as_long_as_the_answer(self):
        first = self.ask()
        self.assertEqual(self.ask(headers={'If-None-Match': first['ETag']}).status, 304)
        self.lede.put('another', {'title': 'Ferry aground off Stollmouth again', 'body': 'The ferry Lady Anselm is aground.'})
        self.addCleanup(self.lede.delete, 'another')
        self.assertEqual(self.ask(headers={'If-None-Match': first['ETag']}).status, 200)

    def test_nothing_found_has_no_clinic(self):
        self.assertNotIn('clinic', self.similar(source='Nowhere')['query'])


class WhatIsHidden(Similar):
    def test_it_is_not_shown(self):
        first = self.ids()[0]
        for hidden in ({'status': 'withheld'}, {'status': 'canceled'}, {'embargoed_until': '2090-01-01'}, {'expires': '2020-01-01'}):
            before = {name: None for name in hidden}
            self.set_status(first, **hidden)
            self.assertNotIn(first, self.ids())
            self.expect_problem(self.ask(first), 404, 'not-found')
            self.set_status(first, **before)
            self.assertIn(first, self.ids())

    def test_it_ends_with_the_second_of_its_expiry(self):
        moment = int(time.time()) + 2
        first = self.ids()[0]
        self.set_status(first, expires=datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'))
        self.addCleanup(self.set_status, first, expires=None)
        for _ in range(1000):
            asked = time.time()
            shown, status = first in self.ids(), self.ask(first).status
            if asked >= moment:
                break
            if time.time() < moment:
                self.assertEqual((shown, status), (True, 200))
            time.sleep(0.05)
        self.assertEqual((shown, status), (False, 404))

    def test_no_such_document_is_404(self):
        self.expect_problem(self.ask('no-such'), 404, 'not-found')

    def test_an_empty_archive_has_none(self):
        lede = Program()
        self.addCleanup(lede.remove)
        self.expect_problem(lede.get('/documents/x/similar'), 404, 'not-found')
        self.assertEqual(lede.stop(), 0)


if __name__ == '__main__':
    tap.main(globals())
