# SPDX-License-Identifier: GPL-2.0-or-later
"""What a search over HTTP finds is what a program finds that reads every document with the same analyzer: the same ids, the same
counts. LEDE_ORACLE is that program."""
import collections
import os
import subprocess
import tempfile
import unittest

from program import SAMPLE, VARIANT, Program, needs_shared, read_documents
import tap

ORACLE = os.environ.get('LEDE_ORACLE', '')

SAMPLE_QUERIES = [
    ('all', q) for q in (
        'ferry', 'harbour ferry', '"prime minister"', 'ferry OR bridge', 'water -court', 'water NOT court', '(ferry OR tram) strike',
        'title:ferry', 'title:"prime minister"', 'author:stace', 'section:sport', 'section:(sport OR culture)', 'tag:election',
        'econ*', 'minist*', 'title:el*', '=minister', '=ministers', 'minister^3 water', 'published:2025-01-01..2025-06-30',
        'published:>2026-01', 'published:<2024-09-01 ferry', 'updated:>2000-01-01', 'source:"inner sea news"', 'place:osterquay',
        'O’Marra', "O'Marra", 'COVID-19', '3.5', '1,200', '1200', 'U.N.', 'wahl', 'wahlen', 'Bürgermeister', 'burgermeister',
        'ministre', 'élection', 'elecciones', 'ciudad', '市長', '市', '東京', 'الوزير', 'وزير', 'person:calvarro',
        '-ferry', 'NOT (ferry OR harbour)', '*', '"union of coastal nations"', 'summary:water', 'url:example',
    )] + [('any', q) for q in ('ferry harbour water', '+ferry harbour', 'ferry -harbour', '"prime minister" election wahl')]

NEWS_QUERIES = [
    ('all', q) for q in (
        'crude oil "saudi arabia"', 'crude oil', 'oil', '"interest rates"', 'dollar yen', 'wheat exports', 'wheat -soviet',
        '"bank of japan"', 'title:oil', 'title:"crude oil"', 'trade deficit OR surplus', '(coffee OR cocoa) brazil', 'section:crude',
        'section:(gold OR silver)', 'tag:opec', 'tag:"saudi-arabia"', 'export*', 'title:acqui*', '=rates', '=rate', 'rate',
        'published:1987-03-01..1987-03-15 oil', 'published:>1987-10-15 "stock market"', 'U.S.', 'U.K.', 'U.S. -U.K.', '3.5', '1,000',
        '"third world" debt', 'opec output^2 quota', 'takeover AND bid NOT offer', 'a the of', '"of the"', '"to be or not to be"',
        'unemploy* AND (germany OR france)', 'AT&T', "shareholder's", 'bundestag', 'wahl', 'gobierno', 'président', 'ministre',
        '東京', '選挙', '국회', 'президент', 'source:reuters "palm oil"', 'author:jane', '-oil section:crude', '"federal reserve" NOT volcker',
    )] + [('any', q) for q in ('tin council debt', '+gold silver platinum', 'gold -silver', 'bundestag oil präsident')]


class Oracle(unittest.TestCase):
    def all_ids(self, lede, match, query, total):
        """Every id: months part a result that paging by offset cannot reach the end of."""
        found = set()
        spans = [{}]
        if total > 10000:
            spans = [{'after': f'1987-{m:02}-01', 'before': f'1987-{m:02}'} for m in range(1, 13)]
            spans += [{'before': '1986-12-31'}, {'after': '1988-01-01'}]
        for span in spans:
            for offset in range(0, 10001, 1000):
                page = lede.ids(query, match=match, offset=offset, sort='oldest', **span)
                found.update(page)
                if len(page) < 1000:
                    break
        return found

    def compare(self, queries, paths):
        lede = Program()
        try:
            for path in paths:
                with open(path, 'rb') as file:
                    self.assertEqual(lede.bulk(file.read()).json['failed'], 0)
            with tempfile.NamedTemporaryFile('w', suffix='.txt', encoding='utf-8') as file:
                file.write(''.join(f'{match}\t{query}\n' for match, query in queries))
                file.flush()
                run = subprocess.run([ORACLE, file.name, *paths], capture_output=True, text=True, timeout=500, check=True)
            rows = run.stdout.split('\n')
            self.assertEqual(len(rows), len(queries) + 1)
            nothing = 0
            for (match, query), row in zip(queries, rows):
                wanted = set(row.split('\t')) - {''}
                nothing += not wanted
                total = lede.search(query, match=match, limit=0)['total']
                found = self.all_ids(lede, match, query, total['value'])
                difference = sorted(wanted ^ found)
                self.assertEqual(difference[:5], [], f'{len(difference)} ids differ for {match} {query}')
                self.assertEqual(total, {'value': len(wanted), 'relation': 'eq'}, query)
            self.assertLess(nothing, len(queries) // 3, 'too many queries find nothing to prove anything')
            return lede
        except BaseException:
            lede.remove()
            raise

    def compare_counts(self, lede, documents, query):
        answer = lede.search(query, facets='section,source,tag', histogram='month', limit=1000, fields='id', highlight='none')
        ids = {hit['id'] for hit in answer['hits']}
        self.assertEqual(len(ids), answer['total']['value'], 'the query finds more than a page')
        chosen = [document for document in documents if document['id'] in ids]
        for name, key in (('section', 'section'), ('source', 'source'), ('tag', 'tags')):
            counts = collections.Counter()
            for document in chosen:
                values = document.get(key, [])
                counts.update({values} if isinstance(values, str) else set(values))
            facet = {row['value']: row['count'] for row in answer['facets'][name]}
            self.assertTrue(facet.items() <= counts.items() and len(facet) == min(len(counts), 100), (query, name))
        months = collections.Counter(lede.document(document['id'])['published'][:7] for document in chosen)
        buckets = {bucket['start'][:7]: bucket['count'] for bucket in answer['histogram']['buckets'] if bucket['count']}
        self.assertEqual(buckets, dict(months))

    @tap.timeout(200)
    def test_on_the_sample_news_index_and_oracle_agree(self):
        lede = self.compare(SAMPLE_QUERIES, [SAMPLE])
        for query in ('ferry', 'minister OR wahl', ''):
            self.compare_counts(lede, read_documents(SAMPLE), query)
        self.assertEqual(lede.stop(), 0)
        lede.remove()

    @tap.timeout(600)
    def test_on_real_news_in_many_languages_index_and_oracle_agree(self):
        if VARIANT == 'tsan':
            self.skipTest('one client, one search at a time: nothing for ThreadSanitizer to see')
        paths = [needs_shared('reuters.ndjson'), needs_shared('press_many_languages.ndjson')]
        lede = self.compare(NEWS_QUERIES, paths)
        documents = [document for path in paths for document in read_documents(path)]
        for query in ('crude oil "saudi arabia"', '"bank of japan"'):
            self.compare_counts(lede, documents, query)
        self.assertEqual(lede.stop(), 0)
        lede.remove()


if __name__ == '__main__':
    tap.main(globals())
