/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define MARK_STYLE "1;33"

void lede_terminal_init(struct lede_terminal *ret_terminal, FILE *out)
{
    struct winsize size = {0};
    const char *no_color = getenv("NO_COLOR");
    bool is_terminal = isatty(fileno(out)) == 1;
    /* Of the locale only the characters' widths are used. */
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    *ret_terminal = (struct lede_terminal){.out = out, .style = "0"};
    if (!is_terminal)
        return;
    ret_terminal->has_colour = !no_color || !no_color[0];
    ret_terminal->width = 80;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        ret_terminal->width = size.ws_col < 20 ? 20 : size.ws_col;
}

/* One character: its bytes and columns. A control character has none, an invalid byte one. */
struct character {
    size_t size;
    size_t columns;
    bool is_control;
    bool is_wide;
};

static struct character next_character(const char *text, size_t size)
{
    wchar_t wide = 0;
    mbstate_t state = {0};
    size_t used = mbrtowc(&wide, text, size, &state);
    if (used == 0 || used == (size_t)-1 || used == (size_t)-2)
        return (struct character){.size = 1, .columns = 1};
    int columns = wcwidth(wide);
    bool is_control = wide < 0x20 || (wide >= 0x7F && wide < 0xA0);
    return (struct character){
        .size = used,
        .columns = columns > 0 ? (size_t)columns : 0,
        .is_control = is_control,
        .is_wide = columns > 1,
    };
}

size_t lede_terminal_columns(const char *text, size_t size)
{
    size_t columns = 0;
    for (size_t i = 0; i < size;) {
        struct character character = next_character(text + i, size - i);
        columns += character.columns;
        i += character.size;
    }
    return columns;
}

static void put_style(const struct lede_terminal *terminal, const char *style)
{
    if (terminal->has_colour)
        fprintf(terminal->out, "\033[%sm", style);
}

void lede_terminal_style(struct lede_terminal *terminal, const char *style)
{
    terminal->style = style;
    put_style(terminal, style);
}

static void print_mark(const struct lede_terminal *terminal, bool starts)
{
    if (!terminal->has_colour)
        fputc('*', terminal->out);
    put_style(terminal, starts ? MARK_STYLE : "0");
    if (!starts && strcmp(terminal->style, "0") != 0)
        put_style(terminal, terminal->style);
}

/* Bytes of the piece that must stay on one line: a word with the spaces behind it left out, or one
 * wide character. */
static size_t piece_size(const char *text, size_t *ret_columns)
{
    size_t size = strlen(text);
    size_t i = 0;
    *ret_columns = 0;
    while (i < size && text[i] != ' ') {
        struct character character = next_character(text + i, size - i);
        if (character.is_wide && *ret_columns > 0)
            break;
        *ret_columns += character.columns;
        i += character.size;
        if (character.is_wide)
            break;
    }
    return i;
}

static void print_piece(const struct lede_terminal *terminal, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        struct character character = next_character(text + i, size - i);
        if (text[i] == LEDE_MARK_START || text[i] == LEDE_MARK_END)
            print_mark(terminal, text[i] == LEDE_MARK_START);
        else if (!character.is_control)
            fwrite(text + i, 1, character.size, terminal->out);
        i += character.size;
    }
}

void lede_terminal_print(
    const struct lede_terminal *terminal, const char *text, size_t indent, size_t column)
{
    size_t at = column;
    bool has_space = false;
    while (*text) {
        size_t columns = 0;
        if (*text == ' ') {
            has_space = at > indent;
            text++;
            continue;
        }
        size_t size = piece_size(text, &columns);
        if (terminal->width > 0 && at > indent && at + has_space + columns > terminal->width) {
            fprintf(terminal->out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (has_space) {
            fputc(' ', terminal->out);
            at++;
        }
        has_space = false;
        print_piece(terminal, text, size);
        at += columns;
        text += size;
    }
    fputc('\n', terminal->out);
}

void lede_terminal_print_padded(
    const struct lede_terminal *terminal, const char *text, size_t columns)
{
    size_t used = lede_terminal_columns(text, strlen(text));
    print_piece(terminal, text, strlen(text));
    fprintf(terminal->out, "%*s", used < columns ? (int)(columns - used) : 0, "");
}
