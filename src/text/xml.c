/* SPDX-License-Identifier: MIT */
#include "text/xml.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

struct cs_xml {
    cs_bytes elements;   /* cs_xml_element[] */
    cs_bytes attributes; /* cs_xml_attribute[] */
    char *pool;          /* names, values and texts */
};

/* An element that is open: what it will be, and where it stands. */
typedef struct {
    size_t element;         /* its number */
    size_t first_attribute; /* their number */
    char *text;             /* begun in the pool; NULL: none */
} open_element;

/*
 * Every text in the pool is terminated by one byte, and in the document ended by one or more (a
 * quote, a '<', a blank), so a pool of the document's size and one more is enough.
 */
typedef struct {
    cs_xml *xml;
    const char *path;
    const char *at, *end;
    char *free_pool;
    cs_bytes open; /* open_element[] */
    size_t n_elements, n_open;
    const char *counted; /* lines were counted up to here */
    size_t line;
    cs_error *err;
} parser;

/* ---- messages ---- */

static size_t line_of(parser *p)
{
    for (; p->counted < p->at; p->counted++) {
        p->line += *p->counted == '\n';
    }
    return p->line;
}

__attribute__((format(printf, 2, 3))) static cs_status refuse(parser *p, const char *format, ...)
{
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return cs_fail(p->err, CS_DATA, "%s:%zu: %s", p->path, line_of(p), why);
}

/* ---- characters ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           (unsigned char)c >= 0x80;
}

static bool is_name_part(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Length of the UTF-8 character at `at`, which XML allows; 0 if it is none. */
static size_t character_length(const unsigned char *at, const unsigned char *end)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char c = at[0];
    if (c < 0x80) {
        return c >= 0x20 || c == '\t' || c == '\n' || c == '\r' ? 1 : 0;
    }
    const size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || length > (size_t)(end - at)) {
        return 0;
    }
    uint32_t code = c & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fu);
    }
    const bool is_allowed = code >= smallest[length] && code <= 0x10ffff &&
                            (code < 0xd800 || code > 0xdfff) && code != 0xfffe && code != 0xffff;
    return is_allowed ? length : 0;
}

static cs_status check_characters(parser *p)
{
    const unsigned char *end = (const unsigned char *)p->end;
    for (const unsigned char *c = (const unsigned char *)p->at; c < end;) {
        const size_t length = character_length(c, end);
        if (length == 0) {
            p->at = (const char *)c;
            return refuse(p, "byte 0x%02x is not allowed here: XML must be text in UTF-8", *c);
        }
        c += length;
    }
    return CS_OK;
}

static bool looks_at(const parser *p, const char *word)
{
    const size_t length = strlen(word);
    return (size_t)(p->end - p->at) >= length && memcmp(p->at, word, length) == 0;
}

static bool skip_blanks(parser *p)
{
    const char *before = p->at;
    while (p->at < p->end && is_blank(*p->at)) {
        p->at++;
    }
    return p->at > before;
}

/* ---- names, references, texts ---- */

static void put(parser *p, char c)
{
    *p->free_pool++ = c;
}

static cs_status read_name(parser *p, const char **name)
{
    if (p->at == p->end || !is_name_start(*p->at)) {
        return refuse(p, "a name is expected here");
    }
    *name = p->free_pool;
    while (p->at < p->end && is_name_part(*p->at)) {
        put(p, *p->at++);
    }
    put(p, '\0');
    return CS_OK;
}

static void put_character(parser *p, uint32_t code)
{
    if (code < 0x80) {
        put(p, (char)code);
        return;
    }
    const int more = code >= 0x10000 ? 3 : code >= 0x800 ? 2 : 1;
    put(p, (char)(unsigned char)((0xff00u >> (more + 1) & 0xffu) | code >> (6 * more)));
    for (int i = more - 1; i >= 0; i--) {
        put(p, (char)(unsigned char)(0x80u | (code >> (6 * i) & 0x3fu)));
    }
}

/* Behind "&#": digits and a semicolon. */
static cs_status read_code(parser *p, const char *semicolon)
{
    const bool is_hexadecimal = p->at < semicolon && *p->at == 'x';
    const uint32_t base = is_hexadecimal ? 16 : 10;
    const char *digit = p->at + (is_hexadecimal ? 1 : 0);
    uint32_t code = 0;
    bool is_allowed = digit < semicolon;
    for (; digit < semicolon && is_allowed; digit++) {
        const char c = *digit;
        const uint32_t value = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                               : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                               : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                      : 16;
        code = base * code + value;
        is_allowed = value < base && code <= 0x10ffff;
    }
    is_allowed = is_allowed && (code >= 0x20 || code == '\t' || code == '\n' || code == '\r') &&
                 (code < 0xd800 || code > 0xdfff) && code != 0xfffe && code != 0xffff;
    if (!is_allowed) {
        return refuse(p, "a character reference that is no character");
    }
    put_character(p, code);
    p->at = semicolon + 1;
    return CS_OK;
}

/* At '&'. What is put is shorter than what is read. */
static cs_status read_reference(parser *p)
{
    static const struct {
        const char *text;
        char character;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (looks_at(p, entities[i].text)) {
            put(p, entities[i].character);
            p->at += strlen(entities[i].text);
            return CS_OK;
        }
    }
    if (looks_at(p, "&#")) {
        const char *semicolon = memchr(p->at, ';', (size_t)(p->end - p->at));
        if (semicolon != NULL) {
            p->at += 2;
            return read_code(p, semicolon);
        }
    }
    return refuse(p, "an unknown entity: a plain '&' is written as &amp;");
}

/* Moves behind a mark; what is between is passed over. */
static cs_status skip_to(parser *p, const char *mark, const char *what)
{
    while (p->at < p->end && !looks_at(p, mark)) {
        p->at++;
    }
    if (p->at == p->end) {
        return refuse(p, "%s does not end", what);
    }
    p->at += strlen(mark);
    return CS_OK;
}

/* ---- attributes ---- */

static cs_status read_value(parser *p, const char **value)
{
    skip_blanks(p);
    if (p->at == p->end || *p->at != '=') {
        return refuse(p, "an attribute without a value");
    }
    p->at++;
    skip_blanks(p);
    if (p->at == p->end || (*p->at != '"' && *p->at != '\'')) {
        return refuse(p, "an attribute's value must be in quotes");
    }
    const char quote = *p->at++;
    *value = p->free_pool;
    while (p->at < p->end && *p->at != quote) {
        if (*p->at == '<') {
            return refuse(p, "'<' in an attribute's value: a quote is missing, or write &lt;");
        }
        if (*p->at == '&') {
            CS_TRY(read_reference(p));
        } else {
            put(p, is_blank(*p->at) ? ' ' : *p->at);
            p->at++;
        }
    }
    if (p->at == p->end) {
        return refuse(p, "an attribute's value does not end");
    }
    p->at++;
    put(p, '\0');
    return CS_OK;
}

static cs_status read_attribute(parser *p, const open_element *open)
{
    cs_xml_attribute attribute = {0};
    cs_bytes *attributes = &p->xml->attributes;
    CS_TRY(read_name(p, &attribute.name));
    CS_TRY(read_value(p, &attribute.value));
    const cs_xml_attribute *all = (const cs_xml_attribute *)attributes->data;
    const size_t n = attributes->size / sizeof attribute;
    for (size_t i = open->first_attribute; i < n; i++) {
        if (strcmp(all[i].name, attribute.name) == 0) {
            return refuse(p, "attribute %s occurs twice", attribute.name);
        }
    }
    return cs_bytes_append(attributes, &attribute, sizeof attribute, p->err);
}

/* ---- elements ---- */

static cs_xml_element *element_at(const parser *p, size_t i)
{
    return (cs_xml_element *)p->xml->elements.data + i;
}

static open_element *innermost(const parser *p)
{
    return p->n_open > 0 ? (open_element *)p->open.data + p->n_open - 1 : NULL;
}

/* The text so far of the innermost element, which is to hold more than blanks. */
static bool has_text(const parser *p, const open_element *open)
{
    for (const char *c = open->text; c != NULL && c < p->free_pool; c++) {
        if (!is_blank(*c)) {
            return true;
        }
    }
    return false;
}

static cs_status leave_element(parser *p)
{
    const open_element *open = innermost(p);
    cs_xml_element *element = element_at(p, open->element);
    element->n_descendants = p->n_elements - open->element - 1;
    if (has_text(p, open)) {
        if (element->n_descendants > 0) {
            return refuse(p, "text beside elements in <%s>", element->name);
        }
        const char *text = open->text;
        for (; is_blank(*text); text++) {
        }
        for (; is_blank(p->free_pool[-1]); p->free_pool--) {
        }
        put(p, '\0');
        element->text = text;
    }
    p->n_open--;
    p->open.size -= sizeof *open;
    return CS_OK;
}

/* At '<' and a name. */
static cs_status read_start_tag(parser *p)
{
    open_element open = {.element = p->n_elements,
                         .first_attribute = p->xml->attributes.size / sizeof(cs_xml_attribute)};
    cs_xml_element element = {.text = "", .line = line_of(p)};
    open_element *parent = innermost(p);
    if (parent != NULL && has_text(p, parent)) {
        return refuse(p, "text beside elements in <%s>", element_at(p, parent->element)->name);
    }
    if (parent != NULL) {
        parent->text = NULL; /* what there was is blank */
    }
    p->at++;
    CS_TRY(read_name(p, &element.name));
    for (;;) {
        const bool is_apart = skip_blanks(p);
        if (p->at == p->end || *p->at == '>' || *p->at == '/') {
            break;
        }
        if (!is_apart) {
            return refuse(p, "a blank is missing between attributes of <%s>", element.name);
        }
        CS_TRY(read_attribute(p, &open));
    }
    const bool is_empty = looks_at(p, "/>");
    if (!is_empty && !looks_at(p, ">")) {
        return refuse(p, "the start tag of <%s> does not end", element.name);
    }
    p->at += is_empty ? 2 : 1;
    element.n_attributes =
        p->xml->attributes.size / sizeof(cs_xml_attribute) - open.first_attribute;
    CS_TRY(cs_bytes_append(&p->xml->elements, &element, sizeof element, p->err));
    CS_TRY(cs_bytes_append(&p->open, &open, sizeof open, p->err));
    p->n_elements++;
    p->n_open++;
    return is_empty ? leave_element(p) : CS_OK;
}

/* At "</". */
static cs_status read_end_tag(parser *p)
{
    const char *name = element_at(p, innermost(p)->element)->name;
    const size_t length = strlen(name);
    p->at += 2;
    if (!looks_at(p, name) || p->at + length == p->end || is_name_part(p->at[length])) {
        return refuse(p, "<%s> of line %zu is not ended before this end tag", name,
                      element_at(p, innermost(p)->element)->line);
    }
    p->at += length;
    skip_blanks(p);
    if (p->at == p->end || *p->at != '>') {
        return refuse(p, "the end tag of <%s> does not end", name);
    }
    p->at++;
    return leave_element(p);
}

/* ---- the document ---- */

static cs_status read_comment(parser *p)
{
    p->at += strlen("<!--");
    CS_TRY(skip_to(p, "--", "a comment"));
    if (p->at == p->end || *p->at != '>') {
        return refuse(p, "\"--\" inside a comment");
    }
    p->at++;
    return CS_OK;
}

/* Text goes to the pool behind what the element has already. */
static void begin_text(parser *p)
{
    if (innermost(p)->text == NULL) {
        innermost(p)->text = p->free_pool;
    }
}

static cs_status read_cdata(parser *p)
{
    begin_text(p);
    const char *begin = p->at + strlen("<![CDATA[");
    CS_TRY(skip_to(p, "]]>", "a CDATA section"));
    const size_t length = (size_t)(p->at - begin) - strlen("]]>");
    memcpy(p->free_pool, begin, length);
    p->free_pool += length;
    return CS_OK;
}

static cs_status read_text(parser *p)
{
    begin_text(p);
    while (p->at < p->end && *p->at != '<') {
        if (*p->at == '&') {
            CS_TRY(read_reference(p));
        } else if (looks_at(p, "\r\n")) {
            p->at++;
        } else {
            put(p, *p->at++);
        }
    }
    return CS_OK;
}

/* At anything inside an element. */
static cs_status read_content(parser *p)
{
    if (*p->at != '<') {
        return read_text(p);
    }
    if (looks_at(p, "<!--")) {
        return read_comment(p);
    }
    if (looks_at(p, "<![CDATA[")) {
        return read_cdata(p);
    }
    if (looks_at(p, "<?")) {
        return skip_to(p, "?>", "a processing instruction");
    }
    return looks_at(p, "</") ? read_end_tag(p) : read_start_tag(p);
}

/* Blanks, comments and processing instructions before and behind the root element. */
static cs_status read_around(parser *p)
{
    for (;;) {
        skip_blanks(p);
        if (looks_at(p, "<!--")) {
            CS_TRY(read_comment(p));
        } else if (looks_at(p, "<?")) {
            CS_TRY(skip_to(p, "?>", "a processing instruction"));
        } else if (looks_at(p, "<!")) {
            return refuse(p, "a document type (<!DOCTYPE ...>) is not allowed, nor are entities");
        } else {
            return CS_OK;
        }
    }
}

/* The declaration may name an encoding: only UTF-8 and its part ASCII can be. */
static cs_status check_encoding(parser *p)
{
    if (!looks_at(p, "<?xml") || p->end - p->at < 6 || !is_blank(p->at[5])) {
        return CS_OK;
    }
    const char *begin = p->at;
    CS_TRY(skip_to(p, "?>", "the XML declaration"));
    const char *name = begin;
    while (name < p->at && strncmp(name, "encoding", 8) != 0) {
        name++;
    }
    for (; name < p->at && *name != '"' && *name != '\''; name++) {
    }
    if (name < p->at && strncasecmp(name + 1, "UTF-8", 5) != 0 &&
        strncasecmp(name + 1, "US-ASCII", 8) != 0) {
        return refuse(p, "the encoding must be UTF-8");
    }
    return CS_OK;
}

static cs_status read_document(parser *p)
{
    if (looks_at(p, "\xef\xbb\xbf")) {
        p->at += 3;
    }
    CS_TRY(check_characters(p));
    CS_TRY(check_encoding(p));
    CS_TRY(read_around(p));
    if (p->at == p->end || *p->at != '<') {
        return refuse(p, "not an XML document: no element begins here");
    }
    CS_TRY(read_start_tag(p));
    while (p->n_open > 0) {
        if (p->at == p->end) {
            return refuse(p, "<%s> of line %zu does not end",
                          element_at(p, innermost(p)->element)->name,
                          element_at(p, innermost(p)->element)->line);
        }
        CS_TRY(read_content(p));
    }
    CS_TRY(read_around(p));
    return p->at == p->end ? CS_OK : refuse(p, "more behind the end of the document");
}

/* Now that they do not move any more: each element's attributes. */
static void attach_attributes(const parser *p)
{
    const cs_xml_attribute *next = (const cs_xml_attribute *)p->xml->attributes.data;
    for (size_t i = 0; i < p->n_elements; i++) {
        cs_xml_element *element = element_at(p, i);
        element->attributes = next;
        if (element->n_attributes > 0) { /* next is NULL where there is none at all */
            next += element->n_attributes;
        }
    }
}

cs_status cs_xml_parse(cs_xml **xml, const char *text, size_t size, const char *path, cs_error *err)
{
    *xml = NULL;
    if (size > CS_XML_MAX_BYTES) {
        return cs_fail(err, CS_DATA, "%s:1: larger than %d bytes", path, CS_XML_MAX_BYTES);
    }
    cs_status status = CS_OK;
    cs_xml *made = NULL;
    parser p = {
        .path = path, .at = text, .end = text + size, .counted = text, .line = 1, .err = err};
    CS_CHECK(cs_alloc(&made, 1, sizeof *made, "an XML document", err));
    CS_CHECK(cs_alloc(&made->pool, size + 1, 1, "an XML document", err));
    p.xml = made;
    p.free_pool = made->pool;
    CS_CHECK(read_document(&p));
    attach_attributes(&p);
release:
    cs_bytes_free(&p.open);
    if (status != CS_OK) {
        cs_xml_free(made);
        return status;
    }
    *xml = made;
    return CS_OK;
}

void cs_xml_free(cs_xml *xml)
{
    if (xml != NULL) {
        cs_bytes_free(&xml->elements);
        cs_bytes_free(&xml->attributes);
        free(xml->pool);
        free(xml);
    }
}

const cs_xml_element *cs_xml_root(const cs_xml *xml)
{
    return (const cs_xml_element *)xml->elements.data;
}

const char *cs_xml_get(const cs_xml_element *element, const char *name)
{
    for (size_t i = 0; i < element->n_attributes; i++) {
        if (strcmp(element->attributes[i].name, name) == 0) {
            return element->attributes[i].value;
        }
    }
    return NULL;
}
