# SPDX-License-Identifier: GPL-2.0-or-later
"""/metrics: how long answers take, in two formats, as Prometheus' own tools read them."""
import re
import shutil
import subprocess
import unittest

from program import WithProgram
import tap

OPEN = {'Accept': 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'}
BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, float('inf')]
REQUEST = 'lede_http_request_duration_seconds'
STAGE = 'lede_http_stage_duration_seconds'
SAMPLE = re.compile(r'^(\w+)(?:\{(.*?)\})? ([\d.]+|\+Inf)(?: # \{(.*?)\} ([\d.]+) ([\d.]+))?$')


def labels_of(text):
    return dict(re.findall(r'(\w+)="([^"]*)"', text or ''))


def samples(text):
    """(name, labels, value, exemplar or None) of each sample."""
    for line in text.splitlines():
        if not line.startswith('#'):
            name, labels, value, example, took, moment = SAMPLE.match(line).groups()
            yield name, labels_of(labels), float(value), (labels_of(example), float(took), float(moment)) if example else None


class Metrics(WithProgram):
    with_sample = True

    def metrics(self, headers=None):
        return self.lede.get('/metrics', headers).text

    def buckets(self, metric, **wanted):
        """Counts by bound, summed over the series that have these labels."""
        counts = {}
        for name, labels, value, _ in samples(self.metrics()):
            if name == metric + '_bucket' and all(labels.get(key) == given for key, given in wanted.items()):
                counts[float(labels['le'])] = counts.get(float(labels['le']), 0) + value
        return counts

    def count(self, metric, **wanted):
        return self.buckets(metric, **wanted).get(float('inf'), 0)

    def test_each_answer_is_in_the_series_of_its_route_method_and_status(self):
        asked = [('GET', '/search?q=ferry', 'GET', '/search', '2xx'), ('HEAD', '/search?q=ferry', 'GET', '/search', '2xx'),
                 ('GET', '/search?limit=x', 'GET', '/search', '4xx'), ('GET', '/documents/nothing', 'GET', '/documents/{id}', '4xx'),
                 ('DELETE', '/documents/nothing', 'DELETE', '/documents/{id}', '4xx'), ('GET', '/nowhere', 'none', 'none', '4xx'),
                 ('GET', '/health/live', 'GET', '/health/live', '2xx')]
        for method, path, label, route, status in asked:
            with self.subTest(method=method, path=path):
                before = self.count(REQUEST, route=route, method=label, status=status)
                self.lede.ask(method, path)
                self.until(lambda: self.count(REQUEST, route=route, method=label, status=status) == before + 1)

    def test_buckets_go_from_half_a_millisecond_to_a_minute_and_never_fall(self):
        self.lede.get('/search', q='harbour')
        for metric in (REQUEST, STAGE):
            counts = self.buckets(metric)
            self.assertEqual(sorted(counts), BOUNDS)
            self.assertEqual([counts[bound] for bound in BOUNDS], sorted(counts.values()))

    def test_each_stage_of_a_search_is_counted_where_it_happens(self):
        names = ('queue', 'parse', 'match', 'fetch', 'highlight', 'write')
        before = {name: self.count(STAGE, stage=name) for name in names}
        self.lede.get('/search', q='ferry OR harbour', cache='0')
        self.until(lambda: self.count(STAGE, stage='highlight') == before['highlight'] + 1)
        after = {name: self.count(STAGE, stage=name) for name in names}
        self.assertTrue(all(after[name] > before[name] for name in names), (before, after))
        # What shows nothing highlights nothing.
        self.lede.get('/search', q='ferry', limit=0, cache='0')
        self.until(lambda: self.count(STAGE, stage='match') == after['match'] + 1)
        self.assertEqual(self.count(STAGE, stage='highlight'), after['highlight'])

    def test_sums_and_counts_agree_with_the_buckets(self):
        totals = {}
        for name, labels, value, _ in samples(self.metrics()):
            base = re.sub(r'_(bucket|sum|count)$', '', name)
            if base in (REQUEST, STAGE) and labels.get('le', '+Inf') == '+Inf':
                key = tuple(sorted((k, v) for k, v in labels.items() if k != 'le'))
                totals.setdefault((base, key), {})[name[len(base):]] = value
        self.assertTrue(totals)
        for series, told in totals.items():
            self.assertEqual(told['_bucket'], told['_count'], series)
            self.assertLessEqual(told['_sum'], told['_count'] * 60, series)

    def test_openmetrics_is_for_who_names_it(self):
        for accept in (None, '*/*', 'text/plain', 'application/openmetrics-text;q=0'):
            answer = self.lede.get('/metrics', {'Accept': accept} if accept else None)
            self.assertEqual(answer['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8', accept)
            self.assertNotIn('# EOF', answer.text)
            self.assertNotIn(' # {', answer.text)
        answer = self.lede.get('/metrics', OPEN)
        self.assertEqual(answer['Content-Type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8')
        self.assertTrue(answer.text.endswith('\n# EOF\n'))

    def test_openmetrics_names_families_and_units_as_it_wants_them(self):
        text = self.metrics(OPEN)
        kinds = dict(re.findall(r'^# TYPE (\w+) (\w+)$', text, re.M))
        self.assertEqual(kinds['lede_build'], 'info')
        self.assertEqual(kinds['lede_http_requests'], 'counter')
        for name, unit in re.findall(r'^# UNIT (\w+) (\w+)$', text, re.M):
            self.assertTrue(name.endswith('_' + unit), name)
        endings = {'counter': ['_total'], 'gauge': [''], 'info': ['_info'], 'histogram': ['_bucket', '_sum', '_count']}
        known = {name + ending for name, kind in kinds.items() for ending in endings[kind]}
        self.assertEqual({name for name, _, _, _ in samples(text)} - known, set())
        self.assertTrue(all('.' in labels['le'] or labels['le'] == '+Inf' for _, labels, _, _ in samples(text) if 'le' in labels))

    def test_exemplars_lead_to_a_request_and_its_trace(self):
        trace = '4bf92f3577b34da6a3ce929d0e0e4736'
        headers = {'X-Request-Id': 'of-an-exemplar', 'traceparent': f'00-{trace}-00f067aa0ba902b7-01'}
        path = '/documents/never-asked-for/similar'

        def found():
            self.lede.get(path, headers)
            return [(labels, example) for _, labels, _, example in samples(self.metrics(OPEN))
                    if example and labels.get('route') == '/documents/{id}/similar' and example[0]['request_id'] == 'of-an-exemplar']

        self.until(found)
        labels, (example, took, moment) = found()[0]
        self.assertEqual((labels['status'], example['trace_id']), ('4xx', trace))
        self.assertLessEqual(took, float(labels['le']))
        self.assertGreater(moment, 1_500_000_000)
        self.assertLessEqual(sum(len(key) + len(value) for key, value in example.items()), 128)

    def test_what_serves_and_what_it_takes_of_the_machine_is_told(self):
        told = {name: (labels, value) for name, labels, value, _ in samples(self.metrics())}
        version = self.lede.get('/version').json
        labels, value = told['lede_build_info']
        self.assertEqual((labels['version'], labels['xapian'], value), (version['version'], version['xapian'], 1))
        self.assertGreater(told['process_resident_memory_bytes'][1], 1 << 20)
        self.assertGreater(told['process_cpu_seconds_total'][1], 0)
        self.assertGreater(told['process_open_fds'][1], 5)
        self.assertGreaterEqual(told['process_max_fds'][1], told['process_open_fds'][1])
        self.assertGreater(told['process_start_time_seconds'][1], 1_500_000_000)

    def test_promtool_finds_nothing_wrong_with_it(self):
        promtool = shutil.which('promtool')
        if not promtool:
            raise unittest.SkipTest('promtool is not installed')
        for path in ('/search?q=ferry', '/search?limit=x', '/suggest?q=fer', '/nowhere', '/documents/x'):
            self.lede.ask('GET', path)
        checked = subprocess.run([promtool, 'check', 'metrics'], input=self.metrics(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, '', ''))


if __name__ == '__main__':
    tap.main(globals())
