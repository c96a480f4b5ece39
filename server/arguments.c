/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags by one table a command: getopt_long() reads them, and --help prints the same table. */
#include "cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLAGS_MAX 24
#define FLAG_VALUE 0x100 /* + index in the table; above every short option */

enum lede_exit lede_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fputs("lede: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
    return LEDE_EXIT_TROUBLE;
}

enum lede_exit lede_complain_error(const struct lede_error *error)
{
    (void)lede_complain("%s", error->message);
    if (error->hint[0])
        (void)lede_complain("%s", error->hint);
    return LEDE_EXIT_TROUBLE;
}

static size_t flag_count(const struct lede_command *command)
{
    size_t count = 0;
    while (command->flags[count].name)
        count++;
    return count;
}

/* getopt_long() tells of an unknown flag only where it stood. */
static void complain_of_unknown(const struct lede_command *command, const char *given)
{
    char expected[512] = "";
    for (const struct lede_flag *flag = command->flags; flag->name; flag++) {
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "--%s, ", flag->name);
    }
    (void)lede_complain(
        "%s: unknown or ambiguous flag '%.60s'; expected %s--help", command->name, given, expected);
}

static bool check_words(const struct lede_command *command, const struct lede_arguments *arguments)
{
    if (arguments->help)
        return true;
    if (arguments->word_count < command->words_min)
        (void)lede_complain("%s: expected 'lede %s %s'; see lede %s --help", command->name,
            command->name, command->usage, command->name);
    else if (arguments->word_count > command->words_max)
        (void)lede_complain("%s: unexpected '%.60s'; expected 'lede %s %s'", command->name,
            arguments->words[command->words_max], command->name, command->usage);
    else
        return true;
    return false;
}

static void set_flag(const struct lede_flag *flag, struct lede_arguments *arguments)
{
    char *member = (char *)arguments + flag->offset;
    if (flag->argument)
        *(const char **)(void *)member = optarg;
    else
        *(bool *)member = true;
}

/* What no flag begins. `--` itself ends all flags. */
static bool is_word(const struct lede_command *command, const char *text)
{
    bool is_dashed = text[0] == '-' && text[1] != '\0';
    bool has_query = command->words && strcmp(command->words, "QUERY") == 0;
    bool is_letter = strcmp(text, "-h") == 0 || strcmp(text, "-n") == 0;
    bool is_of_query = has_query && text[1] != '-' && !is_letter;
    return !is_dashed || is_of_query;
}

/* `-n` is `--limit`, where there is one. */
static int limit_flag(const struct lede_command *command)
{
    for (int i = 0; command->flags[i].name; i++) {
        if (strcmp(command->flags[i].name, "limit") == 0)
            return FLAG_VALUE + i;
    }
    return '?';
}

/* Read the flag at optind, and what stands behind it. */
static bool read_flag(const struct lede_command *command, int argc, char **argv,
    const struct option *options, struct lede_arguments *arguments)
{
    const char *given = argv[optind];
    int value = getopt_long(argc, argv, "+:hn:", options, NULL);
    if (value == 'n')
        value = limit_flag(command);
    if (value == 'h') {
        arguments->help = true;
    } else if (value >= FLAG_VALUE) {
        set_flag(&command->flags[value - FLAG_VALUE], arguments);
    } else if (value == ':' && (optopt >= FLAG_VALUE || limit_flag(command) != '?')) {
        int number = optopt >= FLAG_VALUE ? optopt : limit_flag(command);
        const struct lede_flag *flag = &command->flags[number - FLAG_VALUE];
        (void)lede_complain(
            "%s: --%s: expected %s behind it", command->name, flag->name, flag->argument);
    } else {
        complain_of_unknown(command, given);
    }
    return value == 'h' || value >= FLAG_VALUE;
}

bool lede_arguments_read(
    const struct lede_command *command, int argc, char **argv, struct lede_arguments *ret_arguments)
{
    struct option options[FLAGS_MAX + 2] = {{"help", no_argument, NULL, 'h'}};
    struct lede_arguments arguments = {.words = argv + 1};
    size_t count = flag_count(command);
    for (size_t i = 0; i < count && i < FLAGS_MAX; i++) {
        const struct lede_flag *flag = &command->flags[i];
        options[i + 1] = (struct option){flag->name,
            flag->argument ? required_argument : no_argument, NULL, FLAG_VALUE + (int)i};
    }
    opterr = 0;
    optind = 1;
    /* Words are gathered at the front, over what has been read. */
    for (bool has_flags = true; optind < argc;) {
        if (has_flags && strcmp(argv[optind], "--") == 0) {
            has_flags = false;
            optind++;
        } else if (!has_flags || is_word(command, argv[optind])) {
            argv[1 + arguments.word_count++] = argv[optind++];
        } else if (!read_flag(command, argc, argv, options, &arguments)) {
            return false;
        }
    }
    if (!check_words(command, &arguments))
        return false;
    *ret_arguments = arguments;
    return true;
}

void lede_command_help(const struct lede_command *command)
{
    printf("Usage: lede %s %s\n\n%s\n\n", command->name, command->usage, command->details);
    for (const struct lede_flag *flag = command->flags; flag->name; flag++) {
        int width = printf("  --%s%s%s", flag->name, flag->argument ? " " : "",
            flag->argument ? flag->argument : "");
        printf("%*s %s\n", width < 20 ? 20 - width : 0, "", flag->help);
    }
    printf("  %-18s %s\n", "--help", "show this");
}
