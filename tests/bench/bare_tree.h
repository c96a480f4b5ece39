/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query's tree as stock Xapian can match it: the floor that a class of searches is measured
 * against.
 *
 * Only operators that Xapian has, over the same terms that Lede reads, in an index whose words have
 * positions (bare_index.cc). Where Xapian cannot express what is asked, the bare tree is the match
 * of the words alone, which finds more: nothing is decided for it that Xapian would not decide.
 *   words            the stems in every field, one OP_SYNONYM exact words, CAPS their terms
 *   phrases          OP_PHRASE a field LEAD: its words anywhere
 *   NEAR, ADJ        OP_NEAR, OP_PHRASE a field between words and ORs of words, else AND of the
 *                    operands
 *   SAME             AND of the operands ATLEAST its operand
 *   patterns         OR of the terms of the words that they stand for; which those are is found
 *                    before
 *   AND OR NOT, dates, lengths   Xapian's own operators */
#ifndef LEDE_BENCH_BARE_TREE_H
#define LEDE_BENCH_BARE_TREE_H

#include "lede/query.h"

#include <xapian.h>

struct lede_index;

namespace bench
{

/* Throws what Xapian throws. */
Xapian::Query bare_tree(struct lede_index *index, const struct lede_query_node *root);

} // namespace bench
#endif
