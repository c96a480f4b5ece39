# SPDX-License-Identifier: GPL-2.0-or-later
"""The OpenAPI description is held against the code: its paths are the routes, its search parameters the table's. Speaks TAP."""
import json
import os
import re
import sys

ROOT = sys.argv[1]


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


DESCRIPTION = json.loads(read('server/web/assets/openapi.json'))


def routes_of_the_code():
    text = read('server/api/api.c')
    routes = {('get', path) for path in re.findall(r'READ\("([^"]+)"', text)}
    return routes | {(method.lower(), path) for method, path in re.findall(r'\{"([A-Z]+)", "([^"]+)"', text)}


def routes_of_the_description():
    return {(method, path) for path, item in DESCRIPTION['paths'].items() for method in item if method != 'parameters'}


def parameters_of_the_code():
    text = read('server/api/search_params.c')
    return set(re.findall(r'"(\w+)"', re.search(r'lede_search_param_names\[\] = \{(.*?)\};', text, re.S).group(1)))


def references(value):
    if isinstance(value, dict):
        if '$ref' in value:
            yield value['$ref']
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def unresolved():
    for reference in references(DESCRIPTION):
        target = DESCRIPTION
        for step in reference.removeprefix('#/').split('/'):
            target = target.get(step) if isinstance(target, dict) else None
        if target is None:
            yield reference


CHECKS = [
    ('the described paths are the routes', routes_of_the_code() ^ routes_of_the_description()),
    ('the described search parameters are those that a search takes',
     parameters_of_the_code() ^ set(DESCRIPTION['components']['parameters'])),
    ('every reference of the description leads somewhere', set(unresolved())),
    ('the described version is the program\'s',
     {DESCRIPTION['info']['version']} ^ set(re.findall(r"version: '([^']+)',\n  license", read('meson.build')))),
]
print(f'1..{len(CHECKS)}')
for number, (sentence, faults) in enumerate(CHECKS, 1):
    print(f'{"not ok" if faults else "ok"} {number} - {sentence}')
    for fault in sorted(map(str, faults)):
        print(f'# {fault}')
