/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lede/encoding.h"

const struct promise promises[] = {
    {"query", promise_of_query},
    {"text", promise_of_text},
    {"marks", promise_of_marks},
    {"document", promise_of_document},
    {"stored", promise_of_stored},
    {"body", promise_of_body},
    {"format", promise_of_format},
    {"journal", promise_of_journal},
    {"manifest", promise_of_manifest},
    {"positions", promise_of_positions},
    {"stored_text", promise_of_stored_text},
    {"cursor", promise_of_cursor},
    {"parameters", promise_of_parameters},
    {"key", promise_of_key},
    {"settings", promise_of_settings},
    {"synonyms", promise_of_synonyms},
    {"requests", promise_of_requests},
    {"etcd", promise_of_etcd},
    {NULL, NULL},
};

void promise_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

uint8_t promise_take_byte(struct promise_input *input)
{
    struct promise_input taken = promise_take(input, 1);
    return taken.size > 0 ? taken.data[0] : 0;
}

uint16_t promise_take_short(struct promise_input *input)
{
    uint8_t low = promise_take_byte(input);
    return (uint16_t)(promise_take_byte(input) << 8 | low);
}

struct promise_input promise_take(struct promise_input *input, size_t most)
{
    struct promise_input taken = {input->data, input->size < most ? input->size : most};
    input->data += taken.size;
    input->size -= taken.size;
    return taken;
}

char *promise_copy(const uint8_t *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    PROMISE(copy);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *promise_copy_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    PROMISE(text);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* ---- The directory ---- */

static char directory[256];

static void empty_directory(void)
{
    DIR *stream = opendir(directory);
    PROMISE(stream);
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            PROMISE(unlinkat(dirfd(stream), entry->d_name, 0) == 0);
    }
    closedir(stream);
}

static void remove_directory(void)
{
    empty_directory();
    (void)!rmdir(directory);
}

const char *promise_directory(void)
{
    const char *parent = getenv("TMPDIR");
    if (directory[0]) {
        empty_directory();
        return directory;
    }
    snprintf(directory, sizeof(directory), "%.200s/lede-fuzz-XXXXXX", parent ? parent : "/tmp");
    PROMISE(mkdtemp(directory));
    atexit(remove_directory);
    return directory;
}

void promise_write_file(const char *where, const char *name, const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", where, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    PROMISE(fd >= 0 && (size == 0 || write(fd, data, size) == (ssize_t)size));
    close(fd);
}

void promise_refusal(const struct lede_error *error, enum lede_status status, size_t size)
{
    PROMISE(error->status == status && error->message[0]);
    PROMISE(lede_utf8_is_valid(error->message, strlen(error->message)));
    PROMISE(lede_utf8_is_valid(error->hint, strlen(error->hint)));
    PROMISE(!error->has_position || error->position <= size);
}
