/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include "lede/encoding.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1 /* of all that stands under the prefix */

void lede_key_write(const char *cluster, enum lede_key key, char ret_key[LEDE_KEY_SIZE])
{
    static const char *const endings[LEDE_KEYS] = {[LEDE_KEY_ALL] = "",
        [LEDE_KEY_CLUSTER] = "cluster",
        [LEDE_KEY_NODES] = "nodes/",
        [LEDE_KEY_COPIES] = "shards/0/copies",
        [LEDE_KEY_LEADER] = "shards/0/leader",
        [LEDE_KEY_HEAD] = "shards/0/head"};
    snprintf(ret_key, LEDE_KEY_SIZE, "/lede/%s/%s", cluster, endings[key]);
}

/* Append an object, which is given up. */
static void write_json(json_t *value, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_freep) char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (text)
        lede_buffer_append_string(out, text);
    else
        out->failed = true;
}

static bool copy_text(const json_t *value, char *ret_text, size_t room)
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) >= room)
        return false;
    strcpy(ret_text, text);
    return true;
}

static bool copy_names(const json_t *array, char (*names)[LEDE_NODE_NAME_MAX + 1], size_t *count)
{
    *count = json_array_size(array);
    bool is_good = json_is_array(array) && *count <= LEDE_CLUSTER_COPIES_MAX;
    for (size_t i = 0; is_good && i < *count; i++)
        is_good = copy_text(json_array_get(array, i), names[i], LEDE_NODE_NAME_MAX + 1);
    return is_good;
}

static json_t *array_of(const char (*names)[LEDE_NODE_NAME_MAX + 1], size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)!json_array_append_new(array, json_string(names[i]));
    return array;
}

/* ---- The head ---- */

void lede_head_write(const struct lede_head *head, struct lede_buffer *out)
{
    char chain[33];
    lede_hex_write(head->place.chain.bytes, sizeof(head->place.chain.bytes), chain);
    write_json(json_pack("{s:I, s:I, s:I, s:s, s:o}", "position", (json_int_t)head->place.position,
                   "revision", (json_int_t)head->revision, "term", (json_int_t)head->place.term,
                   "chain", chain, "holders", array_of(head->holders, head->holder_count)),
        out);
}

bool lede_head_read(const char *text, size_t size, struct lede_head *ret_head)
{
    json_auto_t *root = json_loadb(text, size, 0, NULL);
    json_int_t position = 0, revision = 0, term = 0;
    const char *chain = NULL;
    json_t *holders = NULL;
    struct lede_head head = {0};
    if (!root ||
        json_unpack(root, "{s:I, s:I, s:I, s:s, s:o}", "position", &position, "revision", &revision,
            "term", &term, "chain", &chain, "holders", &holders) != 0 ||
        position < 0 || revision < 0 || term < 0 || strlen(chain) != 32 ||
        !lede_hex_read(chain, 32, head.place.chain.bytes) ||
        !copy_names(holders, head.holders, &head.holder_count))
        return false;
    head.place.position = (uint64_t)position;
    head.place.term = (uint64_t)term;
    head.revision = (uint64_t)revision;
    *ret_head = head;
    return true;
}

/* ---- The cluster, copies, nodes ---- */

void lede_facts_write(const struct lede_cluster_facts *facts, struct lede_buffer *out)
{
    write_json(json_pack("{s:i, s:s, s:i, s:i}", "format", FORMAT, "id", facts->id, "copies",
                   (int)facts->copies, "shards", 1),
        out);
}

bool lede_facts_read(const char *text, size_t size, struct lede_cluster_facts *ret_facts)
{
    json_auto_t *root = json_loadb(text, size, 0, NULL);
    int format = 0, copies = 0, shards = 0;
    const char *id = NULL;
    if (!root ||
        json_unpack(root, "{s:i, s:s, s:i, s:i}", "format", &format, "id", &id, "copies", &copies,
            "shards", &shards) != 0 ||
        format != FORMAT || shards != 1 || copies < 1 || copies > LEDE_CLUSTER_COPIES_MAX ||
        strlen(id) != LEDE_HISTORY_SIZE - 1)
        return false;
    strcpy(ret_facts->id, id);
    ret_facts->copies = (uint32_t)copies;
    return true;
}

void lede_names_write(const struct lede_names *names, struct lede_buffer *out)
{
    write_json(array_of(names->items, names->count), out);
}

bool lede_names_read(const char *text, size_t size, struct lede_names *ret_names)
{
    json_auto_t *root = json_loadb(text, size, 0, NULL);
    struct lede_names names = {0};
    if (!root || !copy_names(root, names.items, &names.count))
        return false;
    *ret_names = names;
    return true;
}

bool lede_names_have(const struct lede_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

void lede_node_write(const char *url, const char *directory_id, struct lede_buffer *out)
{
    write_json(json_pack("{s:s, s:s}", "url", url, "directory", directory_id), out);
}

bool lede_node_read(const char *text, size_t size, char ret_url[256], char ret_directory_id[17])
{
    json_auto_t *root = json_loadb(text, size, 0, NULL);
    return root && copy_text(json_object_get(root, "url"), ret_url, 256) &&
           copy_text(json_object_get(root, "directory"), ret_directory_id, 17);
}
