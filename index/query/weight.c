/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind `^`. */
#include "lede/encoding.h"
#include "lede/number.h"
#include "operands.h"
#include "tree.h"

#include <math.h>

enum lede_status lede_query_apply_weight(
    struct query_context *context, struct lede_query_node *node, const struct query_token *token)
{
    const char *text = context->text + token->start + 1;
    size_t size = token->size - 1;
    double factor = 0;
    double weight = 0;
    if (lede_parse_decimal(text, size, 0, QUERY_WEIGHT_MAX, &factor, NULL) == LEDE_OK)
        weight = round(node->weight * factor * QUERY_WEIGHT_UNIT) / QUERY_WEIGHT_UNIT;
    if (factor <= 0) {
        enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, token->start + 1,
            "expected a weight over 0 and at most %d after '^', found '%.*s'", QUERY_WEIGHT_MAX,
            (int)(size < 40 ? size : lede_utf8_boundary(text, size, 40)), text);
        lede_error_hint(context->reterr, "write a weight as word^2.5; put text with '^' in quotes");
        bool is_number = lede_parse_decimal(text, size, 0, 1e300, &factor, NULL) == LEDE_OK;
        return is_number ? st : lede_query_or_words(context, token->start, 1);
    }
    if (weight <= 0 || weight > QUERY_WEIGHT_MAX) {
        enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, token->start + 1,
            "expected weights from 0.000001 to %d, also where one multiplies another",
            QUERY_WEIGHT_MAX);
        lede_error_hint(context->reterr, "use smaller differences between weights");
        return st;
    }
    /* Every document scores nothing for being a document. */
    if (node->kind != LEDE_QUERY_ALL)
        node->weight = weight;
    return LEDE_OK;
}
