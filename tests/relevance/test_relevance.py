# SPDX-License-Identifier: GPL-2.0-or-later
"""The measures are TREC's; the collections of the shared data reach the figures that a reference reaches, with the settings of every search."""
import os
import unittest

import headlines
import measures
import run
import tap

LEDE = os.environ.get('LEDE_BINARY', '')


class Measures(unittest.TestCase):
    def test_a_ranking_of_two_relevant_documents_has_known_figures(self):
        ranked, relevant = ['a', 'x', 'b', 'y'], {'a', 'b', 'c'}
        self.assertAlmostEqual(measures.average_precision(ranked, relevant), (1 + 2 / 3) / 3)
        self.assertAlmostEqual(measures.precision(ranked, relevant, 10), 0.2)
        self.assertAlmostEqual(measures.recall(ranked, relevant, 100), 2 / 3)
        self.assertAlmostEqual(measures.ndcg(ranked, relevant, 10), (1 + 0.5) / (1 + 0.6309297536 + 0.5))

    def test_queries_without_relevant_documents_do_not_count(self):
        figures = measures.means({'1': ['a']}, {'1': {'a'}, '2': set()})
        self.assertEqual(figures['MAP'], 1)


class Collections(unittest.TestCase):
    @tap.timeout(300)
    def test_every_collection_reaches_its_figures(self):
        if os.environ.get('LEDE_VARIANT') in ('asan', 'tsan'):
            self.skipTest('the figures are the same, and a sanitizer takes minutes')
        folders = run.shared_collections()
        if not folders:
            self.skipTest('the shared collections are not here')
        for folder in folders:
            for name, figures in run.evaluate(LEDE, folder, run.DEFAULTS):
                with self.subTest(name):
                    self.assertEqual(run.misses(name, figures), [], figures)

    @tap.timeout(300)
    def test_a_headline_finds_its_article_as_well_as_with_a_plain_bm25(self):
        if os.environ.get('LEDE_VARIANT') in ('asan', 'tsan'):
            self.skipTest('the figures are the same, and a sanitizer takes minutes')
        for name in ('chinese', 'wikinews_ja', 'wikinews_en'):
            path = headlines.shared_file(name)
            if not path:
                self.skipTest('the shared data is not here')
            with self.subTest(name):
                either, _, plain, _, _ = headlines.evaluate(LEDE, path, 300, 2)
                self.assertGreater(either, plain - .01)


if __name__ == '__main__':
    tap.main(globals())
