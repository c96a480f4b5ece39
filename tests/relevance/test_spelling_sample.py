# SPDX-License-Identifier: GPL-2.0-or-later
"""First suggestions are right, and correct words left alone, as often as they were when the figures in README.md were taken: on a small sample that is the
same each time. spelling.py prints the whole table."""
import os
import tempfile
import unittest

import spelling
import tap

LEDE = os.environ.get('LEDE_BINARY', '')
PAIRS = 70  # of each source
# Right first suggestions of misspellings that are no word of the archive, in percent: a few below what the sample reaches.
RIGHT_LEAST = {'wikipedia': 80, 'birkbeck': 52, 'holbrook': 36}
ALONE_LEAST = 98.5  # percent of correct words


class Sample(unittest.TestCase):
    @tap.timeout(300)
    def test_a_sample_is_corrected_as_well_as_the_table_says(self):
        if os.environ.get('LEDE_VARIANT') in ('asan', 'tsan'):
            self.skipTest('the figures are the same, and a correction that takes too long is none')
        folder = spelling.shared_data()
        if folder is None:
            self.skipTest('the shared misspellings are not here')
        with tempfile.TemporaryDirectory(prefix='lede-spelling-') as data:
            archive = spelling.Archive(LEDE, data, folder)
            try:
                pairs = spelling.read_pairs(os.path.join(folder, 'spelling', 'pairs.tsv'), '1', PAIRS)
                rows, kept = spelling.measure(archive, pairs)
            finally:
                archive.server.stop()
        self.assertEqual({row[0] for row in rows}, set(RIGHT_LEAST))
        for source, _, _, unknown, right, _ in rows:
            with self.subTest(source):
                self.assertGreater(unknown, PAIRS / 2)
                self.assertGreaterEqual(100 * right / unknown, RIGHT_LEAST[source])
        words, alone = sum(row[1] for row in kept), sum(row[2] for row in kept)
        self.assertGreaterEqual(100 * alone / words, ALONE_LEAST)


if __name__ == '__main__':
    tap.main(globals())
