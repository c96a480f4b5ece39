/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building, looking up, completing. */
#include "internal.h"
#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((uint64_t)(LEDE_LEXICON_WORDS_MAX + 1) * LEDE_LEXICON_WORD_BYTES_MAX <= UINT32_MAX,
    "offsets into the text are 32 bits");

/* ---- Characters ---- */

size_t lexicon_characters(
    const char *word, size_t size, uint32_t ret_characters[LEDE_LEXICON_CHARS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)word[i];
        bool continues = lede_utf8_continues(word[i]) && count > 0;
        if (byte >= '0' && byte <= '9')
            return 0;
        if (continues)
            ret_characters[count - 1] = ret_characters[count - 1] << 8 | byte;
        else if (count == LEDE_LEXICON_CHARS_MAX)
            return 0;
        else
            ret_characters[count++] = byte;
    }
    return count;
}

/* ---- Building ---- */

struct lede_lexicon_builder {
    char *text;
    size_t text_size;
    size_t text_capacity;
    uint32_t *starts; /* count + 1 once there is any */
    uint32_t *documents;
    size_t starts_capacity;
    size_t documents_capacity;
    size_t count;
    uint32_t least; /* rarer words are left out */
    size_t left_out;
    char last[LEDE_LEXICON_WORD_BYTES_MAX]; /* the word added last */
    size_t last_size;
};

enum lede_status lede_lexicon_builder_new(
    struct lede_lexicon_builder **ret_builder, struct lede_error *reterr)
{
    struct lede_lexicon_builder *builder = calloc(1, sizeof(*builder));
    if (!builder)
        return lede_fail_memory(reterr);
    builder->least = 1;
    *ret_builder = builder;
    return LEDE_OK;
}

void lede_lexicon_builder_free(struct lede_lexicon_builder *builder)
{
    if (!builder)
        return;
    free(builder->text);
    free(builder->starts);
    free(builder->documents);
    free(builder);
}

void lede_lexicon_builder_freep(struct lede_lexicon_builder **builder)
{
    lede_lexicon_builder_free(*builder);
    *builder = NULL;
}

static bool reserve_word(struct lede_lexicon_builder *builder, size_t size)
{
    if (!LEDE_ARRAY_RESERVE(builder->text, builder->text_capacity, builder->text_size + size) ||
        !LEDE_ARRAY_RESERVE(builder->starts, builder->starts_capacity, builder->count + 2) ||
        !LEDE_ARRAY_RESERVE(builder->documents, builder->documents_capacity, builder->count + 1))
        return false;
    builder->starts[builder->count] = (uint32_t)builder->text_size;
    return true;
}

/* Too many words: those of the least frequency go, all of them, so that what stays does not depend
 * on the alphabet. */
static void drop_rarest(struct lede_lexicon_builder *builder)
{
    size_t left = 0, text_size = 0;
    builder->least++;
    for (size_t i = 0; i < builder->count; i++) {
        size_t start = builder->starts[i], size = builder->starts[i + 1] - start;
        if (builder->documents[i] < builder->least)
            continue;
        memmove(builder->text + text_size, builder->text + start, size);
        builder->documents[left] = builder->documents[i];
        builder->starts[left++] = (uint32_t)text_size;
        text_size += size;
    }
    builder->left_out += builder->count - left;
    builder->count = left;
    builder->text_size = text_size;
    builder->starts[left] = (uint32_t)text_size;
}

static int compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    if (order != 0)
        return order;
    return a_size < b_size ? -1 : a_size > b_size;
}

enum lede_status lede_lexicon_builder_add(struct lede_lexicon_builder *builder, const char *word,
    size_t size, uint32_t documents, struct lede_error *reterr)
{
    if (size == 0 || size > LEDE_LEXICON_WORD_BYTES_MAX)
        return LEDE_OK;
    if (compare(builder->last, builder->last_size, word, size) >= 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected a word behind '%.*s', found '%.*s'",
            (int)builder->last_size, builder->last, (int)size, word);
    if (documents >= builder->least) {
        if (!reserve_word(builder, size))
            return lede_fail_memory(reterr);
        memcpy(builder->text + builder->text_size, word, size);
        builder->text_size += size;
        builder->documents[builder->count++] = documents;
        builder->starts[builder->count] = (uint32_t)builder->text_size;
    } else {
        builder->left_out++;
    }
    memcpy(builder->last, word, size);
    builder->last_size = size;
    while (builder->count > LEDE_LEXICON_WORDS_MAX)
        drop_rarest(builder);
    return LEDE_OK;
}

/* ---- The filter's order ---- */

/* Count the candidates of each length, then, where they have a place, put them there. */
static void sort_by_length(struct lede_lexicon *lexicon, bool count_only)
{
    uint32_t characters[LEDE_LEXICON_CHARS_MAX];
    for (uint32_t i = 0; i < lexicon->count; i++) {
        size_t length = lexicon_characters(lexicon->text + lexicon->starts[i],
            lexicon->starts[i + 1] - lexicon->starts[i], characters);
        if (length < 2)
            continue;
        if (count_only) {
            lexicon->length_starts[length + 1]++;
            lexicon->candidate_count++;
            continue;
        }
        uint32_t place = lexicon->length_starts[length]++;
        lexicon->candidates[place] = i;
        lexicon->letters[place] = lexicon_letters(characters, length);
    }
}

static enum lede_status list_candidates(struct lede_lexicon *lexicon)
{
    const size_t lengths = LEDE_COUNT_OF(lexicon->length_starts);
    sort_by_length(lexicon, true);
    for (size_t i = 1; i < lengths; i++)
        lexicon->length_starts[i] += lexicon->length_starts[i - 1];
    lexicon->candidates = malloc((lexicon->candidate_count + 1) * sizeof(*lexicon->candidates));
    lexicon->letters = malloc((lexicon->candidate_count + 1) * sizeof(*lexicon->letters));
    if (!lexicon->candidates || !lexicon->letters)
        return LEDE_ENOMEM;
    sort_by_length(lexicon, false);
    memmove(lexicon->length_starts + 1, lexicon->length_starts, (lengths - 1) * sizeof(uint32_t));
    lexicon->length_starts[0] = 0;
    return LEDE_OK;
}

uint64_t lexicon_letters(const uint32_t *characters, size_t count)
{
    uint64_t letters = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t once = UINT64_C(1) << (lexicon_slot(characters[i]) * 2);
        letters |= letters & once ? once << 1 : once;
    }
    return letters;
}

/* Give back what growing took too much; a failure leaves it as it is. */
static void *shrink(void *memory, size_t size)
{
    void *smaller = realloc(memory, size);
    return smaller ? smaller : memory;
}

enum lede_status lede_lexicon_builder_finish(struct lede_lexicon_builder *builder,
    uint64_t revision, struct lede_lexicon **ret_lexicon, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_lexicon_unrefp) struct lede_lexicon *lexicon = calloc(1, sizeof(*lexicon));
    if (!lexicon)
        return lede_fail_memory(reterr);
    lexicon->references = 1;
    lexicon->revision = revision;
    lexicon->left_out = builder->left_out;
    lexicon->count = (uint32_t)builder->count;
    if (lexicon->count > 0) {
        lexicon->text = shrink(LEDE_TAKE(&builder->text), builder->text_size);
        lexicon->starts =
            shrink(LEDE_TAKE(&builder->starts), (builder->count + 1) * sizeof(uint32_t));
        lexicon->documents =
            shrink(LEDE_TAKE(&builder->documents), builder->count * sizeof(uint32_t));
    }
    builder->text_size = builder->text_capacity = builder->count = 0;
    builder->starts_capacity = builder->documents_capacity = 0;
    builder->last_size = 0;
    builder->left_out = 0;
    builder->least = 1;
    if (list_candidates(lexicon) != LEDE_OK || lexicon_list_names(lexicon) != LEDE_OK ||
        lede_cache_new(LEDE_LEXICON_CORRECTIONS_BYTES, &lexicon->corrections) != LEDE_OK)
        return lede_fail_memory(reterr);
    *ret_lexicon = LEDE_TAKE(&lexicon);
    return LEDE_OK;
}

struct lede_lexicon *lede_lexicon_ref(struct lede_lexicon *lexicon)
{
    if (lexicon)
        __atomic_add_fetch(&lexicon->references, 1, __ATOMIC_RELAXED);
    return lexicon;
}

void lede_lexicon_unref(struct lede_lexicon *lexicon)
{
    if (!lexicon || __atomic_sub_fetch(&lexicon->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free(lexicon->text);
    free(lexicon->starts);
    free(lexicon->documents);
    free(lexicon->candidates);
    free(lexicon->letters);
    free(lexicon->names);
    lede_cache_free(lexicon->corrections);
    free(lexicon);
}

void lede_lexicon_unrefp(struct lede_lexicon **lexicon)
{
    lede_lexicon_unref(*lexicon);
    *lexicon = NULL;
}

/* ---- Asking ---- */

uint64_t lede_lexicon_revision(const struct lede_lexicon *lexicon)
{
    return lexicon->revision;
}

size_t lede_lexicon_word_count(const struct lede_lexicon *lexicon)
{
    return lexicon->count;
}

size_t lede_lexicon_left_out(const struct lede_lexicon *lexicon)
{
    return lexicon->left_out;
}

/* The first word that is not before `key`. */
static uint32_t lower_bound(const struct lede_lexicon *lexicon, const char *key, size_t size)
{
    uint32_t low = 0, high = lexicon->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t start = lexicon->starts[middle];
        if (compare(lexicon->text + start, lexicon->starts[middle + 1] - start, key, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct lede_lexicon_word lexicon_word(const struct lede_lexicon *lexicon, uint32_t number)
{
    uint32_t start = lexicon->starts[number];
    return (struct lede_lexicon_word){.word = lexicon->text + start,
        .size = lexicon->starts[number + 1] - start,
        .documents = lexicon->documents[number]};
}

static bool has_prefix(
    const struct lede_lexicon *lexicon, uint32_t number, const char *prefix, size_t size)
{
    struct lede_lexicon_word word = lexicon_word(lexicon, number);
    return word.size >= size && memcmp(word.word, prefix, size) == 0;
}

uint32_t lede_lexicon_documents(const struct lede_lexicon *lexicon, const char *word, size_t size)
{
    uint32_t number = lower_bound(lexicon, word, size);
    if (number == lexicon->count || !has_prefix(lexicon, number, word, size))
        return 0;
    struct lede_lexicon_word found = lexicon_word(lexicon, number);
    return found.size == size ? found.documents : 0;
}

size_t lede_lexicon_complete(const struct lede_lexicon *lexicon, const char *prefix, size_t size,
    const struct lede_lexicon_word *behind, size_t limit, struct lede_lexicon_word *ret_words)
{
    size_t count = 0;
    uint32_t most = behind ? behind->documents : UINT32_MAX;
    uint32_t last = behind ? lower_bound(lexicon, behind->word, behind->size) : 0;
    if (limit == 0 || lexicon->count == 0)
        return 0;
    for (uint32_t i = lower_bound(lexicon, prefix, size);
         i < lexicon->count && has_prefix(lexicon, i, prefix, size); i++) {
        bool was_told =
            lexicon->documents[i] > most || (behind && lexicon->documents[i] == most && i <= last);
        if (was_told || (count == limit && lexicon->documents[i] <= ret_words[count - 1].documents))
            continue;
        size_t place = count < limit ? count++ : count - 1;
        for (; place > 0 && ret_words[place - 1].documents < lexicon->documents[i]; place--)
            ret_words[place] = ret_words[place - 1];
        ret_words[place] = lexicon_word(lexicon, i);
    }
    return count;
}
