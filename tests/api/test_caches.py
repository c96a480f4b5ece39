# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept for the next answer never makes one that a search would not give now. Moments are held by order: an answer that was asked
for and received before one shows what held before it, one asked for after it what holds after."""
import datetime
import re
import threading
import time
import unittest

from program import Keyed, Program
import tap

DEADLINE_S = 60
DOCUMENTS = [{'id': f'd{n}', 'title': f'Harbour report {n}', 'body': f'The ferry left the harbour at {n} sharp. Nobody minded.',
              'source': 'AP' if n % 2 else 'dpa', 'published': f'2022-01-{n + 1:02}T10:00:00Z', 'language': 'en'} for n in range(25)]


def rfc3339(utc_s):
    return datetime.datetime.fromtimestamp(utc_s, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def without_time(text):
    return re.sub(r'"took_ms":[0-9.]+', '', text)


def serve(test, **settings):
    """A program for one test."""
    lede = Program(**settings)
    test.addCleanup(lambda: (test.assertEqual(lede.stop(), 0), lede.remove()))
    lede.bulk(DOCUMENTS)
    return lede


class Caches(unittest.TestCase):
    def setUp(self):
        self.lede = serve(self)

    def figures(self, name='answer_cache', lede=None):
        text = (lede or self.lede).get('/metrics').text
        found = re.findall(rf'^lede_{name}_(\w+?)(?:_total)? (\d+)$', text, re.M)
        return {key: int(value) for key, value in found}

    def ask(self, **parameters):
        answer = self.lede.get('/search', **parameters)
        self.assertEqual(answer.status, 200, answer.text)
        return answer

    def assert_holds_until(self, moment, ids_before, ids_after, **parameters):
        """Ask again and again, from before the moment to after it."""
        end, seen_after = time.time() + DEADLINE_S, False
        while not seen_after:
            self.assertLess(time.time(), end)
            asked = time.time()
            ids = {hit['id'] for hit in self.ask(**parameters).json['hits']}
            received = time.time()
            if received < moment:
                self.assertEqual(ids, ids_before)
            elif asked >= moment:
                self.assertEqual(ids, ids_after)
                seen_after = True

    # ---- Answers ----

    def test_the_same_question_is_answered_from_what_is_kept(self):
        ways = [{'q': 'harbour'}, {'q': 'ferry', 'sort': 'newest', 'limit': 3}, {'q': 'nothing of that kind'}, {},
                {'q': 'harbour OR ferry', 'facets': 'source', 'histogram': 'day', 'collapse': 'source', 'explain': 'true'},
                {'q': '"left the harbour"', 'fields': 'title', 'highlight': 'title,body', 'format': 'ranges', 'offset': 2}]
        for way in ways:
            fresh = self.ask(spell='off', cache='0', **way)
            first = self.ask(spell='off', **way)
            before = self.figures()
            second = self.ask(spell='off', **way)
            after = self.figures()
            self.assertEqual(without_time(first.text), without_time(second.text))
            self.assertEqual(without_time(fresh.text.replace('&cache=0', '')), without_time(second.text))
            self.assertEqual(first['ETag'], second['ETag'])
            self.assertEqual(second['Cache-Control'], 'no-cache')
            self.assertEqual(after['hits'], before['hits'] + 1, way)
            self.assertGreater(float(re.search(r'"took_ms":([0-9.]+)', second.text)[1]) + 1, 1)

    def test_similar_documents_and_bodies_of_parameters_are_kept_too(self):
        for ask in (lambda: self.lede.get('/documents/d3/similar'), lambda: self.lede.post('/search', {'q': 'ferry', 'spell': 'off'})):
            first, before = ask(), self.figures()['hits']
            self.assertEqual(without_time(first.text), without_time(ask().text))
            self.assertEqual(self.figures()['hits'], before + 1)
        other = self.lede.get('/documents/d4/similar')
        self.assertIn('/documents/d4/similar', other.json['next'] or '/documents/d4/similar')
        self.assertNotIn('d4', [hit['id'] for hit in other.json['hits']])

    def test_cache_0_is_searched_for_anew(self):
        for value in ('0', 'false'):
            self.ask(q='harbour', spell='off', cache=value)
            self.ask(q='harbour', spell='off', cache=value)
        self.assertEqual(self.figures(), {'answers': 0, 'bytes': 0, 'hits': 0, 'misses': 0, 'evictions': 0})
        self.assertEqual(self.lede.get('/search', q='harbour', cache='perhaps').status, 400)

    def test_what_failed_is_not_kept(self):
        for way in ({'q': '"harbour', 'strict': 'true'}, {'q': 'harbour', 'limit': 'many'}, {'unknown': 'x'}):
            for _ in range(2):
                self.assertEqual(self.lede.get('/search', **way).status, 400)
        self.assertEqual(self.figures()['answers'], 0)

    def test_a_client_that_has_it_is_told_so(self):
        self.ask(q='harbour', spell='off')
        kept = self.ask(q='harbour', spell='off')
        answer = self.lede.get('/search', headers={'If-None-Match': kept['ETag']}, q='harbour', spell='off')
        self.assertEqual((answer.status, answer.body), (304, b''))
        self.assertEqual(self.figures()['hits'], 2)

    def test_a_write_is_seen_at_once(self):
        for n in range(30):
            self.assertEqual(self.lede.total('zirconium'), 0)
            answer = self.lede.put('new', {'title': f'Zirconium {n}', 'body': 'Zirconium.'})
            self.assertIn(answer.status, (200, 201))
            found = self.ask(q='zirconium').json
            self.assertEqual([hit['document']['title'] for hit in found['hits']], [f'Zirconium {n}'])
            self.assertEqual(self.ask(q='zirconium').json['hits'], found['hits'])
            self.lede.delete('new')

    def test_revisions_never_go_back_under_writes(self):
        stop, wrong = threading.Event(), []

        def read():
            seen = 0
            while not stop.is_set():
                revision = self.lede.search('harbour', spell='off')['revision']
                if revision < seen:
                    wrong.append((seen, revision))
                seen = revision
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for n in range(40):
            revision = self.lede.put('r', {'title': f'Harbour {n}'})
            found = self.lede.search('harbour', spell='off', source='nobody' if n % 2 else 'AP')
            self.assertLessEqual(int(re.search(r'"revision":(\d+)', revision.text)[1]), found['revision'])
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_an_embargo_that_passes_is_seen_at_once(self):
        moment = int(time.time()) + 3
        self.lede.put('e', {'title': 'Zirconium', 'embargoed_until': rfc3339(moment)})
        self.assert_holds_until(moment, set(), {'e'}, q='zirconium', spell='off')

    def test_an_expiry_that_passes_is_seen_at_once(self):
        moment = int(time.time()) + 3
        self.lede.bulk([{'id': 'e', 'title': 'Zirconium', 'expires': rfc3339(moment)},
                        {'id': 'later', 'title': 'Far off', 'expires': rfc3339(moment + 9999)}])
        self.assert_holds_until(moment, {'e'}, set(), q='zirconium', spell='off')
        self.assertGreater(self.figures()['hits'], 0)

    def test_relative_dates_move_with_the_clock(self):
        moment = int(time.time()) + 3
        self.lede.put('e', {'title': 'Zirconium', 'published': rfc3339(moment - 60 - 1)})
        self.assert_holds_until(moment, {'e'}, set(), q='zirconium', after='-1m', spell='off')
        moment = int(time.time()) + 3
        self.lede.put('e', {'title': 'Zirconium', 'published': rfc3339(moment - 60 - 1)})
        self.assert_holds_until(moment, {'e'}, set(), q='zirconium published:-1m..', spell='off')

    def test_pages_go_on_from_an_answer_that_is_kept(self):
        for sort in ('relevance', 'newest'):
            self.ask(q='harbour', spell='off', limit=4, sort=sort)
            page, seen = self.ask(q='harbour', spell='off', limit=4, sort=sort).json, []
            while True:
                seen += [hit['id'] for hit in page['hits']]
                if page['next'] is None:
                    break
                page = self.lede.ask('GET', page['next']).json
            self.assertEqual(sorted(seen), sorted(d['id'] for d in DOCUMENTS))

    def test_a_clinic_is_closed_when_something_is_found(self):
        for _ in range(2):
            self.assertIn('clinic', self.ask(q='harbour zirconium').json['query'])
        self.lede.put('z', {'title': 'Harbour zirconium'})
        self.assertNotIn('clinic', self.ask(q='harbour zirconium').json['query'])

    def test_a_suggestion_comes_when_the_words_are_known(self):
        end = time.time() + DEADLINE_S
        while self.ask(q='harbuor').json['query']['did_you_mean'] != 'harbour':
            self.assertLess(time.time(), end)
            time.sleep(0.05)
        before = self.figures()['hits']
        self.assertEqual(self.ask(q='harbuor').json['query']['did_you_mean'], 'harbour')
        self.assertEqual(self.ask(q='harbuor').json['query']['did_you_mean'], 'harbour')
        self.assertGreater(self.figures()['hits'], before)

    def test_no_two_questions_have_one_answer(self):
        pairs = [({'q': 'harbour', 'fields': 'id'}, {'q': 'harbour', 'fields': 'title'}), ({'q': 'harbour', 'pre': 'a', 'post': 'bc'},
                 {'q': 'harbour', 'pre': 'ab', 'post': 'c'}), ({'q': 'harbour', 'limit': 1}, {'q': 'harbour', 'limit': 2}),
                 ({'q': 'harbour', 'pre': 'a', 'post': 'b'}, {'q': 'harbour', 'pre': 'appostb'}),  # told apart by sizes alone
                 ({'q': 'harbour', 'source': 'AP,dpa'}, {'q': 'harbour', 'source': 'AP\\,dpa'})]
        for first, second in pairs:
            for _ in range(2):
                self.assertNotEqual(self.ask(**first).json['hits'], self.ask(**second).json['hits'])

    def test_a_filter_has_answers_of_its_own(self):
        lede = Keyed()
        self.addCleanup(lede.close)
        lede.bulk(DOCUMENTS)

        def found(filter_text=None):
            headers = {'X-Filter': filter_text} if filter_text else {}
            answer = lede.ask('GET', '/search', {'q': 'harbour', 'limit': 100, 'spell': 'off'}, headers=headers)
            return sorted(hit['document']['source'] for hit in answer.json['hits'])
        for _ in range(3):
            self.assertEqual(len(found()), 25)
            self.assertEqual(set(found('source:AP')), {'AP'})
            self.assertEqual(set(found('source:dpa')), {'dpa'})
            self.assertEqual(found('source:nobody'), [])
        self.assertGreaterEqual(self.figures(lede=lede)['hits'], 6)

    def test_a_filter_moves_with_the_clock(self):
        lede = Keyed()
        self.addCleanup(lede.close)
        moment, end = int(time.time()) + 3, time.time() + DEADLINE_S
        lede.put('e', {'title': 'Zirconium', 'published': rfc3339(moment - 60 - 1)})
        while True:
            self.assertLess(time.time(), end)
            asked = time.time()
            total = lede.ask('GET', '/search', {'q': 'zirconium', 'spell': 'off'}, headers={'X-Filter': 'published:-1m..'}).json['total']
            if time.time() < moment:
                self.assertEqual(total['value'], 1)
            elif asked >= moment:
                self.assertEqual(total['value'], 0)
                break

    # ---- Documents ----

    def test_documents_are_kept_and_counted(self):
        before = self.figures('document_cache')
        self.ask(q='harbour', cache='0')
        first = self.figures('document_cache')
        self.ask(q='ferry', cache='0')
        second = self.figures('document_cache')
        self.assertEqual(before, {'documents': 0, 'bytes': 0, 'hits': 0, 'misses': 0, 'evictions': 0})
        self.assertEqual((first['documents'], first['misses'], first['hits']), (10, 10, 0))
        self.assertGreater(second['hits'], 0)
        self.assertEqual(second['documents'], second['misses'])
        self.assertGreater(second['bytes'], 10 * 300)

    def test_a_document_that_changed_is_shown_as_it_is(self):
        for n in range(10):
            self.lede.put('d1', {'title': f'Harbour {n}', 'body': f'Ferry number {n}.'})
            hits = self.ask(q='harbour ferry', fields='title', limit=100, cache='0').json['hits']
            shown = next(hit for hit in hits if hit['id'] == 'd1')
            self.assertEqual(shown['document'], {'title': f'Harbour {n}'})
            self.assertEqual(shown['highlights']['body'], [f'<mark>Ferry</mark> number {n}.'])


    def test_nothing_is_kept_in_no_bytes(self):
        without = serve(self, LEDE_SERVER_DOCUMENT_CACHE='0', LEDE_SERVER_ANSWER_CACHE='0')
        for _ in range(2):
            for way in ({'q': 'harbour'}, {'q': 'ferry AND "left the"', 'highlight': 'title,body', 'snippets': 3}):
                self.assertEqual(without.search(spell='off', **way)['hits'], self.lede.search(spell='off', **way)['hits'])
        text = without.get('/metrics').text
        for name in ('answer_cache_answers', 'answer_cache_bytes', 'document_cache_documents', 'document_cache_bytes'):
            self.assertIn(f'\nlede_{name} 0\n', text)


if __name__ == '__main__':
    tap.main(globals())
