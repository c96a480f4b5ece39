/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: a table of subcommands. Everything they do is behind them. */
#include "cli.h"
#include "completion.h"
#include "lede/engine.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define FLAG(name, argument, help)                                                                 \
    {                                                                                              \
#name, argument, offsetof(struct lede_arguments, name), help                               \
    }
#define FLAGS_END                                                                                  \
    {                                                                                              \
        NULL, NULL, 0, NULL                                                                        \
    }
#define CONFIG_FLAG FLAG(config, "FILE", "settings; else " LEDE_SETTINGS_FILE " where it exists")
#define URL_FLAG FLAG(url, "URL", "server to ask (http://127.0.0.1:5333), or unix:/path")
#define DATA_FLAG FLAG(data, "DIR", "open this data directory instead; no server may hold it")
#define KEY_FILE_FLAG                                                                              \
    {                                                                                              \
        "key-file", "FILE", offsetof(struct lede_arguments, key_file),                             \
            "file with the key that the server asks for in its first line"                         \
    }
#define CA_FILE_FLAG                                                                               \
    {                                                                                              \
        "ca-file", "FILE", offsetof(struct lede_arguments, ca_file),                               \
            "certificates that may vouch for an https server; else the system's"                   \
    }
#define READ_ONLY_FLAG                                                                             \
    {                                                                                              \
        "read-only", NULL, offsetof(struct lede_arguments, read_only),                             \
            "write no lock and nothing else into the data directory"                               \
    }

static const struct lede_flag serve_flags[] = {CONFIG_FLAG,
    FLAG(data, "DIR", "data directory, made where there is none (lede-data)"),
    FLAG(listen, "PLACES", "where to listen (127.0.0.1:5333), with commas between"),
    FLAG(follow, "URL", "be a copy of this server, which takes no writes"),
    FLAG(shards, "MAP", "search these servers: URL,URL, copies of one as URL|URL"),
    FLAG(cluster, "NAME", "be a node of this cluster"),
    FLAG(etcd, "URLS", "members of the cluster's etcd (http://127.0.0.1:2379)"),
    FLAG(advertise, "HOST:PORT", "where other nodes of the cluster reach this one"),
    FLAG(copies, "N", "of an archive whose cluster is made: so many nodes have it (3)"),
    FLAG(check, NULL, "read settings and what they name, say whether all is good, and end"),
    FLAGS_END};
static const struct lede_flag import_flags[] = {DATA_FLAG, URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    FLAG(format, "FORMAT", "auto (by content and name), ndjson, json, text or a format of news"),
    FLAG(explain, NULL, "say what would become which field, and what would not; store nothing"),
    FLAG(charset, "NAME", "what the files are written in, as iconv -l names it (UTF-8)"),
    FLAG(map, "FIELD=COLUMN,…", "which column of a table is which field"),
    FLAG(rejects, "FILE", "write rejected lines with the reason here, one JSON object a line"),
    CONFIG_FLAG, FLAGS_END};
static const struct lede_flag follow_flags[] = {DATA_FLAG, URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    FLAG(once, NULL, "look at each once, and end"),
    FLAG(interval, "TIME", "between two looks where a list says nothing (15m)"),
    FLAG(state, "FILE", "what keeps how far it has come (lede-follow.json)"), CONFIG_FLAG,
    FLAGS_END};
static const struct lede_flag search_flags[] = {DATA_FLAG, URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    READ_ONLY_FLAG, FLAG(format, "text|table|json|ndjson|csv", "how hits are printed (text)"),
    FLAG(json, NULL, "the same as --format json: the server's answer as it came"),
    FLAG(limit, "N", "hits to show (10); also -n N"), FLAG(offset, "N", "hits to pass over (0)"),
    FLAG(sort, "relevance|newest|oldest", "order of hits"),
    FLAG(source, "NAME", "only of this source; of several with commas between"),
    FLAG(section, "NAME", "only of this section"), FLAG(author, "NAME", "only by this author"),
    FLAG(lang, "CODE", "only in this language"),
    FLAG(after, "WHEN", "only what was published from then on: 2024-05-31, 7d"),
    FLAG(before, "WHEN", "only what was published until then"), CONFIG_FLAG, FLAGS_END};
static const struct lede_flag stats_flags[] = {DATA_FLAG, URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    READ_ONLY_FLAG, FLAG(json, NULL, "print the server's answer as it came"), CONFIG_FLAG,
    FLAGS_END};
#define STORE_FLAG FLAG(data, "DIR", "data directory (lede-data); no server may hold it")
static const struct lede_flag check_flags[] = {STORE_FLAG, READ_ONLY_FLAG,
    FLAG(repair, NULL, "make what is damaged anew of the documents that can be read"), CONFIG_FLAG,
    FLAGS_END};
static const struct lede_flag compact_flags[] = {STORE_FLAG, CONFIG_FLAG, FLAGS_END};
static const struct lede_flag backup_flags[] = {STORE_FLAG,
    FLAG(url, "URL", "have this server make the backup, under the name DEST"), KEY_FILE_FLAG,
    CA_FILE_FLAG, FLAG(copy, NULL, "copy every file, also where a link would do"), CONFIG_FLAG,
    FLAGS_END};
static const struct lede_flag promote_flags[] = {STORE_FLAG,
    FLAG(url, "URL", "server that holds it"), KEY_FILE_FLAG, CA_FILE_FLAG, CONFIG_FLAG, FLAGS_END};
static const struct lede_flag cluster_flags[] = {URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    FLAG(json, NULL, "print the server's answer as it came"), FLAGS_END};
static const struct lede_flag restore_flags[] = {
    FLAG(data, "DIR", "data directory to be made (lede-data)"), CONFIG_FLAG, FLAGS_END};
static const struct lede_flag health_flags[] = {CONFIG_FLAG,
    FLAG(url, "URL", "server to ask, http://127.0.0.1:5333 or unix:/path; else by the settings"),
    CA_FILE_FLAG, FLAGS_END};
static const struct lede_flag top_flags[] = {URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG,
    FLAG(once, NULL, "print figures since the server's start once, and end"), FLAGS_END};
static const struct lede_flag mcp_flags[] = {
    DATA_FLAG, URL_FLAG, KEY_FILE_FLAG, CA_FILE_FLAG, READ_ONLY_FLAG, CONFIG_FLAG, FLAGS_END};
static const struct lede_flag key_flags[] = {
    FLAG(data, "DIR", "data directory (lede-data); a server may hold it"),
    FLAG(url, "URL", "server to ask instead"),
    {"key-file", "FILE", offsetof(struct lede_arguments, key_file),
        "file with a key: of an admin for --url, the parent of a derived one"},
    CA_FILE_FLAG, FLAG(rights, "LIST", "of search, read, write, delete, admin; or feed alone"),
    FLAG(filter, "QUERY", "it finds, reads and deletes only what this finds"),
    FLAG(expires, "WHEN", "2026-12-01T00:00:00Z, or 90d from now on"),
    FLAG(note, "TEXT", "what it is for"),
    FLAG(rate, "N", "requests a second that may come with it; 0: any (as the settings have it)"),
    FLAG(searches, "N", "searches at a time; 0: any (as the settings have it)"),
    {"may-derive", NULL, offsetof(struct lede_arguments, may_derive),
        "whoever has it may make derived keys"},
    {"no-texts", NULL, offsetof(struct lede_arguments, no_texts),
        "what is asked with it stands in no log, and not in /queries"},
    FLAG(overlap, "TIME", "how long a rotated key holds beside the new one (1d)"),
    FLAG(json, NULL, "list: as JSON"), CONFIG_FLAG, FLAGS_END};

static const struct lede_flag completion_flags[] = {FLAGS_END};

static enum lede_exit print_completion(const struct lede_arguments *arguments);

static const struct lede_command commands[] = {
    {"serve", "answer searches and take documents over HTTP",
        "[--config FILE] [--data DIR] [--listen PLACES] [--follow URL] [--shards MAP] "
        "[--check]\n"
        "       lede serve --cluster NAME --etcd URLS --advertise HOST:PORT [--copies N]",
        "Serve the archive in a data directory until SIGTERM or SIGINT; a second one ends it at "
        "once.\n"
        "Every setting is explained in lede.ini; LEDE_<SECTION>_<KEY> in the environment wins "
        "over\n"
        "the file, a flag wins over both. SIGHUP reads settings, synonyms, keys and "
        "certificate again:\n"
        "all of them, or, where one has a fault, none.",
        serve_flags, 0, 0, lede_command_serve, NULL},
    {"import", "put files of news into the archive",
        "[--data DIR | --url URL [--key-file FILE]] [--format FORMAT] [--charset NAME]\n"
        "                   [--rejects FILE] PATH...\n"
        "       lede import --explain [--format FORMAT] PATH...",
        "Index NDJSON, JSON, plain text and formats of news such as RSS, plain, gzip or zstd. A\n"
        "text file is one document, its first line the title. A directory stands for its files\n"
        "that have one of these formats by name or content (with --format: for all of them), '-'\n"
        "for standard input. Exits 1 if a document was rejected, 2 if it could not run.",
        import_flags, 1, SIZE_MAX, lede_command_import, "PATH"},
    {"follow", "take news from feeds and directories as it comes",
        "[--data DIR | --url URL] [--once] [--interval TIME] PLACE...",
        "A place is the address of a feed (RSS, Atom, JSON Feed) or of a news sitemap, a "
        "directory\n"
        "whose files are read as they come, or a file with a list of addresses, one a line, with\n"
        "how often behind it. What has not changed is not sent again; what fails is asked again\n"
        "after longer and longer. With --once it is for cron: exits 1 where something failed.\n"
        "News on standard input are for lede import -.",
        follow_flags, 1, SIZE_MAX, lede_command_follow, "PATH"},
    {"search", "search, with marks and snippets",
        "[--data DIR [--read-only] | --url URL] [--format FORMAT] [-n N] QUERY...",
        "Words are joined by spaces and read as the query language of the server: words, "
        "\"phrases\",\n"
        "AND OR NOT, title:word, econ*. On a terminal it goes through LEDE_PAGER, PAGER or less.\n"
        "Exits 0 with hits, 1 without, 2 if it could not search.",
        search_flags, 0, SIZE_MAX, lede_command_search, "QUERY"},
    {"stats", "say what the archive holds", "[--data DIR [--read-only] | --url URL] [--json]",
        "Show documents, languages, writes and the disk they take.", stats_flags, 0, 0,
        lede_command_stats, NULL},
    {"check", "look an archive's files through, and mend them",
        "[--data DIR] [--read-only | --repair]",
        "Compare every file with its checksum, check every table, read every document. Exits 0 if "
        "all is "
        "well\n"
        "or could be mended whole, 1 if something is damaged or lost, 2 if it could not look.",
        check_flags, 0, 0, lede_command_check, NULL},
    {"compact", "make an archive as small as it gets", "[--data DIR]",
        "Merge segments into as few as may be and leave out what is deleted. Needs room for the "
        "largest of\n"
        "them a second time.",
        compact_flags, 0, 0, lede_command_compact, NULL},
    {"backup", "write an archive's documents and index elsewhere",
        "[--data DIR | --url URL] [--copy] DEST",
        "DEST is made, or brought up to date where it is an earlier backup: only what is new is "
        "written, by\n"
        "hard links where the file system can. A backup can be served as it is, and be copied by "
        "any means.",
        backup_flags, 1, 1, lede_command_backup, "DIR"},
    {"promote", "make a copy an archive of its own", "[--data DIR | --url URL]",
        "A copy (lede serve --follow) takes writes from then on, and follows nobody.",
        promote_flags, 0, 0, lede_command_promote, NULL},
    {"cluster", "say how a cluster is", "status [--url URL [--key-file FILE]] [--json]",
        "Asks a node (lede serve --cluster) who leads, which copies there are, and how far each "
        "is.\n"
        "Exits 0 where it takes writes, 1 where it does not.",
        cluster_flags, 1, 1, lede_command_cluster, "status"},
    {"restore", "make a data directory of a backup", "[--data DIR] SRC",
        "The data directory must not exist, or be empty. SRC stays as it is.", restore_flags, 1, 1,
        lede_command_restore, "DIR"},
    {"key", "make, list, rotate and revoke keys",
        "new --rights LIST [--filter QUERY] [--expires WHEN] [--note TEXT] [--may-derive]\n"
        "               [--no-texts] [--rate N] [--searches N]\n"
        "       lede key list | revoke ID | rotate ID [--overlap TIME]   [--data DIR | --url URL]\n"
        "       lede key derive --key-file FILE --expires WHEN [--filter QUERY]",
        "From the first key on each request needs one (Authorization: Bearer KEY). A key is "
        "printed "
        "once,\n"
        "when it is made; the data directory has a hash of it. A running server follows within a "
        "second.\n"
        "A derived key can only search what both filters let through; nobody is asked for it.",
        key_flags, 1, 2, lede_command_key, "new|list|revoke|rotate|derive"},
    {"top", "watch what a server does", "[--url URL [--key-file FILE]] [--once]",
        "Show, and renew every two seconds, how many requests come of each kind and how long they\n"
        "take, what waits, memory, segments, and the slowest searches of the hour. Ctrl-C ends "
        "it.\n"
        "Where output is no terminal it is as with --once. The key, where one is needed, has to "
        "have\n"
        "the right admin.",
        top_flags, 0, 0, lede_command_top, NULL},
    {"mcp", "let a language model ask the archive",
        "[--url URL [--key-file FILE] | --data DIR [--read-only]]",
        "Speaks the Model Context Protocol over standard input and output, as programs that start\n"
        "it expect: tools search, read, similar and facets, whose answers name ids, sources, "
        "dates\n"
        "and addresses to cite. A key with the rights search and read is enough.",
        mcp_flags, 0, 0, lede_command_mcp, NULL},
    {"health", "say whether a server can answer searches", "[--config FILE | --url URL]",
        "Asks where the settings have it listen. Exits 0 if it can, 1 if it cannot. It needs no "
        "key.",
        health_flags, 0, 0, lede_command_health, NULL},
    {"completion", "print what a shell completes lede's commands by", "bash|zsh|fish",
        "For bash, as a line of ~/.bashrc: source <(lede completion bash). For zsh: into a file "
        "_lede in a\n"
        "directory of fpath. For fish: into ~/.config/fish/completions/lede.fish. A package of "
        "Lede has\n"
        "them in their places.",
        completion_flags, 1, 1, print_completion, "bash|zsh|fish"},
};

static enum lede_exit print_completion(const struct lede_arguments *arguments)
{
    return lede_completion_print(commands, LEDE_COUNT_OF(commands), arguments->words[0]);
}

const struct lede_command *lede_command_find(const char *name)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void print_help(void)
{
    printf(
        "Usage: lede COMMAND [FLAG]... [ARGUMENT]...\n\nA full-text search server for news.\n\n");
    for (size_t i = 0; i < LEDE_COUNT_OF(commands); i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("  %-10s %s\n\n", "help", "explain a command, as 'lede COMMAND --help' does");
    printf("  --help       show this\n  --version    show the version\n\nThe manual: lede(1).\n");
}

static enum lede_exit complain_of_command(const char *name)
{
    char expected[256] = "";
    for (size_t i = 0; i < LEDE_COUNT_OF(commands); i++) {
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "%s, ", commands[i].name);
    }
    return lede_complain("unknown %s '%.60s'; expected %shelp, --help or --version",
        name[0] == '-' ? "flag" : "command", name, expected);
}

static enum lede_exit help(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return LEDE_EXIT_OK;
    }
    const struct lede_command *command = lede_command_find(argv[1]);
    if (!command)
        return complain_of_command(argv[1]);
    lede_command_help(command);
    return LEDE_EXIT_OK;
}

static enum lede_exit run(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return LEDE_EXIT_TROUBLE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0) {
        printf("lede %s (Xapian %s)\n", LEDE_PROGRAM_VERSION, lede_engine_library_version());
        return LEDE_EXIT_OK;
    }
    const struct lede_command *command = lede_command_find(argv[1]);
    if (!command)
        return complain_of_command(argv[1]);
    struct lede_arguments arguments;
    if (!lede_arguments_read(command, argc - 1, argv + 1, &arguments))
        return LEDE_EXIT_TROUBLE;
    if (!arguments.help)
        return command->run(&arguments);
    lede_command_help(command);
    return LEDE_EXIT_OK;
}

/* A store has many files, and a server connections beside: as many as are allowed. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    raise_file_limit();
    /* A file that may not grow any more (ulimit -f) is a full disk, not the end. */
    signal(SIGXFSZ, SIG_IGN);
    enum lede_exit code = run(argc, argv);
    if (fflush(stdout) != 0 && code == LEDE_EXIT_OK)
        code = lede_complain("cannot write to standard output");
    return (int)code;
}
