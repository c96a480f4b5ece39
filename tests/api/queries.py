# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries made of the words of documents, over the whole language, by a seeded chance."""
import re


def words_of(chance, documents):
    text = chance.choice(documents).get('body') or 'ministers'
    return re.findall(r'[A-Za-z]{3,}', text) or ['ministers']


def clause(chance, documents):
    words = words_of(chance, documents)
    a, b = chance.choice(words), chance.choice(words_of(chance, documents))
    near = chance.randrange(len(words))
    phrase = ' '.join(words[near:near + 2])
    return chance.choice([
        a, a + 'zz', f'={a.lower()}', f'"{a} {b}"', f'"{phrase}"', f'{a} NEAR/2 {b}', f'{a} NOT NEAR/2 {b}', f'({a} ADJ/3 {b})', f'({a} SAME s {b})', f'title:{a}',
        f'LEAD:{a}', f'-{a}', f'+{a}', f'({a} OR zz{b})', f'({a} OR {b})^0.5', f'ATLEAST/4 {a}', f'ATLEAST/2 {a}', f'CAPS {a}',
        f'published:<19{chance.randrange(50, 99)}', f'{a}^2', f'section:"{a}"', f'LENGTH>{chance.randrange(20, 5000)}', f'NOT ({a} {b})',
        f'="{phrase}"', f'{a[:3]}*', f'{a}~', f'("{phrase}" OR {b}*) NEAR/9 {a}'])


def query(chance, documents, clauses):
    return ' '.join(clause(chance, documents) for _ in range(chance.randrange(1, clauses + 1)))
