/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answers.h"
#include "client.h"
#include "requests.h"

static enum lede_status check_key(size_t size, struct lede_error *reterr)
{
    if (size <= LEDE_ETCD_KEY_BYTES_MAX)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ELIMIT, "expected a key of at most %d bytes, found %zu",
        LEDE_ETCD_KEY_BYTES_MAX, size);
}

static enum lede_status check_operations(const struct lede_etcd_operation *operations, size_t count,
    size_t *ret_bytes, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (count > LEDE_ETCD_OPERATIONS_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d operations, found %zu",
            LEDE_ETCD_OPERATIONS_MAX, count);
    for (size_t i = 0; i < count && st == LEDE_OK; i++) {
        st = check_key(operations[i].key_size, reterr);
        *ret_bytes += operations[i].key_size;
        if (operations[i].kind == LEDE_ETCD_PUT)
            *ret_bytes += operations[i].value_size;
    }
    return st;
}

static enum lede_status check_compares(
    const struct lede_etcd_txn *txn, size_t *ret_bytes, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (txn->compare_count > LEDE_ETCD_OPERATIONS_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d compares, found %zu",
            LEDE_ETCD_OPERATIONS_MAX, txn->compare_count);
    for (size_t i = 0; i < txn->compare_count && st == LEDE_OK; i++) {
        const struct lede_etcd_compare *compare = &txn->compares[i];
        st = check_key(compare->key_size, reterr);
        *ret_bytes += compare->key_size;
        *ret_bytes += compare->target == LEDE_ETCD_VALUE ? compare->value_size : 0;
    }
    return st;
}

/* Is it of a size that etcd takes? */
static enum lede_status check(
    const struct lede_etcd *client, const struct lede_etcd_txn *txn, struct lede_error *reterr)
{
    size_t bytes = 0;
    enum lede_status st = check_compares(txn, &bytes, reterr);
    if (st == LEDE_OK)
        st = check_operations(txn->then, txn->then_count, &bytes, reterr);
    if (st == LEDE_OK)
        st = check_operations(txn->otherwise, txn->otherwise_count, &bytes, reterr);
    if (st == LEDE_OK && bytes > client->request_bytes_max)
        st = lede_fail(reterr, LEDE_ELIMIT,
            "expected at most %zu bytes of keys and values for etcd, found %zu",
            client->request_bytes_max, bytes);
    return st;
}

enum lede_status lede_etcd_commit(struct lede_etcd *client, const struct lede_etcd_txn *txn,
    struct lede_etcd_result *ret_result, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    struct lede_etcd_channel *channel = NULL;
    struct lede_etcd_answer answer = {0};
    struct lede_etcd_result result = {0};
    struct lede_error why = {0};
    enum lede_status st = check(client, txn, reterr);
    if (st != LEDE_OK)
        return st;
    lede_etcd_write_txn(&body, txn);
    st = lede_etcd_call(client, "/v3/kv/txn", &body, LEDE_ETCD_WRITES, &channel, &answer, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_etcd_read_txn(answer.text, answer.size, txn, &result, &why);
    lede_etcd_give_back(client, channel);
    if (st != LEDE_OK) {
        lede_etcd_result_done(&result);
        return lede_fail(
            reterr, LEDE_ETIMEOUT, "whether it was done is not known: %s", why.message);
    }
    *ret_result = result;
    return LEDE_OK;
}
