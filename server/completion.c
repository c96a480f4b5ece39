/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each shell gets a script that knows all: it runs nothing when a key is pressed. What an argument
 * can be is read from how the table writes it: FILE, PATH, DIR, or choices, as newest|oldest.
 *
 * Names of files are left to the shell, which knows how to quote them. */
#include "completion.h"

#include "lede/import.h"

#include <stdio.h>
#include <string.h>

static bool is_file(const char *argument)
{
    return strcmp(argument, "FILE") == 0 || strcmp(argument, "PATH") == 0;
}

static bool is_directory(const char *argument)
{
    return strcmp(argument, "DIR") == 0;
}

static bool is_choice(const char *argument)
{
    return strchr(argument, '|') || strcmp(argument, "FORMAT") == 0;
}

static void put_choices(const char *argument)
{
    const struct lede_format *format = NULL;
    if (strcmp(argument, "FORMAT") == 0) {
        fputs("auto ndjson json text", stdout);
        for (size_t i = 0; (format = lede_format_at(i)); i++)
            printf(" %s", lede_format_name(format));
        return;
    }
    for (; *argument; argument++)
        putchar(*argument == '|' ? ' ' : *argument);
}

/* Text that stands in single quotes.
 * quote    what is put for a single quote
 * special  these have a backslash before them */
static void put_quoted(const char *text, const char *quote, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, stdout);
            continue;
        }
        if (strchr(special, *text))
            putchar('\\');
        putchar(*text);
    }
}

static void put_names(const struct lede_command *commands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s ", commands[i].name);
    fputs("help", stdout);
}

static void put_bash_argument(const char *argument)
{
    if (is_file(argument)) {
        fputs("compopt -o default", stdout);
    } else if (is_directory(argument)) {
        fputs("compopt -o dirnames", stdout);
    } else if (is_choice(argument)) {
        fputs("words='", stdout);
        put_choices(argument);
        fputs("'", stdout);
    } else {
        fputs(":", stdout);
    }
}

static void put_bash_command(const struct lede_command *command)
{
    printf("    %s)\n        case $before in\n", command->name);
    for (const struct lede_flag *flag = command->flags; flag->name; flag++) {
        if (!flag->argument)
            continue;
        printf("        --%s) ", flag->name);
        put_bash_argument(flag->argument);
        fputs(" ;;\n", stdout);
    }
    fputs("        *) ", stdout);
    put_bash_argument(command->words ? command->words : "");
    fputs("; [[ $word != -* ]] || words='", stdout);
    for (const struct lede_flag *flag = command->flags; flag->name; flag++)
        printf("--%s ", flag->name);
    fputs("--help' ;;\n        esac ;;\n", stdout);
}

static void print_bash(const struct lede_command *commands, size_t count)
{
    fputs("# Completion of lede(1) in bash, made by 'lede completion bash'.\n"
          "_lede()\n{\n"
          "    local IFS=$' \\t\\n' words= command=${COMP_WORDS[1]}\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    ((COMP_CWORD > 1)) || command=\n"
          "    # --flag=value comes as three words.\n"
          "    [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    [[ $word != = ]] || word=\n"
          "    case $command in\n"
          "    '') words='",
        stdout);
    put_names(commands, count);
    fputs(" --help --version' ;;\n    help) words='", stdout);
    put_names(commands, count);
    fputs("' ;;\n", stdout);
    for (size_t i = 0; i < count; i++)
        put_bash_command(&commands[i]);
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "}\n"
          "complete -F _lede lede\n",
        stdout);
}

static void put_zsh_argument(const char *argument)
{
    if (is_choice(argument)) {
        fputs(": :(", stdout);
        put_choices(argument);
        putchar(')');
        return;
    }
    const char *names = is_directory(argument) ? "_files -/" : "";
    printf(":%s:%s", argument, is_file(argument) ? "_files" : names);
}

static void put_zsh_command(const struct lede_command *command)
{
    printf("    %s) _arguments ", command->name);
    for (const struct lede_flag *flag = command->flags; flag->name; flag++) {
        printf("'--%s%s[", flag->name, flag->argument ? "=" : "");
        put_quoted(flag->help, "'\\''", "[]\\");
        putchar(']');
        if (flag->argument)
            put_zsh_argument(flag->argument);
        fputs("' ", stdout);
    }
    if (command->words) {
        fputs(is_choice(command->words) ? "'1" : "'*", stdout);
        put_zsh_argument(command->words);
        fputs("' ", stdout);
    }
    fputs("'--help[show this]' ;;\n", stdout);
}

static void print_zsh(const struct lede_command *commands, size_t count)
{
    fputs("#compdef lede\n"
          "# Completion of lede(1) in zsh, made by 'lede completion zsh'; _lede in a directory of "
          "fpath.\n"
          "local context state line ret=1\n"
          "local -a commands=(\n",
        stdout);
    for (size_t i = 0; i < count; i++) {
        printf("    '%s:", commands[i].name);
        put_quoted(commands[i].summary, "'\\''", ":\\");
        fputs("'\n", stdout);
    }
    fputs("    'help:explain a command'\n)\n"
          "_arguments -C '(- *)--help[show this]' '(- *)--version[show the version]' "
          "'1: :->command' '*:: :->argument' && ret=0\n"
          "case $state in\n"
          "command) _describe command commands && ret=0 ;;\n"
          "argument)\n"
          "    case $words[1] in\n"
          "    help) _describe command commands ;;\n",
        stdout);
    for (size_t i = 0; i < count; i++)
        put_zsh_command(&commands[i]);
    fputs("    esac && ret=0 ;;\n"
          "esac\n"
          "return ret\n",
        stdout);
}

static void put_fish_argument(const char *argument)
{
    if (is_file(argument)) {
        fputs(" -r -F", stdout);
    } else if (is_directory(argument)) {
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
    } else if (is_choice(argument)) {
        fputs(" -x -a '", stdout);
        put_choices(argument);
        putchar('\'');
    } else {
        fputs(" -x", stdout);
    }
}

static void put_fish_command(const struct lede_command *command)
{
    printf("complete -c lede -n __lede_lacks_command -a %s -d '", command->name);
    put_quoted(command->summary, "\\'", "\\");
    fputs("'\n", stdout);
    for (const struct lede_flag *flag = command->flags; flag->name; flag++) {
        printf("complete -c lede -n '__lede_runs %s' -l %s", command->name, flag->name);
        if (flag->argument)
            put_fish_argument(flag->argument);
        fputs(" -d '", stdout);
        put_quoted(flag->help, "\\'", "\\");
        fputs("'\n", stdout);
    }
    if (command->words) {
        printf("complete -c lede -n '__lede_runs %s'", command->name);
        put_fish_argument(command->words);
        putchar('\n');
    }
}

static void print_fish(const struct lede_command *commands, size_t count)
{
    fputs("# Completion of lede(1) in fish, made by 'lede completion fish'.\n"
          "function __lede_lacks_command\n"
          "    test (count (commandline -opc)) -eq 1\n"
          "end\n"
          "function __lede_runs\n"
          "    set -l words (commandline -opc)\n"
          "    test \"$words[2]\" = \"$argv[1]\"\n"
          "end\n"
          "complete -c lede -f\n"
          "complete -c lede -l help -d 'show this'\n"
          "complete -c lede -n __lede_lacks_command -l version -d 'show the version'\n"
          "complete -c lede -n __lede_lacks_command -a help -d 'explain a command'\n"
          "complete -c lede -n '__lede_runs help' -a '",
        stdout);
    put_names(commands, count);
    fputs("'\n", stdout);
    for (size_t i = 0; i < count; i++)
        put_fish_command(&commands[i]);
}

enum lede_exit lede_completion_print(
    const struct lede_command *commands, size_t count, const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(const struct lede_command *commands, size_t count);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < LEDE_COUNT_OF(shells); i++) {
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print(commands, count);
            return LEDE_EXIT_OK;
        }
    }
    return lede_complain("unknown shell '%.60s'; expected bash, zsh or fish", shell);
}
