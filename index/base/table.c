/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/table.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 16

static void put(uint64_t *slots, size_t mask, uint64_t slot)
{
    size_t i = (size_t)(slot >> 32) & mask;
    while (slots[i] != 0)
        i = (i + 1) & mask;
    slots[i] = slot;
}

enum lede_status lede_table_reserve(struct lede_table *table, size_t count)
{
    size_t before = table->slots ? table->mask + 1 : 0;
    size_t after = before ? before : SLOTS_FIRST;
    if (before / 2 >= count)
        return LEDE_OK;
    if (count > UINT32_MAX)
        return LEDE_ENOMEM;
    while (after / 2 < count)
        after *= 2;
    uint64_t *slots = calloc(after, sizeof(*slots));
    if (!slots)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < before; i++) {
        if (table->slots[i] != 0)
            put(slots, after - 1, table->slots[i]);
    }
    free(table->slots);
    table->slots = slots;
    table->mask = after - 1;
    return LEDE_OK;
}

void lede_table_add(struct lede_table *table, uint64_t hash, uint32_t number)
{
    put(table->slots, table->mask, hash << 32 | ((uint64_t)number + 1));
    table->count++;
}

void lede_table_replace(struct lede_table *table, const struct lede_probe *probe, uint32_t number)
{
    table->slots[(probe->next - 1) & table->mask] =
        (uint64_t)probe->hash << 32 | ((uint64_t)number + 1);
}

void lede_table_done(struct lede_table *table)
{
    free(table->slots);
    memset(table, 0, sizeof(*table));
}
