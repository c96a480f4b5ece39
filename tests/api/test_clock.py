# SPDX-License-Identifier: GPL-2.0-or-later
"""Embargo, expiry and status, obeyed to the second by every way out. No test asks how fast an answer comes: an answer that was asked for
and received before a moment must show what held before it, one asked for after it what holds after."""
import datetime
import json
import re
import time

from program import WithProgram
import tap

AHEAD_S = 2
PUBLISHED = {'permanent': '2021-03-01T12:00:00Z', 'coming': '2021-04-01T12:00:00Z', 'going': '2021-05-01T12:00:00Z'}
WORDS = 'Ministers in Kyiv signed the grain corridor agreement while harbour pilots waited for clearance.'


def document(name, **more):
    """What each way out shows of it: its id, a source and a day of its own."""
    return {'id': name, 'title': f'Grain corridor {name}', 'body': WORDS, 'source': f'source-{name}', 'published': PUBLISHED[name], **more}


def rfc3339(utc_s):
    return datetime.datetime.fromtimestamp(utc_s, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


class Ways(WithProgram):
    """Each way out as a function that gives the names of the documents it shows."""

    def hits(self, path='/search', **more):
        answer = self.lede.get(path, **more)
        self.assertEqual(answer.status, 200, answer.text)
        return {hit['id'] for hit in answer.json['hits']}

    def facets(self):
        rows = self.lede.search('corridor', limit=0, facets='source')['facets']['source']
        return {row['value'].removeprefix('source-') for row in rows}

    def histogram(self):
        buckets = self.lede.search('corridor', limit=0, histogram='day')['histogram']['buckets']
        days = {bucket['start'] for bucket in buckets if bucket['count']}
        return {name for name, published in PUBLISHED.items() if published[:10] in days}

    def table(self):
        return set(re.findall(r'^"(\w+)"', self.lede.get('/search.csv', q='corridor').text, re.M))

    def feed(self, path):
        return set(re.findall(r'urn:lede:(\w+)<', self.lede.get(path, q='corridor').text))

    def pages(self, next_page):
        """From a page on to the end."""
        seen = set()
        for _ in range(10):
            if next_page is None:
                return seen
            answer = self.lede.ask('GET', next_page)
            self.assertEqual(answer.status, 200, answer.text)
            seen |= {hit['id'] for hit in answer.json['hits']}
            next_page = answer.json['next']
        return seen

    def counted(self, *names):
        """The same of a number alone: each document is found by its own word."""
        return {name for name in names if self.lede.total(f'corridor {name}') == 1}

    def ways(self):
        return {
            'search': lambda: self.hits(q='corridor'),
            'search by date': lambda: self.hits(q='corridor', sort='newest'),
            'everything': lambda: self.hits(),
            'POST': lambda: {hit['id'] for hit in self.lede.post('/search', {'q': 'corridor'}).json['hits']},
            'an exclusion': lambda: self.hits(q='NOT nothing'),
            'proximity': lambda: self.hits(q='grain NEAR/2 corridor'),
            'a pattern': lambda: self.hits(q='corrid*'),
            'a filter': lambda: self.hits(source=','.join(f'source-{name}' for name in PUBLISHED)),
            'total': lambda: self.counted(*PUBLISHED),
            'facets': self.facets,
            'histogram': self.histogram,
            'Atom': lambda: self.feed('/search.atom'),
            'RSS': lambda: self.feed('/search.rss'),
            'CSV': self.table,
        }


class AClock(Ways):
    def setUp(self):
        self.moment = int(time.time()) + AHEAD_S
        self.lede.bulk([document('permanent'), document('coming', embargoed_until=rfc3339(self.moment)),
                        document('going', expires=rfc3339(self.moment))])

    def before_and_after(self, ways, before, after):
        """Ask every way until the moment has passed, and once more afterwards."""
        for _ in range(1000):
            asked = time.time()
            for name, way in ways.items():
                asked = time.time()
                shown = way()
                answered = time.time()
                if answered < self.moment:
                    self.assertEqual(shown, before, f'{name}, before the moment')
                elif asked >= self.moment:
                    self.assertEqual(shown, after, f'{name}, after the moment')
            if asked >= self.moment:
                break
            time.sleep(0.02)
        self.assertGreaterEqual(asked, self.moment)

    def test_every_way_out_obeys_embargo_and_expiry_to_the_second(self):
        self.before_and_after(self.ways(), {'permanent', 'going'}, {'permanent', 'coming'})

    def test_pages_behind_a_cursor_obey_them_too(self):
        first = self.lede.search('corridor', sort='oldest', limit=1)
        self.assertEqual([hit['id'] for hit in first['hits']], ['permanent'])
        self.before_and_after({'by date': lambda: self.pages(first['next'])}, {'going'}, {'coming'})

    def test_a_ranking_that_was_kept_loses_what_has_expired(self):
        self.lede.put('permanent', document('permanent', title='Grain corridor permanent, grain corridor, grain corridor'))
        first = self.lede.search('grain corridor', limit=1)
        self.assertEqual([hit['id'] for hit in first['hits']], ['permanent'])
        self.before_and_after({'by relevance': lambda: self.pages(first['next'])}, {'going'}, set())

    def test_an_etag_does_not_outlast_what_it_showed(self):
        # In this order merging, which changes scores a little, changes nothing.
        shown = self.lede.get('/search', q='corridor', sort='newest')
        self.assertIn('going', shown.text)
        for _ in range(1000):
            asked = time.time()
            answer = self.lede.get('/search', {'If-None-Match': shown['ETag']}, q='corridor', sort='newest')
            if asked >= self.moment:
                break
            if time.time() < self.moment:
                self.assertEqual(answer.status, 304)
            time.sleep(0.05)
        self.assertEqual(answer.status, 200)
        self.assertEqual({hit['id'] for hit in answer.json['hits']}, {'permanent', 'coming'})

    def test_a_search_that_waits_for_a_revision_obeys_the_clock_of_its_answer(self):
        revision = self.lede.search()['revision'] + 1000
        asked = time.time()
        answer = self.lede.search('corridor', min_revision=revision, timeout=f'{(AHEAD_S + 1) * 1500}ms')
        self.assertTrue(answer['timed_out'])
        self.assertGreater(time.time(), asked + AHEAD_S)
        self.assertEqual({hit['id'] for hit in answer['hits']}, {'permanent', 'coming'})


class AStatus(Ways):
    def setUp(self):
        self.lede.bulk([document(name) for name in PUBLISHED])

    def set_status(self, name, status):
        answer = self.lede.ask('PATCH', '/documents/' + name, None, json.dumps({'status': status}).encode(),
                               {'Content-Type': 'application/merge-patch+json'})
        self.assertEqual(answer.status, 200, answer.text)

    def test_what_is_withheld_is_gone_from_the_next_answer_of_every_way(self):
        for name, way in self.ways().items():
            for status in ('withheld', 'canceled'):
                self.set_status('going', status)
                self.assertEqual(way(), {'permanent', 'coming'}, f'{name}, {status}')
                self.set_status('going', 'usable')
                self.assertEqual(way(), set(PUBLISHED), f'{name}, usable again')

    def test_what_is_withheld_between_two_pages_is_not_on_the_second(self):
        by_date = self.lede.search('corridor', sort='oldest', limit=1)
        ranked = self.lede.search('corridor', limit=1)
        kept = {hit['id'] for hit in ranked['hits']}
        self.assertEqual(self.pages(ranked['next']), set(PUBLISHED) - kept)
        withheld = min(set(PUBLISHED) - kept - {'permanent'})
        self.set_status(withheld, 'withheld')
        self.assertEqual(self.pages(by_date['next']), set(PUBLISHED) - {'permanent', withheld})
        self.assertEqual(self.pages(ranked['next']), set(PUBLISHED) - kept - {withheld})

    def test_an_etag_does_not_hold_for_what_was_withheld(self):
        shown = self.lede.get('/search', q='corridor')
        self.assertEqual(self.lede.get('/search', {'If-None-Match': shown['ETag']}, q='corridor').status, 304)
        self.set_status('going', 'withheld')
        answer = self.lede.get('/search', {'If-None-Match': shown['ETag']}, q='corridor')
        self.assertEqual((answer.status, {hit['id'] for hit in answer.json['hits']}), (200, {'permanent', 'coming'}))

    def test_no_way_out_may_be_shown_again_from_a_cache_without_asking(self):
        for path in ('/search', '/search.atom', '/search.rss', '/search.jsonfeed', '/search.csv'):
            self.assertEqual(self.lede.get(path, q='corridor')['Cache-Control'], 'no-cache', path)


if __name__ == '__main__':
    tap.main(globals())
