# SPDX-License-Identifier: GPL-2.0-or-later
"""The measures of TREC, for binary judgements, as trec_eval defines them: sums over judged queries, depth 1,000."""
import math

DEPTH = 1000


def average_precision(ranked, relevant):
    found, total = 0, 0.0
    for rank, document in enumerate(ranked[:DEPTH], 1):
        if document in relevant:
            found += 1
            total += found / rank
    return total / len(relevant)


def precision(ranked, relevant, depth):
    return sum(document in relevant for document in ranked[:depth]) / depth


def recall(ranked, relevant, depth):
    return sum(document in relevant for document in ranked[:depth]) / len(relevant)


def ndcg(ranked, relevant, depth):
    gain = sum(1 / math.log2(rank + 1) for rank, document in enumerate(ranked[:depth], 1) if document in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(depth, len(relevant)) + 1))
    return gain / ideal


MEASURES = {
    'nDCG@10': lambda ranked, relevant: ndcg(ranked, relevant, 10),
    'MAP': average_precision,
    'P@10': lambda ranked, relevant: precision(ranked, relevant, 10),
    'P@30': lambda ranked, relevant: precision(ranked, relevant, 30),
    'R@100': lambda ranked, relevant: recall(ranked, relevant, 100),
}


def means(rankings, judgements):
    """rankings: query -> ids, best first; judgements: query -> set of relevant ids. Queries without relevant documents do not count."""
    judged = [query for query, relevant in judgements.items() if relevant]
    return {name: sum(measure(rankings.get(query, []), judgements[query]) for query in judged) / len(judged)
            for name, measure in MEASURES.items()}
