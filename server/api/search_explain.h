/* explain=true: the tree as JSON, and for each hit which clause gave what. */
#ifndef LEDE_API_SEARCH_EXPLAIN_H
#define LEDE_API_SEARCH_EXPLAIN_H

#include "search_run.h"

/* Append the member "tree". */
void lede_explain_query(struct lede_buffer *out, const struct lede_query *query);
/* Append the member "explain": an array of {"clause", "start", "size", "score"}, one a clause of the query
 * that is not prohibited; start and size in bytes of q; score null where the clause does not match. Status:
 * what lede_index_clause_score() gives. */
LEDE_CHECKED enum lede_status lede_explain_hit(struct lede_api_worker *worker,
    const struct lede_search_run *run, const struct lede_document *document, double score,
    struct lede_buffer *out, struct lede_error *reterr);

#endif
