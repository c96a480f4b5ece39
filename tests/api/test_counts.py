# SPDX-License-Identifier: GPL-2.0-or-later
"""What filters, exclusions, dates, facets and histograms count over HTTP is what Python counts over the same documents: several fields at once, five
intervals with the empty ones among them, time zones whose clocks change. The documents are made by chance; the seed is printed, and
LEDE_TEST_SEED=… runs the same again. LEDE_TEST_CASES=… says how many searches."""
import collections
import datetime
import os
import random
import time
import unittest
import zoneinfo

from program import WithProgram
import tap

UTC = datetime.timezone.utc
CASES = int(os.environ.get('LEDE_TEST_CASES', 150))
SEED = int(os.environ.get('LEDE_TEST_SEED', time.time()))
DOCUMENTS = 400

SOURCES = ['AP', 'Reuters', 'dpa', 'Agence France-Presse', 'ÖPA']
SECTIONS = ['world', 'World', 'sport', 'arts & culture']
TAGS = ['oil', 'strike', 'Saudi Arabia', 'Müller', '東京', 'a-b', 'élection', 'x' * 240]
FIELDS = {'source': 'source', 'section': 'section', 'tag': 'tags', 'author': 'author', 'lang': 'language', 'place': 'places'}
WORDS = ['ferry', 'harbour', 'minister', 'water', 'election', 'the']

# Clocks change at one, two, three and midnight there; by half an hour on Lord Howe; never in Kolkata and Tehran of late.
ZONES = ['Europe/Berlin', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kolkata', '+05:45', '-03:30', 'UTC']


def make_document(chance, number):
    # Around the days when clocks change, so that hours are missing and happen twice.
    days = [datetime.datetime(2023, month, day, tzinfo=UTC) for month, day in ((3, 12), (3, 26), (4, 2), (4, 28), (9, 3), (10, 1), (10, 27), (10, 29), (11, 5))]
    moment = chance.choice(days) + datetime.timedelta(minutes=chance.randrange(-1500, 3000))
    document = {'id': f'c{number}', 'title': ' '.join(chance.choices(WORDS, k=3)), 'body': ' '.join(chance.choices(WORDS, k=6)),
                'published': moment.strftime('%Y-%m-%dT%H:%M:%SZ'), 'tags': chance.choices(TAGS, k=chance.randrange(4)),
                'author': chance.choices(['Jane Doe', 'J. Doe', 'Ana'], k=chance.randrange(3)), 'language': chance.choice(['en', 'de', 'und'])}
    if chance.random() < .8:
        document['source'] = chance.choice(SOURCES)
    if chance.random() < .8:
        document['section'] = chance.choice(SECTIONS)
    if chance.random() < .3:
        document['places'] = [chance.choice(['Oslo', 'New York, N.Y.'])]
    return document


def values_of(document, key):
    value = document.get(key, [])
    return {value} if isinstance(value, str) else set(value)


def moment_of(document):
    return datetime.datetime.strptime(document['published'], '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=UTC)


def zone_of(name):
    if name[0] in '+-':
        sign = -1 if name[0] == '-' else 1
        return datetime.timezone(sign * datetime.timedelta(hours=int(name[1:3]), minutes=int(name[4:])))
    return zoneinfo.ZoneInfo(name)


def start_of(interval, moment, zone):
    """The name of the bucket that holds a moment."""
    local = moment.astimezone(zone)
    if interval == 'hour':
        # Back minute by minute to the full hour, or to where the clock was changed within it.
        begun, minute = moment.replace(second=0), datetime.timedelta(minutes=1)
        while begun.astimezone(zone).minute and (begun - minute).astimezone(zone).utcoffset() == local.utcoffset():
            begun -= minute
        begun = begun.astimezone(zone)
        return begun.isoformat()
    day = local.date()
    back = {'day': 0, 'week': day.weekday(), 'month': day.day - 1, 'year': day.timetuple().tm_yday - 1}[interval]
    return (day - datetime.timedelta(days=back)).isoformat()


def histogram_of(interval, documents, zone):
    """Every bucket from the first document to the last; stepping by minutes finds every one, whatever the clock does."""
    if not documents:
        return []
    counts = collections.Counter(start_of(interval, moment_of(document), zone) for document in documents)
    moments = sorted(map(moment_of, documents))
    step = datetime.timedelta(minutes=15) if interval == 'hour' else datetime.timedelta(hours=6)
    names, at = {}, moments[0]
    while at < moments[-1]:
        names[start_of(interval, at, zone)] = True
        at += step
    names[start_of(interval, moments[-1], zone)] = True
    return [{'start': name, 'count': counts[name]} for name in names]


class Counts(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(SEED)
        cls.documents = [make_document(cls.chance, number) for number in range(DOCUMENTS)]
        assert cls.lede.bulk(cls.documents).json['created'] == DOCUMENTS
        # Some are replaced, some deleted: what they were must count no more.
        for number in cls.chance.sample(range(DOCUMENTS), 60):
            cls.documents[number] = make_document(cls.chance, number)
        assert cls.lede.bulk(cls.documents).json['failed'] == 0
        for document in cls.chance.sample(cls.documents, 20):
            cls.lede.ask('DELETE', f'/documents/{document["id"]}')
            cls.documents.remove(document)

    def test_an_hour_within_which_the_clock_changes_is_parted_there(self):
        # On Lord Howe the first of October has no 02:00 to 02:29, the second of April 01:30 to 01:59 twice.
        moments = ['2023-09-30T15:10:00Z', '2023-09-30T15:40:00Z', '2023-04-01T14:40:00Z', '2023-04-01T15:10:00Z', '2023-04-01T15:40:00Z']
        self.lede.bulk([{'id': f'h{n}', 'title': 'x', 'section': 'lordhowe', 'published': moment} for n, moment in enumerate(moments)])
        buckets = self.lede.search('', section='lordhowe', histogram='hour', time_zone='Australia/Lord_Howe', limit=0)['histogram']['buckets']
        for n in range(len(moments)):
            self.lede.ask('DELETE', f'/documents/h{n}')
        self.assertEqual([(bucket['start'], bucket['count']) for bucket in buckets if bucket['count']],
                         [('2023-04-02T01:00:00+11:00', 1), ('2023-04-02T01:30:00+10:30', 1), ('2023-04-02T02:00:00+10:30', 1),
                          ('2023-10-01T01:00:00+10:30', 1), ('2023-10-01T02:30:00+11:00', 1)])

    def choose(self, zone):
        """Parameters of a search, and the documents that it must find. Dates are the zone's."""
        chance, parameters, chosen = self.chance, {}, list(self.documents)
        if chance.random() < .6:
            word = chance.choice(WORDS)
            parameters['q'] = word
            chosen = [d for d in chosen if word in (d['title'] + ' ' + d['body']).split()]
        for name in chance.sample(list(FIELDS), chance.randrange(3)):
            known = sorted({value for d in self.documents for value in values_of(d, FIELDS[name]) if ',' not in value})
            wanted, excluded = chance.sample(known, chance.randrange(min(3, len(known)))), chance.sample(known, 1)[:chance.randrange(2)]
            if wanted or excluded:
                parameters[name] = ','.join(wanted + ['-' + value for value in excluded])
                chosen = [d for d in chosen if (not wanted or values_of(d, FIELDS[name]) & set(wanted)) and not values_of(d, FIELDS[name]) & set(excluded)]
        day = datetime.date(2023, 3, 1) + datetime.timedelta(days=chance.randrange(250))
        if chance.random() < .2:
            parameters['after'] = day.isoformat()
            chosen = [d for d in chosen if moment_of(d).astimezone(zone).date() >= day]
        elif chance.random() < .2:
            parameters['before'] = day.isoformat()
            chosen = [d for d in chosen if moment_of(d).astimezone(zone).date() <= day]
        return parameters, chosen

    @tap.timeout(250)
    def test_everything_counted_is_what_python_counts(self):
        print(f'# LEDE_TEST_SEED={SEED}')
        for _ in range(CASES):
            interval, zone = self.chance.choice(['hour', 'day', 'week', 'month', 'year']), self.chance.choice(ZONES)
            parameters, chosen = self.choose(zone_of(zone))
            facets = self.chance.sample(list(FIELDS), self.chance.randrange(1, len(FIELDS) + 1))
            answer = self.lede.search(parameters.get('q', ''), limit=1000, fields='id', highlight='none', facets=','.join(facets), histogram=interval,
                                      time_zone=zone, **{name: value for name, value in parameters.items() if name != 'q'})
            with self.subTest(f'{parameters} {interval} {zone}'):
                self.assertEqual(answer['total'], {'value': len(chosen), 'relation': 'eq'})
                self.assertEqual({hit['id'] for hit in answer['hits']}, {document['id'] for document in chosen})
                for name in facets:
                    counts = collections.Counter(value for document in chosen for value in values_of(document, FIELDS[name]))
                    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0].encode()))
                    self.assertEqual([(row['value'], row['count']) for row in answer['facets'][name]], rows, name)
                days = sorted(start_of('day', moment_of(document), zone_of(zone)) for document in chosen) or [None]
                self.assertEqual(answer['histogram'], {'interval': interval, 'first': days[0], 'last': days[-1], 'undated': 0,
                                                       'buckets': histogram_of(interval, chosen, zone_of(zone))})


if __name__ == '__main__':
    tap.main(globals())
