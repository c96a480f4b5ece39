# SPDX-License-Identifier: GPL-2.0-or-later
"""/openapi.json says what the program does: its parameters are taken, within their bounds, with their defaults; and the
page names none that it does not say."""
import os
import re

from program import ROOT, WithProgram
import tap

WEB = os.path.join(ROOT, 'server', 'web')
# What a parameter may be given, where its schema alone does not tell.
VALUES = {'searches': [{'q': 'ferry'}], 'after': '2020-01-01', 'before': 'now', 'recency': '7d', 'timeout': '5s', 'in': 'title', 'highlight': 'none',
          'time_zone': 'Europe/Berlin', 'story': '0123456789abcdef', 'confirm': 0, 'window': '2h'}
# They cannot be asked for alone, or change what is told of the time it took.
APART = {'cursor', 'timeout'}


def source(name):
    with open(os.path.join(WEB, name), encoding='utf-8') as file:
        return file.read()


def value_of(name, schema):
    if name in VALUES:
        return VALUES[name]
    schema = schema.get('items', schema)
    if 'enum' in schema:
        return schema['enum'][-1]
    return schema['maximum'] if 'maximum' in schema else 1 if schema['type'] in ('integer', 'boolean') else 'x'


def references(value):
    if isinstance(value, dict):
        yield from [value['$ref']] if '$ref' in value else []
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from references(item)


class Described(WithProgram):
    with_sample = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.description = cls.lede.get('/openapi.json').json

    def operations(self):
        """Path and method, and the schemas of the parameters, of all that search."""
        for path, item in self.description['paths'].items():
            for method, operation in item.items():
                if path.startswith('/replication/'):
                    continue
                if method == 'get' and operation.get('parameters'):
                    yield path, method, {p['name']: p['schema'] for p in operation['parameters']}
                elif method == 'post' and (path in ('/search', '/documents/delete') or path.startswith('/export.')):
                    yield path, method, operation['requestBody']['content']['application/json']['schema']['properties']

    def schemas(self, wanted_path, wanted_method='get'):
        return next(schemas for path, method, schemas in self.operations() if (path, method) == (wanted_path, wanted_method))

    def ask(self, path, method, **parameters):
        path = path.replace('{id}', self.documents[0]['id'])
        if 'against' in parameters:
            parameters['against'] = self.documents[1]['id']
        if method == 'get':
            return self.lede.ask('GET', path, list(parameters.items()))
        return self.lede.post(path, parameters)

    def test_every_reference_leads_somewhere(self):
        for reference in references(self.description):
            target = self.description
            for step in reference.removeprefix('#/').split('/'):
                target = target[step]

    def test_searches_feeds_exports_suggestions_similar_documents_deletion_and_what_was_asked_are_described(self):
        paths = sorted((path, method) for path, method, _ in self.operations())
        self.assertEqual(paths, [('/documents/delete', 'post'), ('/documents/{id}/similar', 'get'), ('/documents/{id}/versions', 'get'), ('/export.csv', 'get'), ('/export.csv', 'post'),
                                 ('/export.ndjson', 'get'), ('/export.ndjson', 'post'), ('/export.txt', 'get'), ('/export.txt', 'post'), ('/queries', 'get'), ('/search', 'get'),
                                 ('/search', 'post'), ('/search.atom', 'get'), ('/search.csv', 'get'), ('/search.jsonfeed', 'get'), ('/search.rss', 'get'),
                                 ('/suggest', 'get'), ('/suggest.opensearch', 'get')])
        self.assertEqual(list(self.schemas('/search')), [name for name in self.schemas('/search', 'post') if name != 'searches'])

    def test_what_is_described_is_taken_and_nothing_else(self):
        for path, method, schemas in self.operations():
            for name, schema in schemas.items():
                with self.subTest(path=path, method=method, name=name):
                    answer = self.ask(path, method, **{name: value_of(name, schema)})
                    wanted = 'bad-cursor' if name == 'cursor' else 'confirmation-failed' if name == 'confirm' else ''
                    if path == '/documents/delete' and name != 'confirm':
                        self.expect_problem(answer, 400, 'invalid-parameter', param='confirm')
                    elif wanted:
                        self.assertEqual(answer.json['type'], '/problems/' + wanted)
                    else:
                        self.assertEqual(answer.status, 200, answer.text[:300])
            for name in {n for _, _, others in self.operations() for n in others} - set(schemas) | {'colour'}:
                with self.subTest(path=path, method=method, not_taken=name):
                    self.expect_problem(self.ask(path, method, **{name: 'x'}), 400, 'unknown-parameter', param=name)

    def test_bounds_are_those_described(self):
        for path, method, schemas in self.operations():
            for name, schema in schemas.items():
                for bound, step in (('minimum', -1), ('maximum', 1)):
                    if bound not in schema:
                        continue
                    with self.subTest(path=path, method=method, name=name, bound=bound):
                        self.expect_problem(self.ask(path, method, **{name: schema[bound] + step}), 400, 'invalid-parameter', param=name)
                        self.assertNotIn('invalid-parameter', self.ask(path, method, **{name: schema[bound]}).text)

    def test_defaults_are_those_described(self):
        for path, method, schemas in self.operations():
            if method == 'post' or path in ('/search.atom', '/queries'):
                continue
            time = {'timeout': '10s'} if 'timeout' in schemas else {}  # this is about values, not about a slow machine
            for name, schema in schemas.items():
                if 'default' not in schema or name in APART or name == 'sort':
                    continue
                value = schema['default']
                value = ','.join(value) if isinstance(value, list) else str(value).lower()
                with self.subTest(path=path, name=name):
                    given, absent = (re.sub(r'"took_ms":[0-9.]+|"next":"[^"]*"|<description>.*|<link>[^<]*</link>|"(?:home_page|feed)_url":"[^"]*"|<atom:link[^>]*>', '', answer.text) for answer in (
                        self.ask(path, method, q='ferry', **time, **{name: value}), self.ask(path, method, q='ferry', **time)))
                    self.assertEqual(given, absent)


class Page(Described):
    """The page's own tables name parameters as texts; they are read from there."""

    def names(self, text, pattern):
        return re.findall(r'"([\w,]+)"', re.search(pattern, text, re.S).group(1))

    def filters(self):
        return [name for name, schema in self.schemas('/search').items()
                if schema.get('type') == 'array' and name not in ('in', 'facets', 'fields', 'highlight')]

    def test_each_filter_has_a_name_for_people(self):
        labels = re.search(r'filters\[\] = \{(.*?)\};', source('view.c'), re.S).group(1)
        self.assertEqual(sorted(re.findall(r'\{"(\w+)", "', labels)), sorted(self.filters()))

    def test_its_other_parameters_are_a_searchs(self):
        own = {'similar', 'document', 'against', 'unfold', 'count'}
        named = set(self.names(source('state.c'), r'scalars\[\] = \{(.*?)\};'))
        self.assertLessEqual(own, named)
        self.assertLessEqual(named - own, set(self.schemas('/search')))

    def test_its_facets_are_counted(self):
        facets = self.schemas('/search')['facets']['items']['enum']
        named = self.names(source('view_filters.c'), r'facets\[\] = \{(.*?)\};')
        self.assertLessEqual(set(named), set(facets))
        self.assertEqual(self.names(source('view_filters.c'), r'lede_web_facets\[\] = (.*?);'), [','.join(named)])

    def test_its_bounds_are_the_servers(self):
        schemas = self.schemas('/search')
        self.assertEqual(int(re.search(r'OFFSET_MAX (\d+)', source('state.h')).group(1)), schemas['offset']['maximum'])

    def test_suggestions_take_every_filter_that_the_page_hands_on(self):
        named = self.names(source('assets/search.js'), r'const taken = \[(.*?)\]')
        self.assertLessEqual(set(self.filters()), set(named))
        self.assertLessEqual(set(named), set(self.schemas('/suggest')))


if __name__ == '__main__':
    tap.main(globals())
