# SPDX-License-Identifier: GPL-2.0-or-later
"""The README's ten examples find what it says that they find."""
import os
import re
import unittest

from program import SAMPLE, Program
import tap

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'README.md')
ROW = re.compile(r'\| `([^`]+)` \| [^|]+ \| (\d+) \| ([^|]+) \|')


class Guide(unittest.TestCase):
    def test_the_ten_examples_find_what_the_readme_says(self):
        with open(README, encoding='utf-8') as file:
            guide = file.read().split('## The query language in ten examples')[1].split('\n## ')[0]
        rows = ROW.findall(guide)
        self.assertEqual(len(rows), 10)
        lede = Program()
        try:
            with open(SAMPLE, 'rb') as file:
                lede.bulk(file.read())
            for query, count, title in rows:
                with self.subTest(query):
                    answer = lede.search(query, limit=1)
                    self.assertEqual(answer['total'], {'value': int(count), 'relation': 'eq'})
                    self.assertEqual(answer['hits'][0]['document']['title'], title)
                    marked = str(answer['hits'][0]['highlights'])
                    self.assertIn('<mark>', marked)
            self.assertEqual(lede.stop(), 0)
        finally:
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
