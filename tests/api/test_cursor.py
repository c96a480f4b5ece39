# SPDX-License-Identifier: GPL-2.0-or-later
"""Paging by cursor to the last hit while documents come and go, histograms in a time zone, searches that wait for a revision."""
from datetime import datetime, timedelta, timezone
import threading
import time
import unittest
from zoneinfo import ZoneInfo

from program import Program, WithProgram
import tap

KEPT = 3000
LIMITS = (7, 1000, 64, 333)


def document(number, word='wanted'):
    return {'id': f'n{number:05}', 'title': f'{word} ' + 'alpha ' * (number % 5), 'body': f'beta {number % 17}',
            'source': f'S{number % 3}', 'published': f'2022-01-{1 + number % 9:02}T00:00:00Z'}


class Writer(threading.Thread):
    """Adds, replaces and withholds documents until told to stop."""

    def __init__(self, lede):
        super().__init__()
        self.lede, self.over, self.rounds, self.failure = lede, threading.Event(), 0, None

    def run(self):
        try:
            while not self.over.is_set() and self.rounds < 200:
                step = self.rounds
                changed = [{**document(n), 'title': f'wanted again {step} ' + 'alpha ' * (step % 7)} for n in range(step, KEPT, 97)]
                added = [document(100000 + step * 20 + n) for n in range(20)]
                hidden = [{**document(50000 + step % 500), 'status': 'withheld'}]
                answer = self.lede.bulk(changed + added + hidden)
                assert answer.json['failed'] == 0, answer.text
                self.rounds += 1
                time.sleep(0.02)
        except Exception as failure:
            self.failure = failure


def pages(lede, limits=(10,), **parameters):
    """The answers of a walk to its end; limits in turn."""
    address, number = None, 0
    while number < 5000:
        limit = str(limits[number % len(limits)])
        if address is None:
            answer = lede.get('/search', limit=limit, fields='id', highlight='none', **parameters)
        else:
            answer = lede.ask('GET', address.replace(f'limit={before}', f'limit={limit}'))
        assert answer.status == 200, answer.text
        yield answer.json
        address, before = answer.json['next'], limit
        number += 1
        if address is None:
            return
    raise AssertionError('the walk has no end')


def ids_of(answers):
    return [hit['id'] for answer in answers for hit in answer['hits']]


class Cursors(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        everything = [document(n) for n in range(KEPT)] + [document(50000 + n) for n in range(500)]
        assert cls.lede.bulk(everything).json['created'] == KEPT + 500

    def expect_bad_cursor(self, **parameters):
        problem = self.expect_problem(self.lede.get('/search', **parameters), 400, 'bad-cursor', param='cursor')
        self.assertTrue(problem['hint'] and problem['detail'])

    def cursor_of(self, **parameters):
        return self.lede.search(**parameters)['next'].rpartition('cursor=')[2]

    @tap.timeout(200)
    def test_a_walk_sees_what_was_there_throughout_exactly_once_whatever_is_written(self):
        for parameters in ({'sort': 'newest'}, {'sort': 'oldest', 'q': 'wanted'}, {'q': 'wanted alpha beta', 'match': 'any'}):
            with self.subTest(parameters):
                writer = Writer(self.lede)
                writer.start()
                try:
                    seen = ids_of(pages(self.lede, LIMITS, timeout='20s', **parameters))
                finally:
                    writer.over.set()
                    writer.join(60)
                self.assertIsNone(writer.failure)
                self.assertGreater(writer.rounds, 0)
                self.assertEqual(len(seen), len(set(seen)), 'shown twice')
                self.assertEqual({document(n)['id'] for n in range(KEPT)} - set(seen), set(), 'missed')

    def wait_for_rest(self):
        """Merging may change the order of equal scores: until nothing is merged any more."""
        merges = lambda: self.lede.get('/stats').json['merging']['merges']
        before = -1
        for _ in range(20):
            now = merges()
            if now == before:
                return
            before = now
            time.sleep(2.5)
        self.fail('merging did not come to rest')

    def test_pages_are_those_of_offsets_and_count_all_matches(self):
        self.wait_for_rest()
        for parameters in ({'sort': 'newest', 'q': 'wanted'}, {'q': 'wanted alpha', 'match': 'any'}):
            with self.subTest(parameters):
                walk = pages(self.lede, (50,), facets='source', histogram='month', **parameters)
                first, second, third = (next(walk) for _ in range(3))
                self.assertEqual(ids_of([first, second, third]), self.lede.ids(limit=150, **parameters))
                for key in ('total', 'facets', 'histogram'):
                    self.assertEqual(third[key], first[key])

    def test_a_page_can_be_asked_for_again(self):
        for parameters in ({'sort': 'newest'}, {'q': 'wanted', 'match': 'any'}):
            address = self.lede.search(limit=5, **parameters)['next']
            once, again = ids_of([self.lede.ask('GET', address).json]), ids_of([self.lede.ask('GET', address).json])
            self.assertEqual(once, again)
            self.assertEqual(len(once), 5)

    def test_next_is_null_on_the_last_page_and_where_no_hits_are_asked_for(self):
        self.assertIsNone(self.lede.search(q='"n00001"', limit=1)['next'])
        self.assertIsNone(self.lede.search(limit=0)['next'])
        total = self.lede.total('source:S1')
        self.assertIsNone(self.lede.search(source='S1', q='wanted', limit=1000, offset=total // 1000 * 1000)['next'])

    def test_a_walk_from_an_offset_goes_on_behind_it(self):
        for parameters in ({'sort': 'oldest', 'q': 'wanted'}, {'q': 'wanted alpha', 'match': 'any'}):
            address = self.lede.search(limit=5, offset=20, **parameters)['next']
            self.assertEqual(ids_of([self.lede.ask('GET', address).json]), self.lede.ids(limit=5, offset=25, **parameters))

    def test_a_damaged_or_foreign_cursor_is_refused(self):
        for parameters in ({'sort': 'newest', 'q': 'wanted'}, {'q': 'wanted'}):
            cursor = self.cursor_of(limit=5, **parameters)
            self.assertEqual(len(self.lede.search(cursor=cursor, limit=3, **parameters)['hits']), 3)
            for bad in ('x', '00', cursor[:-2], cursor + '00', cursor[:-1] + ('0' if cursor[-1] != '0' else '1'),
                        '02' + cursor[2:], cursor.upper() + 'G', 'f' * 2000):
                self.expect_bad_cursor(cursor=bad, limit=5, **parameters)
            self.expect_bad_cursor(cursor=cursor, **{**parameters, 'q': 'wanted beta'})
            self.expect_bad_cursor(cursor=cursor, source='S1', **parameters)
            self.expect_bad_cursor(cursor=cursor, offset=5, **parameters)
        self.expect_problem(self.lede.get('/search', cursor=''), 400, 'bad-cursor', param='cursor')

    def test_parameters_may_come_in_any_order_and_by_post(self):
        answer = self.lede.post('/search', {'source': ['S1', 'S,2'], 'q': 'wanted', 'sort': 'newest', 'limit': 5}).json
        cursor = answer['next'].rpartition('cursor=')[2]
        following = self.lede.post('/search', {'cursor': cursor, 'limit': 5, 'sort': 'newest', 'q': 'wanted', 'source': ['S1', 'S,2']})
        self.assertEqual(following.status, 200, following.text)
        self.assertEqual(ids_of([following.json]), ids_of([self.lede.ask('GET', answer['next']).json]))

    def test_a_feed_takes_a_cursor(self):
        cursor = self.cursor_of(sort='newest', limit=5)
        feed = self.lede.get('/search.csv', sort='newest', limit=5, cursor=cursor)
        self.assertEqual(feed.status, 200, feed.text)
        expected = ids_of([self.lede.search(sort='newest', limit=5, cursor=cursor)])
        self.assertEqual([line.split('"')[1] for line in feed.text.splitlines()[1:]], expected)

    def test_a_revision_in_the_future_is_waited_for_within_the_timeout(self):
        revision = self.lede.search(limit=0)['revision']
        self.assertFalse(self.lede.search(limit=0, min_revision=revision)['timed_out'])
        start = time.monotonic()
        late = self.lede.search(limit=0, min_revision=revision + 1000000, timeout='400ms')
        self.assertTrue(late['timed_out'])
        self.assertGreater(late['total']['value'], 0)
        self.assertGreater(time.monotonic() - start, 0.25)

    def test_a_wait_ends_when_the_revision_is_there(self):
        revision = self.lede.search(limit=0)['revision']
        timer = threading.Timer(0.3, lambda: self.lede.put('waited-for', {'title': 'xylograph'}))
        timer.start()
        answer = self.lede.search('xylograph', min_revision=revision + 1, timeout='20s')
        timer.join()
        self.assertEqual((answer['total']['value'], answer['timed_out']), (1, False))
        self.assertGreater(answer['revision'], revision)


class Deleter(threading.Thread):
    """Deletes every second document, in an order that no walk has, until told to stop."""

    def __init__(self, lede, count):
        super().__init__()
        self.lede, self.count, self.over, self.gone, self.failure = lede, count, threading.Event(), set(), None

    def run(self):
        try:
            for n in range(0, 2 * self.count, 2):
                identity = document(n * 787 % (2 * self.count))['id']
                if self.over.is_set():
                    return
                assert self.lede.delete(identity).status in (200, 204)
                self.gone.add(identity)
        except Exception as failure:
            self.failure = failure


class Deletions(WithProgram):
    COUNT = 700

    @tap.timeout(200)
    def test_a_walk_misses_and_repeats_nothing_that_stays_and_shows_nothing_that_went(self):
        kept = {document(n)['id'] for n in range(1, 2 * self.COUNT, 2)}
        for parameters in ({'sort': 'newest'}, {'q': 'wanted alpha beta', 'match': 'any'}):
            with self.subTest(parameters):
                self.assertEqual(self.lede.bulk([document(n) for n in range(2 * self.COUNT)]).json['failed'], 0)
                deleter = Deleter(self.lede, self.COUNT)
                deleter.start()
                walk, seen, gone = pages(self.lede, (5, 40, 12), timeout='20s', **parameters), [], set()
                try:
                    while True:
                        # Something goes between any two pages, however fast they are.
                        self.until(lambda before=len(gone): len(deleter.gone) > before or not deleter.is_alive())
                        gone = set(deleter.gone)
                        page = next(walk, None)
                        if page is None:
                            break
                        shown = ids_of([page])
                        self.assertEqual(gone & set(shown), set(), 'shown after its deletion was answered')
                        seen += shown
                finally:
                    deleter.over.set()
                    deleter.join(60)
                self.assertIsNone(deleter.failure)
                self.assertGreater(len(deleter.gone), 5)
                self.assertEqual(len(seen), len(set(seen)), 'shown twice')
                self.assertEqual(kept - set(seen), set(), 'missed')


class Restarted(unittest.TestCase):
    @tap.timeout(60)
    def test_a_date_order_goes_on_after_a_restart_and_a_ranking_says_to_begin_again(self):
        lede = Program()
        try:
            lede.bulk([document(n) for n in range(40)])
            dated = lede.search(sort='newest', limit=15)
            ranked = lede.search('wanted alpha', match='any', limit=15)
            whole = lede.ids(sort='newest')
            self.assertEqual(lede.stop(), 0)
            lede.start()
            self.assertEqual(ids_of([dated, lede.ask('GET', dated['next']).json]), whole[:30])
            answer = lede.ask('GET', ranked['next'])
            self.assertEqual((answer.status, answer.json['type']), (400, '/problems/bad-cursor'))
            self.assertIn('begin again', answer.json['hint'])
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


class TimeZones(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        moments = ['2021-03-27T22:30:00Z', '2021-03-27T23:30:00Z', '2021-03-28T00:30:00Z', '2021-03-28T01:30:00Z']
        cls.lede.bulk([{'id': str(n), 'title': 'x', 'published': moment, 'source': 'AB'[n % 2], 'tags': ['t', str(n)]}
                       for n, moment in enumerate(moments)])

    def buckets(self, interval, zone=None):
        parameters = {} if zone is None else {'time_zone': zone}
        answer = self.lede.search(histogram=interval, limit=0, **parameters)['histogram']
        self.assertEqual(answer['interval'], interval)
        return [(bucket['start'], bucket['count']) for bucket in answer['buckets']]

    def test_each_interval_begins_by_the_clock_of_its_zone(self):
        self.assertEqual(self.buckets('hour', 'Europe/Berlin'),
                         [('2021-03-27T23:00:00+01:00', 1), ('2021-03-28T00:00:00+01:00', 1), ('2021-03-28T01:00:00+01:00', 1),
                          ('2021-03-28T03:00:00+02:00', 1)])
        self.assertEqual(self.buckets('day', 'Europe/Berlin'), [('2021-03-27', 1), ('2021-03-28', 3)])
        self.assertEqual(self.buckets('day', 'Asia/Tokyo'), [('2021-03-28', 4)])
        self.assertEqual(self.buckets('week', '+05:30'), [('2021-03-22', 4)])
        self.assertEqual(self.buckets('month', 'America/New_York'), [('2021-03-01', 4)])
        self.assertEqual(self.buckets('year', '-08:00'), [('2021-01-01', 4)])

    def test_without_a_zone_it_is_utc(self):
        self.assertEqual(self.buckets('day'), [('2021-03-27', 2), ('2021-03-28', 2)])
        self.assertEqual(self.buckets('hour')[0], ('2021-03-27T22:00:00Z', 1))
        self.assertEqual(self.buckets('hour', 'UTC')[0], ('2021-03-27T22:00:00+00:00', 1))

    def test_the_dates_of_a_bucket_find_what_it_counts(self):
        for zone in ('Europe/Berlin', 'Asia/Tokyo', 'America/New_York', '+05:30', '-08:00', 'UTC', None):
            where = {} if zone is None else {'time_zone': zone}
            for interval in ('day', 'month', 'year'):
                for start, count in self.buckets(interval, zone):
                    date = start[:{'day': 10, 'month': 7, 'year': 4}[interval]]
                    with self.subTest(zone, date=date):
                        self.assertEqual(self.lede.total('', after=date, before=date, **where), count)
                        self.assertEqual(self.lede.total(f'published:{date}', **where), count)
                        self.assertEqual(self.lede.total(f'published:>={date} published:<={date}', **where), count)
                        self.assertEqual(self.lede.total(f'published:{date}..{date} x', **where), count)

    def test_times_without_a_zone_are_by_the_zone_too(self):
        self.assertEqual(self.lede.ids('published:>=2021-03-28T00:30', time_zone='Europe/Berlin', sort='oldest'), ['1', '2', '3'])
        self.assertEqual(self.lede.ids('', after='2021-03-28T00:30', time_zone='Europe/Berlin', sort='oldest'), ['1', '2', '3'])
        self.assertEqual(self.lede.ids('', after='2021-03-28T00:30Z', time_zone='Europe/Berlin', sort='oldest'), ['2', '3'])
        parsed = self.lede.search('published:2021-03-28', time_zone='Europe/Berlin')['query']['parsed']
        self.assertEqual(parsed, 'published:2021-03-27T23:00:00Z..2021-03-28T21:59:59Z')
        found = self.lede.get('/suggest', q='x', after='2021-03-28', time_zone='Asia/Tokyo')
        self.assertEqual(found.status, 200)

    def test_today_and_yesterday_are_those_of_the_zone(self):
        """Fourteen hours ahead and twelve behind it is never the same day."""
        def shown(word, zone):
            first, last = self.lede.search(f'published:{word}', time_zone=zone)['query']['parsed'][len('published:'):].split('..')
            parts = [datetime.fromisoformat(moment.replace('Z', '+00:00')) for moment in (first, last)]
            self.assertEqual((parts[1] - parts[0]).total_seconds(), 86399)
            return parts[0].astimezone(ZoneInfo(zone))
        for _ in range(3):
            before = datetime.now(timezone.utc)
            days = {zone: (shown('today', zone), shown('yesterday', zone)) for zone in ('Pacific/Kiritimati', 'Etc/GMT+12', 'UTC')}
            if before.hour == datetime.now(timezone.utc).hour:
                break
        for zone, (today, yesterday) in days.items():
            local = before.astimezone(ZoneInfo(zone))
            self.assertEqual((today.date(), today.hour), (local.date(), 0))
            self.assertEqual((yesterday.date(), yesterday.hour), (local.date() - timedelta(days=1), 0))
            self.assertEqual(self.lede.total('', after='yesterday', before='today', time_zone=zone), self.lede.total(
                'published:yesterday..today', time_zone=zone))

    def test_the_plus_of_an_address_may_have_become_a_space(self):
        answer = self.lede.ask('GET', '/search?histogram=day&limit=0&time_zone=+05:30')
        self.assertEqual(answer.json['histogram']['buckets'], [{'start': '2021-03-28', 'count': 4}])

    def test_an_unknown_zone_is_refused_with_a_hint(self):
        for zone in ('Europe/Nowhere', '../etc/passwd', '/etc/passwd', '+25:00', 'Europe', ''):
            with self.subTest(zone):
                problem = self.expect_problem(self.lede.get('/search', time_zone=zone), 400, 'invalid-parameter', param='time_zone')
                self.assertIn('Europe/Berlin', problem['hint'])

    def test_facets_of_several_fields_count_within_filters_and_exclusions(self):
        answer = self.lede.search(facets='source,tag', source='-B', limit=0)
        self.assertEqual(answer['facets']['source'], [{'value': 'A', 'count': 2}])
        self.assertEqual(answer['facets']['tag'], [{'value': 't', 'count': 2}, {'value': '0', 'count': 1}, {'value': '2', 'count': 1}])
        self.assertEqual(self.lede.search(facets='tag', tag='1,2', limit=0)['facets']['tag'][0], {'value': 't', 'count': 2})


if __name__ == '__main__':
    tap.main(globals())
