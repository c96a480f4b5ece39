/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "requests.h"

#include "lede/encoding.h"

#include <inttypes.h>

static void add_bytes(struct lede_buffer *buffer, const char *name, const char *bytes, size_t size)
{
    lede_buffer_append_format(buffer, "\"%s\":\"", name);
    lede_base64_append(buffer, bytes, size);
    lede_buffer_append_char(buffer, '"');
}

static void add_number(struct lede_buffer *buffer, const char *name, int64_t number)
{
    lede_buffer_append_format(buffer, "\"%s\":\"%" PRId64 "\"", name, number);
}

/* The first key behind all that begin with a prefix; a NUL, which etcd takes for none, where the
 * prefix is empty or has no bytes but FF. */
static void add_prefix_end(struct lede_buffer *buffer, const char *prefix, size_t size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer end = {0};
    while (size > 0 && (unsigned char)prefix[size - 1] == 0xFF)
        size--;
    lede_buffer_append(&end, size > 0 ? prefix : "", size > 0 ? size : 1);
    if (end.failed)
        buffer->failed = true;
    if (size > 0 && end.data)
        end.data[size - 1]++;
    lede_buffer_append_char(buffer, ',');
    add_bytes(buffer, "range_end", end.data, end.size);
}

/* The key that a range or a watch begins at: with no prefix, the smallest one there is. */
static void add_start(struct lede_buffer *buffer, const char *key, size_t size)
{
    add_bytes(buffer, "key", size > 0 ? key : "", size > 0 ? size : 1);
}

static void add_compare(struct lede_buffer *buffer, const struct lede_etcd_compare *compare)
{
    static const char *const targets[] = {"CREATE", "MOD", "VERSION", "VALUE"};
    static const char *const members[] = {"create_revision", "mod_revision", "version", "value"};
    static const char *const relations[] = {"EQUAL", "NOT_EQUAL", "LESS", "GREATER"};
    lede_buffer_append_char(buffer, '{');
    add_bytes(buffer, "key", compare->key, compare->key_size);
    lede_buffer_append_format(buffer, ",\"target\":\"%s\",\"result\":\"%s\",",
        targets[compare->target], relations[compare->relation]);
    if (compare->target == LEDE_ETCD_VALUE)
        add_bytes(buffer, "value", compare->value, compare->value_size);
    else
        add_number(buffer, members[compare->target], compare->number);
    lede_buffer_append_char(buffer, '}');
}

static void add_operation(struct lede_buffer *buffer, const struct lede_etcd_operation *operation)
{
    static const char *const names[] = {"put", "delete_range", "range"};
    lede_buffer_append_format(buffer, "{\"request_%s\":{", names[operation->kind]);
    if (operation->is_prefix && operation->kind != LEDE_ETCD_PUT) {
        add_start(buffer, operation->key, operation->key_size);
        add_prefix_end(buffer, operation->key, operation->key_size);
    } else {
        add_bytes(buffer, "key", operation->key, operation->key_size);
    }
    if (operation->kind == LEDE_ETCD_PUT) {
        lede_buffer_append_char(buffer, ',');
        add_bytes(buffer, "value", operation->value, operation->value_size);
        lede_buffer_append_char(buffer, ',');
        add_number(buffer, "lease", operation->lease);
    } else if (operation->kind == LEDE_ETCD_RANGE) {
        lede_buffer_append_format(buffer, ",\"limit\":\"%" PRIu32 "\",\"keys_only\":%s",
            operation->limit, operation->keys_only ? "true" : "false");
    }
    lede_buffer_append_string(buffer, "}}");
}

static void add_operations(struct lede_buffer *buffer, const char *name,
    const struct lede_etcd_operation *operations, size_t count)
{
    lede_buffer_append_format(buffer, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            lede_buffer_append_char(buffer, ',');
        add_operation(buffer, &operations[i]);
    }
    lede_buffer_append_char(buffer, ']');
}

void lede_etcd_write_txn(struct lede_buffer *buffer, const struct lede_etcd_txn *txn)
{
    lede_buffer_append_string(buffer, "{\"compare\":[");
    for (size_t i = 0; i < txn->compare_count; i++) {
        if (i > 0)
            lede_buffer_append_char(buffer, ',');
        add_compare(buffer, &txn->compares[i]);
    }
    lede_buffer_append_char(buffer, ']');
    add_operations(buffer, "success", txn->then, txn->then_count);
    add_operations(buffer, "failure", txn->otherwise, txn->otherwise_count);
    lede_buffer_append_char(buffer, '}');
}

void lede_etcd_write_range(struct lede_buffer *buffer, const struct lede_etcd_range *range,
    const struct lede_buffer *from, int64_t revision, uint32_t limit)
{
    lede_buffer_append_char(buffer, '{');
    if (from->size > 0)
        add_bytes(buffer, "key", from->data, from->size);
    else if (range->is_prefix)
        add_start(buffer, range->key, range->key_size);
    else
        add_bytes(buffer, "key", range->key, range->key_size);
    if (range->is_prefix)
        add_prefix_end(buffer, range->key, range->key_size);
    lede_buffer_append_char(buffer, ',');
    add_number(buffer, "revision", revision);
    lede_buffer_append_format(buffer,
        ",\"limit\":\"%" PRIu32 "\",\"serializable\":%s,\"keys_only\":%s}", limit,
        range->is_serializable ? "true" : "false", range->keys_only ? "true" : "false");
}

void lede_etcd_write_watch(
    struct lede_buffer *buffer, const char *prefix, size_t prefix_size, int64_t revision)
{
    lede_buffer_append_string(buffer, "{\"create_request\":{");
    add_start(buffer, prefix, prefix_size);
    add_prefix_end(buffer, prefix, prefix_size);
    lede_buffer_append_char(buffer, ',');
    add_number(buffer, "start_revision", revision);
    lede_buffer_append_string(buffer, ",\"progress_notify\":true,\"fragment\":true}}");
}

static void write_one(struct lede_buffer *buffer, const char *name, int64_t number)
{
    lede_buffer_append_char(buffer, '{');
    add_number(buffer, name, number);
    lede_buffer_append_char(buffer, '}');
}

void lede_etcd_write_grant(struct lede_buffer *buffer, uint32_t ttl_s)
{
    write_one(buffer, "TTL", ttl_s);
}

void lede_etcd_write_lease(struct lede_buffer *buffer, int64_t lease)
{
    write_one(buffer, "ID", lease);
}

void lede_etcd_write_compaction(struct lede_buffer *buffer, int64_t revision)
{
    write_one(buffer, "revision", revision);
}
