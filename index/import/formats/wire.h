/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the wires as text: IPTC 7901, and ANPA 1312 as American agencies send it.
 *
 * Both put control characters around: SOH header STX text ETX date EOT. */
#ifndef LEDE_IMPORT_WIRE_H
#define LEDE_IMPORT_WIRE_H

#include "format.h"

#define WIRE_SOH '\x01'
#define WIRE_STX '\x02'
#define WIRE_ETX '\x03'
#define WIRE_EOT '\x04'
#define WIRE_SYN '\x16'

/* A message's parts, in UTF-8, inside one buffer. */
struct wire_message {
    const char *header; /* behind SOH, to STX */
    size_t header_size;
    const char *text; /* behind STX, to ETX */
    size_t text_size;
    const char *trailer; /* behind ETX */
    size_t trailer_size;
};

struct wire_line {
    const char *text;
    size_t size;
};

/* The next line of text[*at, size), without its break; returns false at the end. */
bool wire_next_line(const char *text, size_t size, size_t *at, struct wire_line *ret_line);
struct wire_line wire_trim(struct wire_line line, const char *extra);

/* A record under way. What fails is sticky. */
struct wire_record {
    json_t *object;
    bool has_failed;
    struct lede_buffer body;
    bool is_in_paragraph;
};
void wire_set(struct wire_record *record, const char *key, struct wire_line value);
void wire_set_string(struct wire_record *record, const char *key, const char *value);
/* Add a line to the body; a new paragraph where it is indented or something stood between. Quotes
 * and dashes of the wires become typographic ones, control characters go. */
void wire_add_line(struct wire_record *record, struct wire_line line, bool begins_paragraph);
void wire_end_paragraph(struct wire_record *record);
/* "BERLIN (dpa) - ", "PARIS, Texas (AP) _ " as the body begins: `dateline`, `agency`. */
void wire_set_dateline(struct wire_record *record);
/* The words of a mark ("1st Ld-Writethru", "MANDATORY KILL"): `status`, where they change it. */
void wire_set_status(struct wire_record *record, struct wire_line mark);
/* DDHHMM, month by its first letters (English or German) and year of two digits: `sent`. */
void wire_set_sent(struct wire_record *record, int day, int hhmm, int month, int year);
/* Read `digits` digits at *at, which moves behind them; -1: others stand there. */
int wire_digits(const char **at, size_t digits);
int wire_month(const char *name, size_t size); /* 0: none */

/* Read a message into a record. */
void wire_read_anpa(const struct wire_message *message, struct wire_record *record);
void wire_read_7901(const struct wire_message *message, struct wire_record *record);
extern const struct lede_mapping wire_anpa_rows[];
extern const struct lede_mapping wire_7901_rows[];

#endif
