/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values are read in the order of documents, where neighbours are often alike: so a text is first
 * held against the one before it, then looked up. Numbers are four bytes each until all texts are
 * known. */
#include "column.h"

#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 5 /* the kind, the slot */

/* Find a column, or read it and add it. */
static enum lede_status get_column(struct lede_index *index, size_t part, char kind, uint32_t slot,
    enum lede_status (*read)(struct lede_index *index, size_t part, uint32_t slot,
        struct lede_kept_item **ret_item, struct lede_error *reterr),
    struct lede_kept_item **ret_item, struct lede_error *reterr)
{
    unsigned char key[KEY_BYTES] = {(unsigned char)kind};
    struct lede_kept *kept = lede_kept_of(index, part);
    if (!kept)
        return lede_fail_memory(reterr);
    memcpy(key + 1, &slot, sizeof(slot));
    struct lede_kept_item *item = lede_kept_find(kept, key, sizeof(key));
    if (!item) {
        enum lede_status status = read(index, part, slot, &item, reterr);
        if (status != LEDE_OK)
            return status;
        item = lede_kept_add(kept, key, sizeof(key), item);
        if (!item)
            return lede_fail_memory(reterr);
    }
    *ret_item = item;
    return LEDE_OK;
}

/* Bytes of a slot's values; 0: any, but none. */
static size_t size_of_slot(uint32_t slot)
{
    switch (slot) {
    case LEDE_SLOT_PUBLISHED:
    case LEDE_SLOT_UPDATED:
    case LEDE_SLOT_EMBARGOED_UNTIL:
    case LEDE_SLOT_EXPIRES:
        return 5;
    case LEDE_SLOT_QUARTER_HOUR:
    case LEDE_SLOT_LENGTH:
        return 4;
    case LEDE_SLOT_DAY:
        return 3;
    case LEDE_SLOT_STORY:
        return LEDE_STORY_KEY_DIGITS;
    default:
        return 0;
    }
}

static bool has_shape(uint32_t slot, size_t size)
{
    size_t expected = size_of_slot(slot);
    return expected > 0 ? size == expected : size > 0 && size < UINT32_MAX;
}

/* A walk over a slot's values. */
struct reading {
    uint32_t slot;
    uint32_t documents; /* entries of the column */
    enum lede_status status;
    uint32_t document; /* at which it ended, where that is not OK */
};

/* Is it a value of the slot, and of a document of the part? */
static bool check_value(struct reading *reading, uint32_t document, size_t size)
{
    if (document < reading->documents && has_shape(reading->slot, size))
        return true;
    reading->status = LEDE_ECORRUPT;
    reading->document = document;
    return false;
}

static enum lede_status fail_reading(const struct reading *reading, struct lede_error *reterr)
{
    if (reading->status != LEDE_ECORRUPT)
        return lede_fail_memory(reterr);
    return lede_fail(reterr, LEDE_ECORRUPT, "document %u: its value %u cannot be read",
        reading->document, reading->slot);
}

/* ---- Texts ---- */

struct text_reading {
    struct reading reading;
    struct lede_text_column *column;
    size_t text_capacity;
    size_t *starts; /* of the texts in the column's bytes, which move while they grow */
    size_t start_capacity;
    size_t byte_count;
    size_t byte_capacity;
    uint32_t last; /* number of the text that was read last */
};

static void values_done(struct lede_column_values *values)
{
    free(values->texts);
    free(values->starts);
    free(values->numbers);
    memset(values, 0, sizeof(*values));
}

static void free_text_column(struct lede_kept_item *item)
{
    struct lede_text_column *column = (struct lede_text_column *)item;
    free(column->numbers);
    free(column->texts);
    free(column->bytes);
    lede_table_done(&column->table);
    values_done(&column->values);
    free(column);
}

static void free_text_columnp(struct lede_text_column **column)
{
    if (*column)
        free_text_column(&(*column)->item);
}

static bool is_text(
    const struct text_reading *reading, uint32_t number, const char *text, size_t size)
{
    const struct lede_text_column *column = reading->column;
    return column->texts[number].size == size &&
           memcmp(column->bytes + reading->starts[number], text, size) == 0;
}

/* The number of a text, a new one where it has none yet; 0: no memory. */
static uint32_t number_of_text(struct text_reading *reading, const char *text, size_t size)
{
    struct lede_text_column *column = reading->column;
    if (reading->last > 0 && is_text(reading, reading->last, text, size))
        return reading->last;
    uint64_t hash = lede_hash64(text, size);
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&column->table, &probe)) {
        if (is_text(reading, probe.number, text, size))
            return probe.number;
    }
    uint32_t number = column->text_count;
    size_t texts = (size_t)number + 1;
    if (!LEDE_ARRAY_RESERVE(column->texts, reading->text_capacity, texts) ||
        !LEDE_ARRAY_RESERVE(reading->starts, reading->start_capacity, texts) ||
        !LEDE_ARRAY_RESERVE(column->bytes, reading->byte_capacity, reading->byte_count + size) ||
        lede_table_reserve(&column->table, texts) != LEDE_OK)
        return 0;
    memcpy(column->bytes + reading->byte_count, text, size);
    reading->starts[number] = reading->byte_count;
    reading->byte_count += size;
    column->texts[number] = (struct lede_column_text){NULL, (uint32_t)size, 0};
    column->text_count++;
    lede_table_add(&column->table, hash, number);
    return number;
}

static bool note_text(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct text_reading *reading = context;
    if (!check_value(&reading->reading, document, size))
        return false;
    reading->last = number_of_text(reading, bytes, size);
    if (reading->last == 0) {
        reading->reading.status = LEDE_ENOMEM;
        return false;
    }
    ((uint32_t *)reading->column->numbers)[document] = reading->last;
    reading->column->texts[reading->last].documents++;
    return true;
}

/* Give back what arrays have too much; each stays where it is if that cannot be. */
static void *trim(void *items, size_t bytes)
{
    void *trimmed = bytes > 0 ? realloc(items, bytes) : NULL;
    return trimmed ? trimmed : items;
}

/* In as few bytes as the highest number needs. Status: OK; ENOMEM. */
static enum lede_status narrow_numbers(struct lede_text_column *column)
{
    const uint32_t *wide = column->numbers;
    uint32_t highest = column->text_count - 1;
    column->width = highest <= UINT8_MAX ? 1 : highest <= UINT16_MAX ? 2 : 4;
    if (column->width == 4)
        return LEDE_OK;
    void *numbers = malloc((size_t)column->documents * column->width);
    if (!numbers)
        return LEDE_ENOMEM;
    if (column->width == 1) {
        for (uint32_t i = 0; i < column->documents; i++)
            ((uint8_t *)numbers)[i] = (uint8_t)wide[i];
    } else {
        for (uint32_t i = 0; i < column->documents; i++)
            ((uint16_t *)numbers)[i] = (uint16_t)wide[i];
    }
    free(column->numbers);
    column->numbers = numbers;
    return LEDE_OK;
}

static int compare_texts(const void *a, const void *b)
{
    const struct lede_column_text *left = a, *right = b;
    return memcmp(left->text, right->text, left->size); /* of one size */
}

/* Renumber texts, all of one size, by their bytes. */
static enum lede_status sort_texts(struct lede_text_column *column, size_t size)
{
    LEDE_CLEANUP(lede_freep) uint32_t *after = calloc(column->text_count, sizeof(*after));
    if (!after)
        return LEDE_ENOMEM;
    const char *first = column->bytes;
    qsort(column->texts + 1, column->text_count - 1, sizeof(*column->texts), compare_texts);
    for (uint32_t i = 1; i < column->text_count; i++) /* texts lie in the order of their numbers */
        after[(size_t)(column->texts[i].text - first) / size + 1] = i;
    for (uint32_t i = 0; i < column->documents; i++)
        ((uint32_t *)column->numbers)[i] = after[((uint32_t *)column->numbers)[i]];
    struct lede_table table = {0};
    if (lede_table_reserve(&table, column->text_count) != LEDE_OK)
        return LEDE_ENOMEM;
    for (uint32_t i = 1; i < column->text_count; i++)
        lede_table_add(&table, lede_hash64(column->texts[i].text, size), i);
    lede_table_done(&column->table);
    column->table = table;
    return LEDE_OK;
}

/* ---- Joined texts ---- */

struct splitting {
    struct lede_column_values *values;
    struct lede_table table;
    size_t text_capacity;
    size_t number_count;
    size_t number_capacity;
};

static bool add_value(
    struct splitting *splitting, const char *text, size_t size, uint32_t documents)
{
    struct lede_column_values *values = splitting->values;
    uint64_t hash = lede_hash64(text, size);
    struct lede_probe probe = lede_table_probe(hash);
    uint32_t number = 0;
    while (number == 0 && lede_table_next(&splitting->table, &probe)) {
        const struct lede_column_text *known = &values->texts[probe.number];
        if (known->size == size && memcmp(known->text, text, size) == 0)
            number = probe.number;
    }
    if (number == 0) {
        number = values->count;
        if (!LEDE_ARRAY_RESERVE(values->texts, splitting->text_capacity, (size_t)number + 1) ||
            lede_table_reserve(&splitting->table, (size_t)number + 1) != LEDE_OK)
            return false;
        values->texts[number] = (struct lede_column_text){text, (uint32_t)size, 0};
        values->count++;
        lede_table_add(&splitting->table, hash, number);
    }
    values->texts[number].documents += documents;
    if (splitting->number_count == UINT32_MAX ||
        !LEDE_ARRAY_RESERVE(
            values->numbers, splitting->number_capacity, splitting->number_count + 1))
        return false;
    values->numbers[splitting->number_count++] = number;
    return true;
}

static bool split_text(struct splitting *splitting, const struct lede_column_text *text)
{
    const char *rest = text->text, *end = text->text + text->size;
    while (rest < end) {
        const char *separator = memchr(rest, LEDE_FACET_SEPARATOR, (size_t)(end - rest));
        const char *value_end = separator ? separator : end;
        if (!add_value(splitting, rest, (size_t)(value_end - rest), text->documents))
            return false;
        rest = separator ? separator + 1 : end;
    }
    return true;
}

/* Status: OK; ENOMEM: the values are incomplete. */
static enum lede_status split_texts(
    const struct lede_text_column *column, struct splitting *splitting)
{
    struct lede_column_values *values = splitting->values;
    values->starts = calloc((size_t)column->text_count + 1, sizeof(*values->starts));
    if (!values->starts || !LEDE_ARRAY_RESERVE(values->texts, splitting->text_capacity, 1))
        return LEDE_ENOMEM;
    values->texts[0] = (struct lede_column_text){"", 0, 0};
    values->count = 1;
    for (uint32_t i = 1; i < column->text_count; i++) {
        values->starts[i] = (uint32_t)splitting->number_count;
        if (!split_text(splitting, &column->texts[i]))
            return LEDE_ENOMEM;
    }
    values->starts[column->text_count] = (uint32_t)splitting->number_count;
    values->texts = trim(values->texts, values->count * sizeof(*values->texts));
    values->numbers = trim(values->numbers, splitting->number_count * sizeof(*values->numbers));
    return LEDE_OK;
}

static enum lede_status find_values(struct lede_text_column *column, size_t byte_count)
{
    if (byte_count == 0 || !memchr(column->bytes, LEDE_FACET_SEPARATOR, byte_count))
        return LEDE_OK;
    struct splitting splitting = {.values = &column->values};
    enum lede_status status = split_texts(column, &splitting);
    column->item.bytes += column->values.count * sizeof(*column->values.texts) +
                          ((size_t)column->text_count + splitting.number_count) * sizeof(uint32_t);
    lede_table_done(&splitting.table);
    return status;
}

/* What is done once all texts are known. Status: OK; ENOMEM. */
static enum lede_status finish_texts(struct text_reading *reading)
{
    struct lede_text_column *column = reading->column;
    uint32_t slot = reading->reading.slot;
    bool is_time = slot == LEDE_SLOT_DAY || slot == LEDE_SLOT_QUARTER_HOUR;
    column->texts = trim(column->texts, column->text_count * sizeof(*column->texts));
    column->bytes = trim(column->bytes, reading->byte_count);
    for (uint32_t i = 1; i < column->text_count; i++)
        column->texts[i].text = column->bytes + reading->starts[i];
    if (is_time && sort_texts(column, size_of_slot(slot)) != LEDE_OK)
        return LEDE_ENOMEM;
    if (narrow_numbers(column) != LEDE_OK)
        return LEDE_ENOMEM;
    size_t slots = column->table.slots ? column->table.mask + 1 : 0;
    column->item.bytes = sizeof(*column) + (size_t)column->documents * column->width +
                         column->text_count * sizeof(*column->texts) + reading->byte_count +
                         slots * sizeof(*column->table.slots);
    column->item.nanoseconds = (uint64_t)column->documents * LEDE_READ_VALUE_NS;
    return is_time ? LEDE_OK : find_values(column, reading->byte_count);
}

static enum lede_status read_texts(
    struct lede_index *index, size_t part, struct text_reading *reading, struct lede_error *reterr)
{
    struct lede_text_column *column = reading->column;
    column->item.free_item = free_text_column;
    column->documents = reading->reading.documents;
    column->numbers = calloc(column->documents, sizeof(uint32_t));
    if (!column->numbers || !LEDE_ARRAY_RESERVE(column->texts, reading->text_capacity, 1) ||
        !LEDE_ARRAY_RESERVE(reading->starts, reading->start_capacity, 1))
        return lede_fail_memory(reterr);
    column->texts[0] = (struct lede_column_text){"", 0, 0};
    reading->starts[0] = 0;
    column->text_count = 1;
    enum lede_status status = lede_index_read_values(
        index, part, reading->reading.slot, NULL, 0, note_text, reading, reterr);
    if (status != LEDE_OK)
        return status;
    if (reading->reading.status != LEDE_OK)
        return fail_reading(&reading->reading, reterr);
    return finish_texts(reading) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status read_text_column(struct lede_index *index, size_t part, uint32_t slot,
    struct lede_kept_item **ret_item, struct lede_error *reterr)
{
    LEDE_CLEANUP(free_text_columnp) struct lede_text_column *column = calloc(1, sizeof(*column));
    if (!column)
        return lede_fail_memory(reterr);
    struct text_reading reading = {
        .reading = {slot, lede_index_part_at(index, part).last_document + 1, LEDE_OK, 0},
        .column = column};
    enum lede_status status = read_texts(index, part, &reading, reterr);
    free(reading.starts);
    if (status != LEDE_OK)
        return status;
    *ret_item = &LEDE_TAKE(&column)->item;
    return LEDE_OK;
}

enum lede_status lede_text_column_get(struct lede_index *index, size_t part, uint32_t slot,
    struct lede_text_column **ret_column, struct lede_error *reterr)
{
    struct lede_kept_item *item = NULL;
    enum lede_status status =
        get_column(index, part, LEDE_KEPT_TEXT_COLUMN, slot, read_text_column, &item, reterr);
    if (status == LEDE_OK)
        *ret_column = (struct lede_text_column *)item;
    return status;
}

uint32_t lede_text_column_find(const struct lede_text_column *column, const char *text, size_t size)
{
    struct lede_probe probe = lede_table_probe(lede_hash64(text, size));
    while (lede_table_next(&column->table, &probe)) {
        const struct lede_column_text *known = &column->texts[probe.number];
        if (known->size == size && memcmp(known->text, text, size) == 0)
            return probe.number;
    }
    return 0;
}

/* ---- Numbers ---- */

struct number_reading {
    struct reading reading;
    struct lede_number_column *column;
};

static void free_number_column(struct lede_kept_item *item)
{
    struct lede_number_column *column = (struct lede_number_column *)item;
    free(column->numbers);
    free(column);
}

static void free_number_columnp(struct lede_number_column **column)
{
    if (*column)
        free_number_column(&(*column)->item);
}

static int64_t decode_number(uint32_t slot, const unsigned char *bytes)
{
    switch (slot) {
    case LEDE_SLOT_QUARTER_HOUR:
        return lede_schema_decode_quarter_hour(bytes);
    case LEDE_SLOT_DAY:
        return lede_schema_decode_day(bytes);
    case LEDE_SLOT_LENGTH:
        return (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    default:
        return lede_schema_decode_time(bytes);
    }
}

static bool note_number(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct number_reading *reading = context;
    if (!check_value(&reading->reading, document, size))
        return false;
    reading->column->numbers[document] =
        decode_number(reading->reading.slot, (const unsigned char *)bytes);
    return true;
}

static enum lede_status read_numbers(struct lede_index *index, size_t part,
    struct number_reading *reading, struct lede_error *reterr)
{
    struct lede_number_column *column = reading->column;
    column->item.free_item = free_number_column;
    column->documents = reading->reading.documents;
    column->item.bytes = sizeof(*column) + (size_t)column->documents * sizeof(*column->numbers);
    column->item.nanoseconds = (uint64_t)column->documents * LEDE_READ_VALUE_NS;
    column->numbers = calloc(column->documents, sizeof(*column->numbers));
    if (!column->numbers)
        return lede_fail_memory(reterr);
    for (uint32_t i = 0; i < column->documents; i++)
        column->numbers[i] = LEDE_TIME_NONE;
    enum lede_status status = lede_index_read_values(
        index, part, reading->reading.slot, NULL, 0, note_number, reading, reterr);
    if (status != LEDE_OK)
        return status;
    return reading->reading.status == LEDE_OK ? LEDE_OK : fail_reading(&reading->reading, reterr);
}

static enum lede_status read_number_column(struct lede_index *index, size_t part, uint32_t slot,
    struct lede_kept_item **ret_item, struct lede_error *reterr)
{
    LEDE_CLEANUP(free_number_columnp)
    struct lede_number_column *column = calloc(1, sizeof(*column));
    if (!column)
        return lede_fail_memory(reterr);
    struct number_reading reading = {
        .reading = {slot, lede_index_part_at(index, part).last_document + 1, LEDE_OK, 0},
        .column = column};
    enum lede_status status = read_numbers(index, part, &reading, reterr);
    if (status != LEDE_OK)
        return status;
    *ret_item = &LEDE_TAKE(&column)->item;
    return LEDE_OK;
}

enum lede_status lede_number_column_get(struct lede_index *index, size_t part, uint32_t slot,
    struct lede_number_column **ret_column, struct lede_error *reterr)
{
    struct lede_kept_item *item = NULL;
    enum lede_status status =
        get_column(index, part, LEDE_KEPT_NUMBER_COLUMN, slot, read_number_column, &item, reterr);
    if (status == LEDE_OK)
        *ret_column = (struct lede_number_column *)item;
    return status;
}

bool lede_number_column_find(
    struct lede_index *index, size_t part, uint32_t slot, struct lede_number_column **ret_column)
{
    unsigned char key[KEY_BYTES] = {LEDE_KEPT_NUMBER_COLUMN};
    struct lede_kept *kept = lede_kept_of(index, part);
    memcpy(key + 1, &slot, sizeof(slot));
    *ret_column = kept ? (struct lede_number_column *)lede_kept_find(kept, key, sizeof(key)) : NULL;
    return *ret_column != NULL;
}

enum lede_status lede_column_read_again(
    struct lede_index *index, size_t part, const char *key, size_t size, struct lede_error *reterr)
{
    bool is_of_texts = key[0] == LEDE_KEPT_TEXT_COLUMN;
    uint32_t slot;
    struct lede_kept_item *item = NULL;
    if (size != KEY_BYTES)
        return LEDE_OK;
    memcpy(&slot, key + 1, sizeof(slot));
    enum lede_status status = get_column(index, part, key[0], slot,
        is_of_texts ? read_text_column : read_number_column, &item, reterr);
    lede_kept_let_go(item);
    return status;
}
