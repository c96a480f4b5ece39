# SPDX-License-Identifier: GPL-2.0-or-later
"""A word stands for its synonyms in match, marks, counts and explanations; the list is read again on SIGHUP, and what it said before is in no
kept answer. The list that is installed is one that can be read."""
import os
import signal
import tempfile
import unittest

from program import ROOT, Program, WithProgram
import tap

LIST = """# Places
kyiv, kiev, kiew
eu => european union
saint petersburg, leningrad
en: organise, organize
en: labour, labor
"""
DOCUMENTS = {
    'kyiv': ('en', 'The mayor of Kyiv said that the city council of the capital sleeps little.'),
    'kiev': ('en', 'In old reports the mayor of Kiev said nothing about the night in the streets.'),
    'kiew': ('de', 'Der Bürgermeister von Kiew sagte, dass die Stadt nicht schläft und nicht ruht.'),
    'eu': ('en', 'The EU budget was agreed upon after a long night of talks between ministers.'),
    'union': ('en', 'The European Union budget was agreed upon, said the ministers of the states.'),
    'apart': ('en', 'A union of European workers asked what the ministers would do about wages.'),
    'petersburg': ('en', 'The port of Saint Petersburg was frozen in the winter of that long year.'),
    'leningrad': ('en', 'The port of Leningrad was frozen in the winter of that long and cold year.'),
    'labour': ('en', 'The ministers organised talks about labour and wages in the winter of that year.'),
    'labor': ('en', 'The ministers organized talks about labor and wages in the winter of that year.'),
    'labor-es': ('es', 'La labor de los ministros fue muy dura durante el largo invierno de aquel año.'),
}


class WithList(WithProgram):
    """A program with a list of its own."""
    text = ''

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory(prefix='lede-synonyms-')
        cls.list = os.path.join(cls.home.name, 'list')
        cls.write(cls.text)
        cls.settings = {'LEDE_SERVER_SYNONYMS': cls.list}
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.home.cleanup()

    @classmethod
    def write(cls, text):
        with open(cls.list + '.new', 'w', encoding='utf-8') as file:
            file.write(text)
        os.replace(cls.list + '.new', cls.list)


class Synonyms(WithList):
    text = LIST

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lede.bulk([{'id': name, 'title': '-', 'language': language, 'body': text} for name, (language, text) in DOCUMENTS.items()])

    def found(self, q, **parameters):
        return set(self.lede.ids(q, **parameters))

    def parsed(self, q, **parameters):
        return self.lede.search(q, **parameters)['query']['parsed']

    def marks(self, q):
        answer = self.lede.search(q, format='text', pre='[', post=']', highlight='body', snippet_chars=1000)
        return {hit['id']: [part.split(']')[0] for part in hit['highlights']['body'][0].split('[')[1:]] for hit in answer['hits']}

    def test_a_word_finds_what_its_group_finds(self):
        for word in ('kyiv', 'Kiev', 'KIEW'):
            self.assertEqual(self.found(word), {'kyiv', 'kiev', 'kiew'})
        self.assertEqual(self.lede.total('kyiv mayor'), 2)
        self.assertEqual(self.found('mayor -kyiv'), set())
        self.assertEqual(self.found('kyiv', match='any'), {'kyiv', 'kiev', 'kiew'})
        self.assertEqual(self.found('Kiew NEAR/3 mayor'), {'kyiv', 'kiev'})
        self.assertEqual(self.found('ATLEAST/1 kiew'), {'kyiv', 'kiev', 'kiew'})

    def test_one_way_is_one_way(self):
        self.assertEqual(self.found('eu'), {'eu', 'union'})
        self.assertEqual(self.found('european union'), {'union', 'apart'})
        self.assertEqual(self.found('"european union"'), {'union'})

    def test_several_words_stand_for_one_and_one_for_several(self):
        self.assertEqual(self.found('leningrad'), {'leningrad', 'petersburg'})
        for match in ('all', 'any'):
            self.assertEqual(self.found('saint petersburg', match=match), {'leningrad', 'petersburg'})
        self.assertEqual(self.found('"the port of leningrad was frozen"'), {'leningrad', 'petersburg'})
        self.assertEqual(self.found('"port of saint petersburg"'), {'leningrad', 'petersburg'})

    def test_a_phrase_has_the_group_at_its_place(self):
        self.assertEqual(self.found('"mayor of kiew said"'), {'kyiv', 'kiev'})
        self.assertEqual(self.found('"the eu budget"'), {'eu', 'union'})
        self.assertEqual(self.found('=kyiv'), {'kyiv'})
        self.assertEqual(self.found('="mayor of kiev"'), {'kiev'})

    def test_what_is_found_is_marked(self):
        self.assertEqual(self.marks('kiew'), {'kyiv': ['Kyiv'], 'kiev': ['Kiev'], 'kiew': ['Kiew']})
        self.assertEqual(self.marks('eu budget'), {'eu': ['EU', 'budget'], 'union': ['European Union', 'budget']})
        self.assertEqual(self.marks('"port of leningrad"'),
                         {'leningrad': ['port of', 'Leningrad'], 'petersburg': ['port of', 'Saint Petersburg']})

    def test_a_line_of_a_language_holds_in_it_alone(self):
        self.assertEqual(self.found('labours'), {'labour', 'labor'})
        self.assertEqual(self.found('labour'), {'labour', 'labor'})
        self.assertEqual(self.found('organizing'), {'labour', 'labor'})
        self.assertEqual(self.found('organ'), {'labor'})

    def test_parsed_shows_it_and_is_a_query_of_its_own(self):
        for q, parsed in {'kiew': '{kiew, kyiv, kiev}', 'eu': '{eu, european union}', 'labours': '{labours, en: labor}',
                          'title:kyiv^2 x': 'title:{kyiv, kiev, kiew}^2 AND x'}.items():
            self.assertEqual(self.parsed(q), parsed)
            self.assertEqual(self.parsed(parsed), parsed)
            self.assertEqual(self.parsed(parsed, synonyms='off'), parsed)
            self.assertEqual(self.found(parsed, synonyms='off'), self.found(q))

    def test_it_is_switched_off_for_a_search(self):
        self.assertEqual(self.found('kyiv', synonyms='off'), {'kyiv'})
        self.assertEqual(self.parsed('kyiv', synonyms='off'), 'kyiv')
        self.assertEqual(self.found('{kyiv}'), {'kyiv'})
        self.expect_problem(self.lede.get('/search', q='kyiv', synonyms='maybe'), 400, 'invalid-parameter', param='synonyms')

    def test_a_group_scores_as_one_word(self):
        answer = self.lede.search('kyiv', explain='true')
        scores = {hit['id']: hit['score'] for hit in answer['hits']}
        self.assertEqual(set(scores), {'kyiv', 'kiev', 'kiew'})
        self.assertLess(max(scores.values()) - min(scores.values()), .5 * max(scores.values()))
        for q, clause in (('kyiv', '{kyiv, kiev, kiew}'), ('eu', '{eu, european union}')):
            for hit in self.lede.search(q, explain='true')['hits']:
                self.assertEqual([(part['clause'], part['spellings']) for part in hit['explain']], [(q, clause)])
                self.assertAlmostEqual(hit['explain'][0]['score'], hit['score'], places=3)

    def test_a_search_that_finds_nothing_counts_the_group_as_one_clause(self):
        clinic = self.lede.search('eu nosuchword')['query']['clinic']
        counts = {clause['clause']: clause['count'] for clause in clinic['clauses']}
        self.assertEqual(counts, {'{eu, european union}': 2, 'nosuchword': 0})

    def test_deletion_by_query_deletes_what_the_search_shows(self):
        self.lede.bulk([{'id': 'd1', 'title': 'Kiev zzdelete'}, {'id': 'd2', 'title': 'Kyiv zzdelete'}])
        self.assertEqual(self.lede.total('kyiv zzdelete'), 2)
        off = self.lede.post('/documents/delete', {'q': 'kyiv zzdelete', 'synonyms': 'off', 'confirm': 2})
        self.assertEqual(off.status, 412, off.text)
        self.assertEqual(self.lede.post('/documents/delete', {'q': 'kyiv zzdelete', 'confirm': 2}).json['deleted'], 2)


class Reload(WithList):
    """What a program says and does when its list changes."""
    text = 'kyiv, kiev\n'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lede.bulk([{'id': name, 'title': name} for name in ('kyiv', 'kiev', 'kiew')])

    def reload(self):
        self.lede.process.send_signal(signal.SIGHUP)

    def test_another_list_holds_from_then_on_also_for_kept_answers(self):
        self.assertEqual(self.lede.total('kyiv'), 2)
        self.assertEqual(self.lede.total('kyiv'), 2)
        self.write('kyiv, kiev, kiew\n')
        self.reload()
        self.until(lambda: self.lede.total('kyiv') == 3)
        for text, said in ((b'kyiv\n', 'list:1: expected two spellings or more'), (b'# a\nkyiv, \xff', 'list:2: expected UTF-8')):
            with open(self.list, 'wb') as file:
                file.write(text)
            self.reload()
            self.until(lambda: said in self.lede.log_text())
            self.assertEqual(self.lede.total('kyiv', cache='0'), 3)
        os.remove(self.list)
        self.reload()
        self.until(lambda: 'No such file' in self.lede.log_text())
        self.assertEqual(self.lede.total('kyiv', cache='0'), 3)
        self.assertEqual(self.lede.log_text().count('everything stays as it was'), 3)
        self.write('')
        self.reload()
        self.until(lambda: self.lede.total('kyiv') == 1)


class Start(unittest.TestCase):
    def test_a_named_list_that_is_not_there_or_faulty_is_refused_at_the_start(self):
        with tempfile.TemporaryDirectory() as home:
            faulty = os.path.join(home, 'faulty')
            with open(faulty, 'w', encoding='utf-8') as file:
                file.write('a, b\n\na => \n')
            for path, said in ((os.path.join(home, 'none'), 'No such file'), (faulty, "faulty:3: expected words on both sides of one '=>'")):
                with self.assertRaises(RuntimeError) as refused:
                    Program(LEDE_SERVER_SYNONYMS=path)
                self.assertIn(said, str(refused.exception))

    def test_the_list_that_is_installed_can_be_read(self):
        lede = Program(LEDE_SERVER_SYNONYMS=os.path.join(ROOT, 'config', 'synonyms'))
        try:
            lede.bulk([{'id': 'a', 'language': 'en', 'title': 'The organization of a theater in Odessa', 'body': 'It was a long night for them.'}])
            self.assertEqual(lede.ids('organisation theatre odesa'), ['a'])
        finally:
            self.assertEqual(lede.stop(), 0)
            lede.remove()


if __name__ == '__main__':
    tap.main(globals())
