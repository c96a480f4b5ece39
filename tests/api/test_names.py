# SPDX-License-Identifier: GPL-2.0-or-later
"""A name that other languages write otherwise is found by name~, marked, and offered where nothing is found."""
from program import WithProgram
import tap

NAMES = {
    'zelensky': ['Zelensky', 'Zelenskyy', 'Selenskyj', 'Zelenskiy'],
    'gaddafi': ['Gaddafi', 'Qaddafi', 'Kadhafi', 'Khadafy'],
    'mohammed': ['Mohammed', 'Muhammad', 'Mohamed'],
    'tchaikovsky': ['Tchaikovsky', 'Chaykovskiy', 'Tschaikowski'],
}
OTHERS = ['Putin', 'Sodium', 'Chomsky', 'Galileo', 'Moment']


class Names(WithProgram):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        words = [word for words in NAMES.values() for word in words] + OTHERS
        cls.lede.bulk([{'id': word, 'language': 'en', 'title': f'A report about {word} of the day'} for word in words])

    def test_each_spelling_finds_all_others(self):
        for words in NAMES.values():
            for word in words:
                self.assertEqual(set(self.lede.ids(f'{word}~')), set(words), word)
                self.assertEqual(set(self.lede.ids(f'about NEAR/2 {word}~2')) & set(OTHERS), set())

    def test_what_is_found_is_marked(self):
        for hit in self.lede.search('Selenskyj~', pre='[', post=']', format='text')['hits']:
            self.assertEqual(hit['highlights']['title'], [f"A report about [{hit['id']}] of the day"])

    def test_a_name_is_offered_as_the_archive_spells_it(self):
        self.lede.bulk([{'id': f'rasputin{i}', 'language': 'en', 'title': f'Rachmaninov played {i}'} for i in range(3)])
        self.until(lambda: self.lede.search('Rakhmaninoff')['query']['did_you_mean'] == 'Rachmaninov')
        answer = self.lede.search('Rakhmaninoff played', spell='auto')
        self.assertTrue(answer['query']['corrected'])
        self.assertEqual(answer['total']['value'], 3)


if __name__ == '__main__':
    tap.main(globals())
