/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tar and zip: their members are read as files of any format.
 *
 * What a small archive unpacks to is bounded, by its own size and in all; so is how deep archives
 * stand in archives. */
#include "nested.h"
#include "spool.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define PACKED_BYTES_MAX (UINT64_C(4) << 30)
#define UNPACKED_BYTES_MAX (UINT64_C(16) << 30)
#define UNPACKED_BYTES_FREE (UINT64_C(64) << 20) /* of any archive */
#define UNPACKED_TIMES_MAX 200                   /* of its own size, behind that */
#define MEMBERS_MAX 1000000
#define DEPTH_MAX 3
#define BLOCK_BYTES ((size_t)64 << 10)

static const struct lede_mapping rows[] = {{NULL, NULL, LEDE_CONVERT_NONE, NULL}};

struct archive_reader {
    struct lede_format_input input;
    struct lede_spool spool;
    struct archive *archive; /* NULL: not begun */
    struct lede_nested nested;
    uint64_t unpacked, unpacked_max, members;
    bool has_ended;
    struct lede_error failed; /* of the member under way, and of all behind it */
};

static void reader_free(void *context)
{
    struct archive_reader *reader = context;
    if (!reader)
        return;
    lede_nested_done(&reader->nested);
    archive_read_free(reader->archive);
    lede_spool_done(&reader->spool);
    free(reader);
}

static enum lede_status reader_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    if (input->depth >= DEPTH_MAX)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected at most %d archives inside each other, found more", DEPTH_MAX);
    struct archive_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return lede_fail_memory(reterr);
    reader->input = *input;
    reader->spool = LEDE_SPOOL_EMPTY;
    *ret_reader = reader;
    return LEDE_OK;
}

static enum lede_status begin(struct archive_reader *reader, struct lede_error *reterr)
{
    uint64_t most = UNPACKED_BYTES_FREE + UNPACKED_TIMES_MAX * reader->spool.size;
    reader->unpacked_max = most < UNPACKED_BYTES_MAX ? most : UNPACKED_BYTES_MAX;
    struct archive *archive = reader->archive = archive_read_new();
    if (!archive)
        return lede_fail_memory(reterr);
    /* Not "all": some of those run programs. */
    bool is_ready = archive_read_support_filter_gzip(archive) == ARCHIVE_OK &&
                    archive_read_support_filter_bzip2(archive) == ARCHIVE_OK &&
                    archive_read_support_filter_xz(archive) == ARCHIVE_OK &&
                    archive_read_support_filter_zstd(archive) == ARCHIVE_OK &&
                    archive_read_support_format_tar(archive) == ARCHIVE_OK &&
                    archive_read_support_format_zip(archive) == ARCHIVE_OK &&
                    archive_read_open_fd(archive, reader->spool.fd, BLOCK_BYTES) == ARCHIVE_OK;
    if (is_ready)
        return LEDE_OK;
    const char *why = archive_error_string(archive);
    return lede_fail(
        reterr, LEDE_EINPUT, "expected a tar or zip archive: %s", why ? why : "it cannot be read");
}

static enum lede_status fail_archive(struct archive_reader *reader, const char *what)
{
    const char *why = archive_error_string(reader->archive);
    return lede_fail(&reader->failed, LEDE_EINPUT, "%s: %s", what, why ? why : "damaged or cut");
}

/* A lede_read_function of the member under way. */
static enum lede_status read_member(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct archive_reader *reader = context;
    ssize_t got = archive_read_data(reader->archive, data, capacity);
    enum lede_status st = LEDE_OK;
    if (got < 0)
        st = fail_archive(reader, "the archive cannot be read on");
    else if (reader->unpacked + (uint64_t)got > reader->unpacked_max)
        st = lede_fail(&reader->failed, LEDE_ELIMIT,
            "expected at most %llu bytes out of an archive of %llu, found more",
            (unsigned long long)reader->unpacked_max, (unsigned long long)reader->spool.size);
    if (st != LEDE_OK) {
        if (reterr)
            *reterr = reader->failed;
        return st;
    }
    reader->unpacked += (uint64_t)got;
    *ret_size = (size_t)got;
    return LEDE_OK;
}

/* Hidden files, and what macOS puts beside each file. */
static bool is_passed_over(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;
    return last[0] == '.' || last[0] == '\0' || strncmp(name, "__MACOSX/", 9) == 0;
}

/* Go to the next member that is a file. *ret_name NULL: there is none. */
static enum lede_status next_member(
    struct archive_reader *reader, const char **ret_name, struct lede_error *reterr)
{
    *ret_name = NULL;
    for (;;) {
        struct archive_entry *entry = NULL;
        int result = archive_read_next_header(reader->archive, &entry);
        if (result == ARCHIVE_EOF)
            return LEDE_OK;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return lede_fail(reterr, LEDE_EINPUT, "member %llu: expected a tar or zip archive: %s",
                (unsigned long long)reader->members + 1,
                archive_error_string(reader->archive) ? archive_error_string(reader->archive)
                                                      : "damaged");
        if (++reader->members > MEMBERS_MAX)
            return lede_fail(
                reterr, LEDE_ELIMIT, "expected at most %d members, found more", MEMBERS_MAX);
        const char *name = archive_entry_pathname_utf8(entry);
        name = name ? name : archive_entry_pathname(entry);
        name = name ? name : "a member without a name";
        if (archive_entry_filetype(entry) == AE_IFREG && !is_passed_over(name)) {
            *ret_name = name;
            return LEDE_OK;
        }
    }
}

static enum lede_status reader_next(
    void *context, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct archive_reader *reader = context;
    enum lede_status st = lede_spool_fill(&reader->spool, &reader->input, PACKED_BYTES_MAX, reterr);
    if (st == LEDE_OK && !reader->archive)
        st = begin(reader, reterr);
    while (st == LEDE_OK && !reader->has_ended) {
        const char *name = NULL;
        if (reader->nested.splitter) {
            st = lede_nested_next(&reader->nested, ret_item, ret_more, reterr);
            if (st != LEDE_OK || *ret_more)
                return st;
        }
        reader->has_ended = reader->failed.status != LEDE_OK; /* it was told with its member */
        if (!reader->has_ended)
            st = next_member(reader, &name, reterr);
        reader->has_ended = reader->has_ended || !name;
        if (st == LEDE_OK && name)
            st = lede_nested_begin(
                &reader->nested, &reader->input, name, NULL, false, read_member, reader, reterr);
    }
    *ret_more = false;
    if (st == LEDE_ELIMIT && reterr)
        reterr->status = st = LEDE_EINPUT; /* of all that is left */
    return st;
}

static uint64_t reader_line(const void *reader)
{
    return ((const struct archive_reader *)reader)->input.first_line;
}

static unsigned recognise(const struct lede_format *format, const struct lede_format_head *head)
{
    (void)format;
    bool is_tar = head->size > 262 && memcmp(head->text + 257, "ustar", 5) == 0;
    bool is_zip = head->size > 30 && memcmp(head->text, "PK\3\4", 4) == 0;
    bool is_packed = head->size > 6 && (memcmp(head->text, "BZh", 3) == 0 || memcmp(head->text,
                                                                                 "\xFD"
                                                                                 "7zXZ",
                                                                                 5) == 0);
    return is_tar || is_zip || is_packed ? LEDE_FORMAT_SURE : LEDE_FORMAT_NO;
}

static const char *const media_types[] = {
    "application/zip", "application/x-tar", "application/x-zip-compressed", NULL};
static const char *const endings[] = {".zip", ".tar", ".tgz", ".tar.bz2", ".tar.xz", NULL};

static const struct lede_format_reader reader = {
    reader_open, reader_next, reader_line, reader_free};

const struct lede_format lede_format_archive = {.name = "archive",
    .title = "tar, zip",
    .media_types = media_types,
    .endings = endings,
    .rows = rows,
    .recognise = recognise,
    .reader = &reader};
