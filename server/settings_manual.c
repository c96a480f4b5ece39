/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes lede.ini(5) when Lede is built: words are those of config/lede.ini, what a setting takes
 * and its default come from the table, so neither can differ from the program.
 *
 *     lede-settings-manual config/lede.ini > lede.ini.5 */
#include "settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 76
#define TOGETHER_MAX 8

/* A paragraph of the file, and the settings below it. */
struct paragraph {
    char words[8192];
    const struct lede_setting *settings[TOGETHER_MAX];
    size_t count;
};

static const char head[] =
    ".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
    ".Dd November 29, 2026\n.Dt LEDE.INI 5\n.Os\n"
    ".Sh NAME\n.Nm lede.ini\n.Nd settings of the news search server lede\n"
    ".Sh SYNOPSIS\n.Pa " LEDE_SETTINGS_FILE "\n"
    ".Sh DESCRIPTION\n"
    "The file has sections,\n.Li [server] ,\n.Li [store]\nand\n.Li [log] ,\n"
    "and in them a line for each setting,\n.Li name = value .\n"
    "What begins with # or ; is a comment.\nWhat is not there has its default.\n"
    "An unknown name or a value that is out of its bounds is refused, with file and line.\n"
    "Lines have at most 199 bytes.\n.Pp\n"
    "The environment wins over the file:\n.Ev LEDE_SERVER_LISTEN\nfor\n.Va listen\nin\n"
    ".Li [server] ,\nand so on; a flag of\n.Xr lede 1\nwins over both.\n"
    ".Ql lede serve --check\nsays whether all is good.\n.Pp\n"
    "A size is a number of bytes, or one with a unit:\n.Li 64KiB , 8MiB , 1GiB .\n"
    "A duration has a unit:\n.Li 500ms , 2s , 5m , 1h , 7d .\n";

static const char tail[] = ".Sh FILES\n"
                           ".Bl -tag -width Ds\n.It Pa " LEDE_SETTINGS_FILE "\n"
                           "As installed it has each setting, with its default switched off.\n.El\n"
                           ".Sh SEE ALSO\n.Xr lede 1 ,\n.Xr lede-query 7\n";

static _Noreturn void fail(const char *what, const char *which)
{
    fprintf(stderr, "lede-settings-manual: %s '%s'\n", what, which);
    exit(1);
}

/* A word of text; what roff would take for its own is escaped. */
static void put_word(const char *word, size_t size, bool begins_line)
{
    if (begins_line && (word[0] == '.' || word[0] == '\''))
        fputs("\\&", stdout);
    for (size_t i = 0; i < size; i++) {
        bool is_of_flag = word[i] == '-' && (word[i + 1] == '-' || (i > 0 && word[i - 1] == '-'));
        if (word[i] == '\\')
            fputs("\\e", stdout);
        else if (is_of_flag)
            fputs("\\-", stdout);
        else
            putchar(word[i]);
    }
}

/* Text in lines; a sentence begins a line of its own, as roff wants it. */
static void put_text(const char *text)
{
    size_t column = 0;
    bool ends_sentence = false;
    while (*text) {
        size_t size = strcspn(text, " ");
        bool begins_line = column == 0 || column + 1 + size > COLUMNS ||
                           (ends_sentence && !islower((unsigned char)text[0]));
        if (column > 0)
            putchar(begins_line ? '\n' : ' ');
        put_word(text, size, begins_line);
        column = begins_line ? size : column + 1 + size;
        ends_sentence = text[size - 1] == '.' || text[size - 1] == ':';
        text += size;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void put_scaled(int64_t value, const char *const *names, const int64_t *units)
{
    size_t i = 0;
    while (value != 0 && units[i + 1] && value % units[i + 1] == 0)
        i++;
    printf("%lld%s", (long long)(value / units[i]), value == 0 ? "" : names[i]);
}

static void put_number(enum lede_setting_type type, int64_t value)
{
    static const char *const bytes[] = {"", "KiB", "MiB", "GiB"};
    static const int64_t byte_units[] = {
        1, INT64_C(1) << 10, INT64_C(1) << 20, INT64_C(1) << 30, 0};
    static const char *const durations[] = {"ms", "s", "m", "h"};
    static const int64_t duration_units[] = {1, 1000, 60 * 1000, 3600 * 1000, 0};
    if (type == LEDE_SETTING_BYTES)
        put_scaled(value, bytes, byte_units);
    else if (type == LEDE_SETTING_DURATION_MS)
        put_scaled(value, durations, duration_units);
    else
        printf("%lld", (long long)value);
}

static void put_bounds(const struct lede_setting *setting)
{
    put_number(setting->type, setting->min);
    fputs(" to ", stdout);
    put_number(setting->type, setting->max);
}

static void put_choices(const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++)
        printf("%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
}

static void put_kind(const struct lede_setting *setting)
{
    static const char *const kinds[] = {[LEDE_SETTING_STRING] = "text, in bytes ",
        [LEDE_SETTING_UINT32] = "a number, ",
        [LEDE_SETTING_BYTES] = "a size, ",
        [LEDE_SETTING_DURATION_MS] = "a duration, ",
        [LEDE_SETTING_BOOL] = "true or false",
        [LEDE_SETTING_CHOICE] = "",
        [LEDE_SETTING_LISTENERS] = "places",
        [LEDE_SETTING_NETS] = "addresses and nets"};
    fputs(kinds[setting->type], stdout);
    if (setting->max > 0)
        put_bounds(setting);
    if (setting->type == LEDE_SETTING_CHOICE)
        put_choices(setting->choices);
}

static void put_paragraph(struct paragraph *paragraph)
{
    for (size_t i = 0; i < paragraph->count; i++)
        printf("%s%s", i == 0 ? ".It Va " : " , ", paragraph->settings[i]->key);
    putchar('\n');
    put_text(paragraph->words);
    puts(".Pp");
    for (size_t i = 0; i < paragraph->count; i++) {
        const struct lede_setting *setting = paragraph->settings[i];
        printf(".Va %s :\n", setting->key);
        put_kind(setting);
        printf("; default\n.Li %s", setting->default_value);
        puts(i + 1 < paragraph->count ? " ;" : " .");
    }
    memset(paragraph, 0, sizeof(*paragraph));
}

static const struct lede_setting *find(const char *section, const char *key)
{
    for (const struct lede_setting *row = lede_server_settings_table; row->section; row++) {
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0)
            return row;
    }
    fail("there is no setting", key);
}

static void take_words(struct paragraph *paragraph, const char *words)
{
    size_t used = strlen(paragraph->words);
    if (used + strlen(words) + 2 > sizeof(paragraph->words))
        fail("too long a paragraph at", words);
    snprintf(
        paragraph->words + used, sizeof(paragraph->words) - used, "%s%s", used ? " " : "", words);
}

static void take_setting(struct paragraph *paragraph, const char *section, const char *key)
{
    if (paragraph->words[0] == '\0' || paragraph->count == TOGETHER_MAX)
        fail("no words, or too many settings, at", key);
    paragraph->settings[paragraph->count++] = find(section, key);
}

/* Reads the file, prints what it says. Returns how many settings it has. */
static size_t put_settings(FILE *file)
{
    struct paragraph paragraph = {0};
    char line[512];
    char section[32] = "";
    char key[64];
    size_t count = 0;
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        bool is_section = line[0] == '[';
        if (line[0] == '\0' && paragraph.count > 0)
            put_paragraph(&paragraph);
        else if (is_section && section[0])
            puts(".El");
        if (is_section && sscanf(line, "[%31[a-z]]", section) == 1) {
            paragraph.words[0] = '\0'; /* those at the head of the file are for who reads that */
            printf(".Sh SECTION %s\n.Bl -tag -width Ds\n", section);
        } else if (strncmp(line, "# ", 2) == 0) {
            take_words(&paragraph, line + 2);
        } else if (sscanf(line, "#%63[a-z_] = ", key) == 1) {
            take_setting(&paragraph, section, key);
            count++;
        }
    }
    if (paragraph.count > 0)
        put_paragraph(&paragraph);
    puts(".El");
    return count;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!file)
        fail("expected a settings file, found", argc == 2 ? argv[1] : "");
    fputs(head, stdout);
    size_t count = put_settings(file);
    fputs(tail, stdout);
    fclose(file);
    for (const struct lede_setting *row = lede_server_settings_table; row->section; row++)
        count--;
    if (count != 0)
        fail("not each setting is there once in", argv[1]);
    return fflush(stdout) == 0 ? 0 : 1;
}
