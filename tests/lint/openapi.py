# SPDX-License-Identifier: GPL-2.0-or-later
"""The OpenAPI description is held against the code: its paths are the routes. Its parameters
are put in by the program: tests/api/test_openapi.py. Speaks TAP."""
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
    routes = {('get', path) for path in re.findall(r'(?:OPS|HEALTH|FEED)\("([^"]+)"', text)}
    return routes | {(method.lower(), path) for method, path in re.findall(r'[({]\s*"([A-Z]+)", "([^"]+)"', text)}


def routes_of_the_description():
    return {(method, path) for path, item in DESCRIPTION['paths'].items() for method in item if method != 'parameters'}


CHECKS = [
    ('the described paths are the routes', routes_of_the_code() ^ routes_of_the_description()),
    ('the described version is the program\'s',
     {DESCRIPTION['info']['version']} ^ set(re.findall(r"version: '([^']+)',\n  license", read('meson.build')))),
]
print(f'1..{len(CHECKS)}')
for number, (sentence, faults) in enumerate(CHECKS, 1):
    print(f'{"not ok" if faults else "ok"} {number} - {sentence}')
    for fault in sorted(map(str, faults)):
        print(f'# {fault}')
