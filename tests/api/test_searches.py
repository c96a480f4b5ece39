# SPDX-License-Identifier: GPL-2.0-or-later
"""POST /search with several searches: each as if it had come alone."""
import json

from program import WithProgram
import tap

JSON = {'Content-Type': 'application/json'}


class Searches(WithProgram):
    with_sample = True

    def ask(self, *searches, **beside):
        body = json.dumps({'searches': list(searches), **beside}).encode()
        return self.lede.ask('POST', '/search', body=body, headers=JSON)

    def answers(self, *searches):
        answer = self.ask(*searches)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json['answers']

    def without_time(self, answer):
        return {key: value for key, value in answer.items() if key != 'took_ms'}

    def test_each_is_what_it_would_be_alone_in_order(self):
        searches = [{'q': 'ferry', 'limit': 3}, {'q': 'budget', 'facets': ['source'], 'sort': 'newest'}, {'q': 'nothingofthekind'}, {}]
        answers = self.answers(*searches)
        self.assertEqual([answer['status'] for answer in answers], [200] * 4)
        for search, answer in zip(searches, answers):
            alone = self.lede.ask('POST', '/search', body=json.dumps(search).encode(), headers=JSON).json
            self.assertEqual(self.without_time(answer['answer']), self.without_time(alone))

    def test_what_is_wrong_with_one_is_its_problem_alone(self):
        answers = self.answers({'q': 'ferry'}, {'q': 'ferry', 'limmit': 3}, {'q': '(ferry', 'strict': True}, {'q': 'ferry', 'limit': -1}, {'q': 'ferry'})
        self.assertEqual([answer['status'] for answer in answers], [200, 400, 400, 400, 200])
        self.assertEqual([answer.get('problem', {}).get('type', '').rpartition('/')[2] for answer in answers],
                         ['', 'unknown-parameter', 'query-syntax', 'invalid-parameter', ''])
        self.assertEqual(answers[1]['problem']['param'], 'limmit')

    def test_a_list_that_is_none_is_refused(self):
        for searches in ([], None, 'ferry', {'q': 'ferry'}, ['ferry'], [{'q': 'ferry'}, 3], [{}] * 101):
            with self.subTest(str(searches)[:40]):
                body = json.dumps({'searches': searches}).encode()
                self.expect_problem(self.lede.ask('POST', '/search', body=body, headers=JSON), 400, 'invalid-parameter', param='searches')
        self.expect_problem(self.ask({'q': 'ferry'}, q='oil'), 400, 'invalid-parameter', param='searches')
        self.assertEqual([answer['status'] for answer in self.answers({'searches': [{'q': 'ferry'}]}, {})], [400, 200])

    def test_together_they_show_no_more_than_one_may(self):
        self.assertEqual(len(self.answers({'q': 'ferry', 'limit': 500}, {'q': 'oil', 'limit': 500})), 2)
        self.expect_problem(self.ask({'q': 'ferry', 'limit': 500}, {'q': 'oil', 'limit': 501}), 400, 'invalid-parameter', param='searches')

    def test_many_that_take_long_are_all_answered(self):
        """Each has its own timeout: those behind have not waited for those before."""
        answers = self.answers(*[{'q': '*a* *e*', 'limit': 10, 'timeout': '1s', 'cache': False}] * 60)
        self.assertEqual({answer['status'] for answer in answers}, {200})
        self.assertEqual(len(answers), 60)


if __name__ == '__main__':
    tap.main(globals())
