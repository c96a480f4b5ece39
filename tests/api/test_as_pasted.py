# SPDX-License-Identifier: GPL-2.0-or-later
"""What is copied out of a document finds it: its headline pasted as it is, a phrase of it in quotes, and its odd words. Drawn from the shared
collections with a printed seed: LEDE_TEST_SEED sets it, LEDE_TEST_HEADLINES how many headlines of a file (0: all)."""
import http.client
import json
import os
import random
import re
import sys
import unicodedata
import unittest

from program import Program, WAIT_S, query, read_documents, shared
import tap

SEED = int(os.environ.get('LEDE_TEST_SEED', '20220119'))
HEADLINES = int(os.environ.get('LEDE_TEST_HEADLINES', '600'))
PHRASES = 400
ODD_WORDS = 2000
FILES = ['chinese', 'digitalgov', 'german', 'press_many_languages', 'reuters', 'wikinews_en', 'wikinews_ja']
UNSPACED = ('chinese', 'wikinews_ja')
PRE, POST = '\ue000', '\ue001'


def is_of_word(character):
    return unicodedata.category(character)[0] in 'LMN'


def letters(text):
    """What of a text is compared: a mark may end before a phrase's last bracket, and white space is shown as one blank."""
    return ''.join(c for c in text if is_of_word(c)).casefold()


def is_odd(word):
    """A digit, a mark or a letter of another script among its letters."""
    scripts = {unicodedata.name(c, '?').split()[0] for c in word if c.isalpha()}
    return bool(scripts) and (len(scripts) > 1 or not word.isalpha())


def trimmed(word):
    """Without what is no letter and no digit at its ends."""
    ends = [i for i, c in enumerate(word) if is_of_word(c)]
    return word[ends[0]:ends[-1] + 1] if ends else ''


class Archive:
    """A program that holds one file; each document's section is its number, so that a search can look at it alone."""

    def __init__(self, name, path):
        self.name = name
        self.documents = [document for document in read_documents(path)]
        self.lede = Program()
        for number, document in enumerate(self.documents):
            document['section'] = f'n{number}'
        for start in range(0, len(self.documents), 1000):
            answer = self.lede.bulk(self.documents[start:start + 1000])
            assert answer.status == 200 and answer.json['failed'] == 0, answer.text
        self.connection = http.client.HTTPConnection('127.0.0.1', self.lede.port, timeout=WAIT_S)

    def search(self, **parameters):
        self.connection.request('GET', query('/search', parameters))
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read())

    def stop(self):
        self.connection.close()
        self.lede.stop()
        self.lede.remove()


def draw_phrase(archive, chance):
    """Two to six words that stand side by side, with what stands between them; of a script without blanks some letters."""
    while True:
        number = chance.randrange(len(archive.documents))
        field = chance.choice(['title', 'body', 'body'])
        text = archive.documents[number].get(field) or ''
        spans = [found.span() for found in re.finditer(r'\S+', text)]
        count = chance.randint(2, 6)
        if archive.name in UNSPACED:
            start = chance.randrange(len(text) or 1)
            phrase = text[start:start + 2 * count]
            is_cut = text[start - 1:start].isascii() and text[start:start + 1].isascii()
            if start > 0 and is_cut or text[start + 2 * count - 1:start + 2 * count + 1].isascii():
                continue  # through the middle of a word
        elif len(spans) <= count:
            continue
        else:
            start = chance.randrange(len(spans) - count)
            phrase = text[spans[start][0]:spans[start + count - 1][1]]
        if 2 <= len(letters(phrase)) <= 200 and not phrase.endswith('\\'):
            return number, field, phrase


def draw_odd_words(archive, count, chance):
    """Odd words, once each, and the number of a document that has each."""
    found = {}
    for _ in range(200 * count):
        if len(found) == count:
            break
        number = chance.randrange(len(archive.documents))
        text = archive.documents[number].get('body') or ''
        if archive.name in UNSPACED:
            start = chance.randrange(len(text) or 1)
            word = re.sub(r'\s.*', '', text[start:start + chance.randint(3, 8)], flags=re.DOTALL)
            if any(c.isascii() and (c.isalnum() or c in '.,') for c in text[max(0, start - 1):start] + text[start + len(word):start + len(word) + 1]):
                continue
        else:
            words = text.split()
            word = chance.choice(words) if words else ''
        word = trimmed(word)
        if 2 <= len(word) <= 40 and is_odd(word):
            found.setdefault(word, number)
    return found


class AsPasted(unittest.TestCase):
    def archives(self):
        for name in FILES:
            path = shared(name + '.ndjson')
            if path is None:
                self.skipTest('there is no shared data')
            archive = Archive(name, path)
            try:
                yield archive
            finally:
                archive.stop()

    def check(self, archive):
        chance = random.Random(f'{SEED} {archive.name}')
        for what in (self.headlines, self.phrases, self.odd_words):
            with self.subTest(f'{archive.name}: {what.__name__}'):
                what(archive, chance)

    def report(self, archive, what, lost, count, share):
        print(f'# {archive.name}: {count - len(lost)} of {count} {what}', flush=True)
        for line in lost[:int(os.environ.get('LEDE_TEST_SHOWN', '10'))]:
            print(f'#   {line}', file=sys.stderr)
        self.assertGreaterEqual(count - len(lost), share * count, f'{archive.name}: {what}')

    def headlines(self, archive, chance):
        """A document with the same headline is as good: nobody could tell which is meant."""
        wanted = [d for d in archive.documents if d.get('title')]
        if 0 < HEADLINES < len(wanted):
            wanted = chance.sample(wanted, HEADLINES)
        lost = []
        for document in wanted:
            status, answer = archive.search(q=document['title'], fields='title', highlight='none')
            self.assertEqual(status, 200, document['title'])
            if letters(document['title']) not in [letters(hit['document'].get('title') or '') for hit in answer['hits']]:
                lost.append((document['id'], document['title'], answer['query']['parsed'], answer['total']['value']))
        self.report(archive, 'headlines', lost, len(wanted), 0.99)

    def phrases(self, archive, chance):
        lost = []
        for _ in range(PHRASES):
            number, field, phrase = draw_phrase(archive, chance)
            q = '"' + re.sub(r'(["“”„‟«»＂])', r'\\\1', phrase) + '"'
            status, answer = archive.search(q=q, section=f'n{number}', format='text', pre=PRE, post=POST, highlight=field, snippets=20,
                                            snippet_chars=10000)
            hits = answer.get('hits') or [{}]
            shown = ''.join(hits[0].get('highlights', {}).get(field, []))
            marks = [part.split(POST)[0] for part in shown.split(PRE)[1:]]
            if letters(phrase) not in [letters(mark) for mark in marks]:
                lost.append((status, archive.documents[number]['id'], phrase, answer.get('query', answer).get('parsed'), marks[:3]))
        self.report(archive, 'phrases', lost, PHRASES, 1)

    def odd_words(self, archive, chance):
        words = draw_odd_words(archive, ODD_WORDS // len(FILES) + 1, chance)
        lost = []
        for word, number in words.items():
            status, answer = archive.search(q=word, section=f'n{number}', fields='id', highlight='none')
            if status != 200 or not answer['hits']:
                lost.append((status, archive.documents[number]['id'], word, answer.get('query', answer).get('parsed')))
        self.report(archive, 'odd words', lost, len(words), 1)

    @tap.timeout(600)
    def test_what_is_copied_out_of_a_document_finds_it(self):
        print(f'# LEDE_TEST_SEED={SEED}', flush=True)
        for archive in self.archives():
            self.check(archive)


if __name__ == '__main__':
    tap.main(globals())
