/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain Xapian over HTTP, for the contest: a thread and a database a connection, which is kept; of
 * a request only the first line is read. An answer has the exact total and ten hits with title,
 * source, date and MSet::snippet of the body. The database is plain_index's, with stems alone.
 *
 *   xapian_server DATABASE        prints its port
 *
 * GET /search?or=a+b   ?and=a+b   ?phrase=a+b */
#include <xapian.h>

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

constexpr unsigned HITS = 10;
constexpr size_t SNIPPET_CHARS = 200;
constexpr size_t REQUEST_BYTES_MAX = 65536;

[[noreturn]] void die(const char *what)
{
    fprintf(stderr, "xapian_server: %s\n", what);
    exit(1);
}

std::string percent_decoded(const std::string &text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(strtoul(text.substr(i + 1, 2).c_str(), nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

class Searcher
{
  public:
    explicit Searcher(const char *path) : database_(path), stem_("en")
    {
    }

    std::string answer(const std::string &kind, const std::string &words)
    {
        Xapian::Enquire enquire(database_);
        enquire.set_query(query(kind, words));
        Xapian::MSet found = enquire.get_mset(0, HITS, database_.get_doccount());
        json_t *hits = json_array();
        for (Xapian::MSetIterator hit = found.begin(); hit != found.end(); ++hit)
            json_array_append_new(hits, shown(found, hit.get_document().get_data()));
        json_t *answer = json_pack("{s:I, s:o}", "total",
            static_cast<json_int_t>(found.get_matches_estimated()), "hits", hits);
        char *text = json_dumps(answer, JSON_COMPACT);
        if (!text)
            die("no memory, or text that is no UTF-8");
        std::string out = text;
        free(text);
        json_decref(answer);
        return out;
    }

  private:
    Xapian::Query query(const std::string &kind, const std::string &words)
    {
        std::vector<std::string> terms;
        std::istringstream in(words);
        for (std::string word; in >> word;)
            terms.push_back(stem_(word));
        if (kind == "phrase")
            return Xapian::Query(Xapian::Query::OP_PHRASE, terms.begin(), terms.end());
        return Xapian::Query(kind == "and" ? Xapian::Query::OP_AND : Xapian::Query::OP_OR,
            terms.begin(), terms.end());
    }

    json_t *shown(const Xapian::MSet &found, const std::string &stored)
    {
        json_t *document = json_loadb(stored.data(), stored.size(), 0, nullptr);
        const char *body = json_string_value(json_object_get(document, "body"));
        std::string snippet = found.snippet(body ? body : "", SNIPPET_CHARS, stem_,
            Xapian::MSet::SNIPPET_BACKGROUND_MODEL | Xapian::MSet::SNIPPET_EXHAUSTIVE, "<mark>",
            "</mark>", "…");
        json_t *hit =
            json_pack("{s:O?, s:O?, s:O?, s:s%}", "title", json_object_get(document, "title"),
                "source", json_object_get(document, "source"), "published",
                json_object_get(document, "published"), "snippet", snippet.data(), snippet.size());
        json_decref(document);
        return hit;
    }

    Xapian::Database database_;
    Xapian::Stem stem_;
};

/* One request's first line; false when the client has gone. */
bool read_request(int fd, std::string &pending, std::string &line)
{
    char block[4096];
    size_t end;
    while ((end = pending.find("\r\n\r\n")) == std::string::npos) {
        ssize_t got = recv(fd, block, sizeof(block), 0);
        if (got <= 0 || pending.size() > REQUEST_BYTES_MAX)
            return false;
        pending.append(block, static_cast<size_t>(got));
    }
    line = pending.substr(0, pending.find("\r\n"));
    pending.erase(0, end + 4);
    return true;
}

void serve(int fd, const char *path)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    try {
        Searcher searcher(path);
        std::string pending, line;
        while (read_request(fd, pending, line)) {
            size_t question = line.find('?'), equals = line.find('='), end = line.rfind(' ');
            if (question == std::string::npos || equals == std::string::npos || end < equals)
                break;
            std::string body = searcher.answer(line.substr(question + 1, equals - question - 1),
                percent_decoded(line.substr(equals + 1, end - equals - 1)));
            std::string whole = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                "Content-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
            if (send(fd, whole.data(), whole.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(whole.size()))
                break;
        }
    } catch (const Xapian::Error &error) {
        fprintf(stderr, "xapian_server: %s\n", error.get_description().c_str());
    }
    close(fd);
}

} // namespace

int main(int argc, char **argv)
{
    struct sockaddr_in address = {};
    socklen_t size = sizeof(address);
    if (argc != 2)
        die("usage: xapian_server DATABASE");
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, reinterpret_cast<struct sockaddr *>(&address), size) != 0 ||
        listen(listener, 64) != 0 ||
        getsockname(listener, reinterpret_cast<struct sockaddr *>(&address), &size) != 0)
        die("cannot listen");
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, nullptr, nullptr);
        if (fd >= 0)
            std::thread(serve, fd, argv[1]).detach();
    }
}
