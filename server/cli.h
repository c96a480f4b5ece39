/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share: their table, their flags, their exit codes, how they complain.
 *
 * Only this floor prints. Results go to standard output, everything else to standard error, each
 * line of it after "lede: ". */
#ifndef LEDE_CLI_H
#define LEDE_CLI_H

#include "lede/base.h"

enum lede_exit {
    LEDE_EXIT_OK = 0,
    LEDE_EXIT_SOME = 1,          /* it ran; something was rejected, or nothing was found */
    LEDE_EXIT_TROUBLE = 2,       /* it could not run */
    LEDE_EXIT_INTERRUPTED = 130, /* Ctrl-C, as shells count it */
};

/* What the command line said; strings are borrowed from argv, NULL where a flag was not given. */
struct lede_arguments {
    const char *config;
    const char *data;
    const char *listen;
    const char *url;
    const char *format;
    const char *charset;
    const char *rejects;
    const char *map;
    const char *interval;
    const char *state;
    const char *limit;
    const char *offset;
    const char *sort;
    const char *source;
    const char *section;
    const char *author;
    const char *lang;
    const char *after;
    const char *before;
    const char *key_file;
    const char *follow;
    const char *shards;
    const char *cluster;
    const char *etcd;
    const char *advertise;
    const char *copies;
    const char *ca_file;
    const char *rights;
    const char *filter;
    const char *expires;
    const char *note;
    const char *overlap;
    const char *rate;
    const char *searches;
    bool json;
    bool repair;
    bool read_only;
    bool copy;
    bool may_derive;
    bool no_texts;
    bool once;
    bool check;
    bool explain;
    bool help;
    char *const *words; /* what is no flag */
    size_t word_count;
};

struct lede_flag {
    const char *name; /* without the dashes */
    /* NULL: a switch. A shell completes "FILE", "PATH" (a file or a directory), "DIR", "FORMAT"
     * (what files may be imported as) and choices with | between, "newest|oldest"; any other is a
     * word for people. */
    const char *argument;
    size_t offset; /* of the member in struct lede_arguments */
    const char *help;
};

struct lede_command {
    const char *name;
    const char *summary;           /* one line */
    const char *usage;             /* after "lede NAME " */
    const char *details;           /* paragraphs of --help */
    const struct lede_flag *flags; /* ends with a row without name */
    size_t words_min, words_max;   /* of what is no flag */
    enum lede_exit (*run)(const struct lede_arguments *arguments);
    /* What is no flag, written as a flag's argument; NULL: nothing. "QUERY": -word is one of its
     * words, and leaves out what has it. */
    const char *words;
};

/* NULL where there is no such command. */
const struct lede_command *lede_command_find(const char *name);

/* Read the flags of one command; complains by itself.
 * argc, argv      what follows the command's name; argv is reordered, flags may stand behind words
 * ret_arguments   borrows from argv
 * Returns false if the command cannot run. */
LEDE_CHECKED bool lede_arguments_read(const struct lede_command *command, int argc, char **argv,
    struct lede_arguments *ret_arguments);
/* Print --help of one command to standard output. */
void lede_command_help(const struct lede_command *command);

/* Print "lede: …" to standard error. Returns LEDE_EXIT_TROUBLE, so that a failure is one line. */
enum lede_exit lede_complain(const char *format, ...) LEDE_PRINTF(1, 2);
/* Print an error and its hint. Returns LEDE_EXIT_TROUBLE. */
enum lede_exit lede_complain_error(const struct lede_error *error);

enum lede_exit lede_command_serve(const struct lede_arguments *arguments);
enum lede_exit lede_command_import(const struct lede_arguments *arguments);
enum lede_exit lede_command_search(const struct lede_arguments *arguments);
enum lede_exit lede_command_stats(const struct lede_arguments *arguments);
enum lede_exit lede_command_follow(const struct lede_arguments *arguments);
enum lede_exit lede_command_mcp(const struct lede_arguments *arguments);
enum lede_exit lede_command_top(const struct lede_arguments *arguments);
enum lede_exit lede_command_health(const struct lede_arguments *arguments);
enum lede_exit lede_command_check(const struct lede_arguments *arguments);
enum lede_exit lede_command_compact(const struct lede_arguments *arguments);
enum lede_exit lede_command_backup(const struct lede_arguments *arguments);
enum lede_exit lede_command_key(const struct lede_arguments *arguments);
enum lede_exit lede_command_promote(const struct lede_arguments *arguments);
enum lede_exit lede_command_cluster(const struct lede_arguments *arguments);
enum lede_exit lede_command_restore(const struct lede_arguments *arguments);

#endif
