# SPDX-License-Identifier: GPL-2.0-or-later
"""The contest's tables, from what its passes measured: medians of rounds; of times, all samples."""
import json
import statistics
import sys

CLASSES = ('or', 'and', 'phrase')


def table(title, heads, rows):
    print(f'\n{title}\n\n| {" | ".join(heads)} |\n|{" --- |" * len(heads)}')
    for row in rows:
        print(f'| {" | ".join(row)} |')


def number(value, digits=3):
    """So many digits that count."""
    whole = f'{value:.0f}'
    return f'{value:,.{max(0, digits - len(whole))}f}' if value >= 1 else f'{value:.{digits - 1}f}'


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def times_ms(passes, queries, kind):
    return [
        us / 1000 for p in passes for query, us in p['samples']
        if kind == 'all' or queries[query][0] == kind
    ]


def rate(passes):
    return statistics.median(len(p['samples']) / p['seconds'] for p in passes)


def cpu_ms(passes):
    return statistics.median(p['cpu_seconds'] * 1000 / len(p['samples']) for p in passes)


def p50_p99(passes, queries, kind):
    found = times_ms(passes, queries, kind)
    return f'{number(percentile(found, .5))} / {number(percentile(found, .99))}' if found else '–'


class Result:
    def __init__(self, result):
        self.result, self.queries = result, result['queries']
        self.names = list(result['found'])
        self.counts = sorted({p['connections'] for p in result['passes'] if p['stage'] == 'warm'})

    def passes(self, engine, stage, kind='all', connections=1):
        return [
            p for p in self.result['passes']
            if (p['engine'], p['stage'], p['class'], p['connections']) == (engine, stage, kind,
                                                                           connections)
        ]

    def print_rates(self):
        counts = self.counts
        heads = [
            '', *(f'searches/s, {count} conn.' for count in counts),
            *(f'p50 / p99 ms, {count} conn.' for count in counts), 'CPU ms a search',
            'client CPU ms'
        ]
        rows = []
        for engine in self.names:
            passes = [self.passes(engine, 'warm', 'all', count) for count in counts]
            client = statistics.median(p['client_cpu_seconds'] * 1000 / len(p['samples'])
                                       for p in passes[0])
            rows.append([
                engine, *(number(rate(p)) for p in passes),
                *(p50_p99(p, self.queries, 'all') for p in passes),
                number(cpu_ms(passes[0])), f'{client:.3f}'
            ])
        table('All classes mixed, warm:', heads, rows)

    def print_classes(self):
        rows = []
        for engine in self.names:
            cells = []
            for kind in CLASSES:
                passes = self.passes(engine, 'alone', kind)
                cells += [
                    number(rate(passes)),
                    p50_p99(passes, self.queries, kind),
                    number(cpu_ms(passes))
                ]
            rows.append([engine, *cells])
        table('Each class by itself, warm, one connection:', [
            '', *(f'{kind}: {what}' for kind in CLASSES
                  for what in ('searches/s', 'p50 / p99 ms', 'CPU ms'))
        ], rows)

    def print_cold(self):
        rows = []
        for engine in self.names:
            passes = self.passes(engine, 'cold')
            rows.append([
                engine,
                number(rate(passes)),
                *(p50_p99(passes, self.queries, kind) for kind in ('all', *CLASSES)),
                number(cpu_ms(passes))
            ])
        table('Cold: each query once after a start, classes mixed, one connection:', [
            '', 'searches/s', *(f'{kind}: p50 / p99 ms'
                                for kind in ('all', *CLASSES)), 'CPU ms a search'
        ], rows)

    def print_ratios(self):
        """Lede over the others: ratios of the same round, of these the median."""
        kinds = [('warm', 'all', count) for count in self.counts]
        kinds += [('cold', 'all', 1)] + [('alone', kind, 1) for kind in CLASSES]
        rows = []
        for other in self.names[1:] if self.names[0] == 'lede' else []:
            cells = []
            for kind in kinds:
                pairs = list(zip(self.passes('lede', *kind), self.passes(other, *kind)))
                faster = statistics.median(rate([a]) / rate([b]) for a, b in pairs)
                cheaper = statistics.median(cpu_ms([b]) / (cpu_ms([a]) or 1) for a, b in pairs)
                cells.append(f'{faster:.2f} ({cheaper:.2f})')
            rows.append([f'Lede / {other}', *cells])
        heads = [f'{count} conn.' for count in self.counts]
        table('Searches a second, Lede over another (CPU a search, the other over Lede):',
              ['', *heads, 'cold', *CLASSES], rows)

    def print_sizes(self):
        rows = []
        for engine in self.names:
            filled, memory = self.result['fill'][engine], self.result['memory'][engine]
            rows.append([
                engine, ' + '.join(f'{part:.1f}' for part in filled['seconds']),
                number(filled['cpu_seconds']),
                number(filled['peak_mb'], 4),
                number(filled['bytes'] / 1e6, 4),
                number(filled['bytes'] / self.result['corpus_bytes']),
                number(max(m['VmHWM'] for m in memory), 4),
                number(max(m['RssAnon'] for m in memory), 4)
            ])
        table('Filling, bytes and memory:', [
            '', 'filling s', 'its CPU s', 'its peak MB', 'index MB', 'of the input',
            'server: peak RSS MB', 'of that its own, at the end'
        ], rows)

    def print_found(self):
        base = self.result['found'].get('lede') or self.result['found'][self.names[0]]
        rows = []
        for engine in self.names:
            found = self.result['found'][engine]
            for kind in CLASSES:
                numbers = [i for i, (name, _) in enumerate(self.queries) if name == kind]
                totals = [(found[i]['total'], base[i]['total']) for i in numbers]
                apart = [
                    abs(mine - theirs) / max(mine, theirs) if mine != theirs else 0
                    for mine, theirs in totals
                ]
                hits = sum(found[i]['hits'] for i in numbers) or 1
                rows.append([
                    engine, kind, f'{sum(mine for mine, _ in totals):,}',
                    f'{sum(mine for mine, _ in totals) / (sum(t for _, t in totals) or 1):.4f}',
                    f'{sum(mine == theirs for mine, theirs in totals) / len(totals):.1%}',
                    f'{statistics.mean(apart):.2%}',
                    ' / '.join(str(sum(sign * mine < sign * theirs for mine, theirs in totals))
                               for sign in (1, -1)),
                    str(sum(mine == 0 for mine, _ in totals)),
                    str(sum(found[i]['hits'] != min(10, found[i]['total']) for i in numbers)),
                    f'{sum(found[i]["marked"] for i in numbers) / hits:.1%}',
                    f'{sum(found[i]["snippet_chars"] for i in numbers) / hits:.0f}'
                ])
        table(f'Totals, query by query, beside those of {self.names[0]}:', [
            '', 'class', 'sum of totals', 'of its sum', 'equal', 'apart, mean', 'fewer / more',
            'nothing found', 'too few hits', 'snippets marked', 'characters'
        ], rows)

    def print_loads(self):
        loads = [p['load'] for p in self.result['passes']]
        cut = sum(
            len(p['samples']) < sum(1 for kind, _ in self.queries if p['class'] in ('all', kind))
            for p in self.result['passes'])
        print(f'\nLoad average while asking: {min(loads):.1f} to {max(loads):.1f}, '
              f'median {statistics.median(loads):.1f}. Passes that were cut: {cut}.')


def write(result):
    shown = Result(result)
    shown.print_rates()
    shown.print_classes()
    shown.print_cold()
    shown.print_ratios()
    shown.print_sizes()
    shown.print_found()
    shown.print_loads()


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf-8') as results:
        write(json.load(results))
