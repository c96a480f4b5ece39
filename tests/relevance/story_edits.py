# SPDX-License-Identifier: GPL-2.0-or-later
"""A test set for stories, made of real articles by editing: what papers do to a wire story, and what only looks like it.

Each kind of edit takes a random.Random, an Article and another article of the same file, and gives a title and a body. COPIES are the same
story as their original, OTHERS are not. Articles have no marked paragraphs in some files: there, two sentences are one."""
import json
import os
import re

WORDS_MIN = 60  # of an article that is edited; characters of unspaced scripts count as half a word
SPACED_END = re.compile(r'(?<=[.!?]["\'’”)])\s+|(?<=[.!?])\s+(?=[^a-zäöü])')
UNSPACED_END = re.compile(r'(?<=[。！？])')
FIGURE = re.compile(r'\d[\d.,]*')
UNSPACED = re.compile('[぀-ヿ㐀-鿿]')
BYLINES = {'en': ('By Jordan Ashgrove, {city} ({agency}) - ', ' (Reporting by Jordan Ashgrove and Lee Marsh; editing by Robin Vale; '
                  'newsdesk telephone 020 7946 0000) Copyright {agency} {year}. All rights reserved.'),
           'de': ('Von Kim Aschbach, {city} ({agency}) - ', ' (Bericht von Kim Aschbach, Redaktion: Robin Feld) Copyright {agency} {year}. '
                  'Alle Rechte vorbehalten.'),
           'ja': ('【{city}＝{agency}】', '（編集担当・山田記者）著作権 {agency} {year}年'), 'zh': ('{agency}{city}电 ', '（记者 王明 责任编辑 李华）版权 {agency} {year}')}
AGENCIES = ['AP', 'AFP', 'dpa', 'Kyodo', 'Xinhua', 'PA', 'EFE', 'ANSA']
CITIES = ['LONDON', 'PARIS', 'GENEVA', 'TOKYO', 'BERLIN', 'WASHINGTON', 'MADRID']


def word_count(text):
    unspaced = len(UNSPACED.findall(text))
    return unspaced // 2 if unspaced * 3 > len(text) else len(text.split())


class Article:
    """Sentences in paragraphs."""

    def __init__(self, document):
        self.id = document['id']
        self.title = document.get('title') or ''
        self.language = document.get('language') or 'en'
        body = document['body']
        self.unspaced = len(UNSPACED.findall(body)) * 3 > len(body)
        blocks = [block for block in re.split(r'\n\s*\n', body) if block.strip()]
        self.paragraphs = [self._sentences(block) for block in blocks]
        if len(blocks) < 3:
            sentences = [sentence for paragraph in self.paragraphs for sentence in paragraph]
            self.paragraphs = [sentences[i:i + 2] for i in range(0, len(sentences), 2)]

    def _sentences(self, block):
        end = UNSPACED_END if self.unspaced else SPACED_END
        return [part.strip() for part in end.split(' '.join(block.split())) if part.strip()]

    def join(self, paragraphs):
        between = '' if self.unspaced else ' '
        return '\n\n'.join(between.join(sentences) for sentences in paragraphs if sentences)

    def body(self):
        return self.join(self.paragraphs)


def read_articles(path):
    with open(path, encoding='utf-8') as file:
        documents = [json.loads(line) for line in file]
    articles = [Article(document) for document in documents if word_count(document.get('body', '')) >= WORDS_MIN]
    return [article for article in articles if len(article.paragraphs) >= 3]


# ---- The same story ----

def headline(rng, article, other):
    return other.title or 'Another headline', article.body()


def cut_end(rng, article, other):
    """The last paragraph, or of a long article the last ones, up to three tenths of it."""
    kept = article.paragraphs[:-1]
    while len(kept) > 3 and rng.random() < .5 and len(article.join(kept[:-1])) > .7 * len(article.body()):
        kept = kept[:-1]
    return article.title, article.join(kept)


def lead_rewritten(rng, article, other):
    """The first paragraph said anew: half of its words stay, in another order and among others. At most a third of the article."""
    first = ' '.join(article.paragraphs[0])
    if len(first) * 3 > len(article.body()):
        first = article.paragraphs[0][0]
    units = list(first) if article.unspaced else first.split()
    foreign = ' '.join(other.paragraphs[0])
    foreign = list(foreign) if article.unspaced else foreign.split()
    chunks = [units[i:i + 2] for i in range(0, len(units), 2)]
    rng.shuffle(chunks)
    new = [unit for chunk in chunks[:len(chunks) // 2 + 1] for unit in chunk + foreign[:2]]
    text = ('' if article.unspaced else ' ').join(new)
    rest = [article.paragraphs[0][1:]] if first == article.paragraphs[0][0] else []
    return other.title or article.title, article.join([[text]] + rest + article.paragraphs[1:])


def datum(rng, article, other):
    """A figure corrected; where there is none, a word."""
    body = article.body()
    found = list(FIGURE.finditer(body)) or list(re.finditer(r'\w{2,}', body))
    match = rng.choice(found)
    return article.title, body[:match.start()] + str(rng.randrange(11, 9999)) + body[match.end():]


def byline(rng, article, other):
    head, tail = BYLINES.get(article.language[:2], BYLINES['en'])
    names = {'agency': rng.choice(AGENCIES), 'city': rng.choice(CITIES), 'year': rng.randrange(1990, 2026)}
    return article.title, head.format(**names) + article.body() + tail.format(**names)


def layout(rng, article, other):
    body = article.body().replace('"', '“').replace("'", '’').replace(' - ', ' – ')
    lines = re.sub(' ', lambda match: rng.choice([' ', '  ', '\n']), body)
    return article.title.upper(), lines.replace('\n\n', '\n \n')


def sentences_dropped(rng, article, other):
    """A tenth to a quarter of them, anywhere."""
    flat = [(i, k) for i, paragraph in enumerate(article.paragraphs) for k in range(len(paragraph))]
    share = rng.uniform(.1, .25)
    dropped = set(rng.sample(flat, max(1, int(len(flat) * share))))
    kept = [[s for k, s in enumerate(paragraph) if (i, k) not in dropped] for i, paragraph in enumerate(article.paragraphs)]
    return article.title, article.join(kept)


def rerun(rng, article, other):
    """What a paper does: its headline, a credit, the end cut."""
    head, tail = BYLINES.get(article.language[:2], BYLINES['en'])
    names = {'agency': rng.choice(AGENCIES), 'city': rng.choice(CITIES), 'year': rng.randrange(1990, 2026)}
    return other.title or 'Rerun', head.format(**names) + article.join(article.paragraphs[:-1])


COPIES = {'headline': headline, 'cut_end': cut_end, 'lead_rewritten': lead_rewritten, 'datum': datum, 'byline': byline, 'layout': layout,
          'sentences_dropped': sentences_dropped, 'rerun': rerun}


# ---- Another story ----

def new_figures(rng, article, other):
    """The same form filled in anew: every figure is another. Only of articles where every tenth word is one."""
    body = article.body()
    if len(FIGURE.findall(body)) * 10 < word_count(body):
        return None
    return article.title, FIGURE.sub(lambda match: str(rng.randrange(11, 9999)), body)


def follow_up(rng, article, other):
    """A later lead: new text, then a quarter of the old for background."""
    background, size = [], 0
    for paragraph in article.paragraphs:
        background.append(paragraph)
        size += sum(len(sentence) for sentence in paragraph)
        if size * 4 >= len(article.body()):
            break
    need, fresh = size * 3, []
    for paragraph in other.paragraphs * 9:
        fresh.append(paragraph)
        need -= sum(len(sentence) for sentence in paragraph)
        if need <= 0:
            break
    return article.title, article.join(fresh + background)


OTHERS = {'new_figures': new_figures, 'follow_up': follow_up}


def make(rng, path, count):
    """Documents of `count` articles: the originals, and one of each edit. Their ids are file:number, @ and the kind. What is
    put into an article comes from one that is not edited, and no other's."""
    articles = read_articles(path)
    rng.shuffle(articles)
    chosen = articles[:min(count, len(articles) // 2)]
    strangers = articles[len(chosen):]
    name = os.path.splitext(os.path.basename(path))[0]
    for number, (article, other) in enumerate(zip(chosen, strangers)):
        texts = {'original': (article.title, article.body())}
        for kind, edit in {**COPIES, **OTHERS}.items():
            edited = edit(rng, article, other)
            if edited:
                texts[kind] = edited
        for kind, (title, body) in texts.items():
            yield {'id': f'{name}:{number}@{kind}', 'title': title, 'body': body, 'language': article.language,
                   'source': rng.choice(AGENCIES), 'published': '2022-01-19T18:04:00Z', 'article': article.id}
