# SPDX-License-Identifier: GPL-2.0-or-later
"""Edited copies of real articles are found to be one story, and what only looks like one is not. LEDE_ARTICLES articles of each file are edited,
from the seed LEDE_SEED."""
import os
import random
import unittest

import stories
import story_edits
import tap

ARTICLES = int(os.environ.get('LEDE_ARTICLES', 40))
SEED = int(os.environ.get('LEDE_SEED', 0)) or random.SystemRandom().randrange(1 << 32)


class Edits(unittest.TestCase):
    def article(self):
        body = '\n\n'.join(f'Paragraph {n} tells of the harbour. Its second sentence names {n * 37} boats.' for n in range(8))
        return story_edits.Article({'id': 'a', 'title': 'Harbour', 'body': body})

    def test_an_edit_changes_what_it_says_alone(self):
        rng = random.Random(1)
        article, other = self.article(), self.article()
        self.assertTrue(article.body().startswith(story_edits.cut_end(rng, article, other)[1]))
        self.assertNotEqual(story_edits.cut_end(rng, article, other)[1], article.body())
        self.assertEqual(story_edits.headline(rng, article, other)[1], article.body())
        self.assertNotEqual(story_edits.datum(rng, article, other)[1], article.body())
        self.assertEqual(story_edits.layout(rng, article, other)[1].split(), article.body().split())


class Copies(unittest.TestCase):
    @tap.timeout(300)
    def test_precision_and_recall_are_what_was_promised(self):
        if os.environ.get('LEDE_VARIANT') in ('asan', 'tsan'):
            self.skipTest('the figures are the same, and a sanitizer takes minutes')
        print(f'# LEDE_SEED={SEED}', flush=True)
        folder = os.path.dirname(stories.program.needs_shared('reuters.ndjson'))
        lede = stories.program.Program()
        try:
            judge = stories.evaluate(lede, folder, ARTICLES, SEED)
            figures = judge.figures(stories.FILES)
            self.assertGreaterEqual(figures['precision'], .95, figures)
            self.assertGreaterEqual(figures['recall'], .90, figures)
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
