/* SPDX-License-Identifier: MIT */
#include "config/document.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlerror.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/config.h"
#include "config/explain.h"

/* Never XML_PARSE_NOENT (would expand entities) nor XML_PARSE_HUGE (would lift libxml2's limits of
 * depth and of lengths). */
enum { PARSE_OPTIONS = XML_PARSE_NONET | XML_PARSE_BIG_LINES };

#if LIBXML_VERSION >= 21200
typedef const xmlError *error_pointer;
#else
typedef xmlError *error_pointer;
#endif

/* The first complaint about one document. */
typedef struct {
    const char *path;
    cs_error error;
    long n_elements; /* parsed so far */
} complaint;

__attribute__((format(printf, 2, 3))) static void say_nothing(void *context, const char *format,
                                                              ...)
{
    (void)context;
    (void)format;
}

static void start_library(void)
{
    static bool started;
    if (!started) {
        started = true;
        xmlInitParser();
        /* What libxml2 cannot attribute to a document would go to stderr. */
        xmlSetGenericErrorFunc(NULL, say_nothing);
    }
}

/* Keeps the first line of libxml2's message if it is the first one. */
static void keep(complaint *first, const xmlError *error)
{
    if (first->error.status != CS_OK || error->level < XML_ERR_ERROR) {
        return;
    }
    const char *message = error->message != NULL ? error->message : "not well-formed";
    const int length = (int)strcspn(message, "\n");
    const cs_status status = error->code == XML_ERR_NO_MEMORY ? CS_MEMORY : CS_DATA;
    cs_fail(&first->error, status, "%s:%d: %.*s", first->path, error->line > 0 ? error->line : 1,
            length, message);
}

static void on_parse_error(void *parser, error_pointer error)
{
    keep(((xmlParserCtxt *)parser)->_private, error);
}

static void on_schema_error(void *first, error_pointer error)
{
    keep(first, error);
}

/* Remembers the line in the node: libxml2's own field for it ends at 65,535. */
static void on_element(void *context, const xmlChar *name, const xmlChar *prefix,
                       const xmlChar *uri, int n_namespaces, const xmlChar **namespaces,
                       int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    xmlParserCtxt *parser = context;
    xmlSAX2StartElementNs(parser, name, prefix, uri, n_namespaces, namespaces, n_attributes,
                          n_defaulted, attributes);
    const int line = xmlSAX2GetLineNumber(parser);
    if (parser->node != NULL) {
        parser->node->_private = (void *)(intptr_t)line;
    }
    complaint *first = parser->_private;
    if (++first->n_elements > CS_CONFIG_MAX_ELEMENTS && first->error.status == CS_OK) {
        cs_fail(&first->error, CS_DATA, "%s:%d: more than %d elements", first->path, line,
                CS_CONFIG_MAX_ELEMENTS);
        xmlStopParser(parser);
    }
}

/* Called at "<!DOCTYPE name", before anything in it is declared. */
static void on_document_type(void *context, const xmlChar *name, const xmlChar *public_id,
                             const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    xmlParserCtxt *parser = context;
    complaint *first = parser->_private;
    if (first->error.status == CS_OK) {
        cs_fail(&first->error, CS_DATA,
                "%s:%d: a document type (<!DOCTYPE ...>) is not allowed, nor are entities",
                first->path, xmlSAX2GetLineNumber(parser));
    }
    xmlStopParser(parser);
}

static cs_status check_size(size_t size, const char *path, cs_error *err)
{
    if (size == 0) {
        return cs_fail(err, CS_DATA, "%s:1: the file is empty", path);
    }
    if (size > CS_CONFIG_MAX_BYTES) {
        return cs_fail(err, CS_DATA, "%s:1: %zu bytes are too many for a configuration; at most %d",
                       path, size, CS_CONFIG_MAX_BYTES);
    }
    return CS_OK;
}

cs_status cs_document_parse(xmlDoc **out, const char *text, size_t size, const char *path,
                            cs_error *err)
{
    *out = NULL;
    CS_TRY(check_size(size, path, err));
    start_library();
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: the parser of %s", path);
    }
    complaint first = {.path = path};
    parser->_private = &first;
    parser->sax->serror = on_parse_error;
    parser->sax->internalSubset = on_document_type;
    parser->sax->startElementNs = on_element;
    xmlDoc *document = xmlCtxtReadMemory(parser, text, (int)size, NULL, NULL, PARSE_OPTIONS);
    xmlFreeParserCtxt(parser);
    if (first.error.status == CS_OK && document == NULL) {
        cs_fail(&first.error, CS_DATA, "%s:1: not an XML document", path);
    }
    if (first.error.status != CS_OK) {
        xmlFreeDoc(document);
        return cs_fail(err, (cs_status)first.error.status, "%s", first.error.message);
    }
    *out = document;
    return CS_OK;
}

/* The schema is ours: that it does not compile is no user's fault. */
static cs_status compile_schema(xmlRelaxNG **out, xmlDoc *schema, cs_error *err)
{
    complaint first = {.path = "catchsim.rng"};
    xmlRelaxNGParserCtxt *compiler = xmlRelaxNGNewDocParserCtxt(schema);
    if (compiler == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: the schema of the configuration");
    }
    xmlRelaxNGSetParserStructuredErrors(compiler, on_schema_error, &first);
    *out = xmlRelaxNGParse(compiler);
    xmlRelaxNGFreeParserCtxt(compiler);
    if (*out == NULL) {
        return cs_fail(err, CS_INTERNAL, "the schema does not compile: %s", first.error.message);
    }
    return CS_OK;
}

/* libxml2 decides; what it says is put in better words where that is possible. */
static cs_status apply_schema(xmlRelaxNG *rules, xmlDoc *schema, xmlDoc *document, const char *path,
                              cs_error *err)
{
    complaint first = {.path = path};
    xmlRelaxNGValidCtxt *validator = xmlRelaxNGNewValidCtxt(rules);
    if (validator == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: the validation of %s", path);
    }
    xmlRelaxNGSetValidStructuredErrors(validator, on_schema_error, &first);
    const int verdict = xmlRelaxNGValidateDoc(validator, document);
    xmlRelaxNGFreeValidCtxt(validator);
    if (verdict == 0) {
        return CS_OK;
    }
    if (cs_explain(schema, document, path, err)) {
        return CS_DATA;
    }
    if (first.error.status == CS_OK) {
        cs_fail(&first.error, CS_DATA, "%s:1: not a configuration of catchsim", path);
    }
    return cs_fail(err, (cs_status)first.error.status, "%s", first.error.message);
}

cs_status cs_document_validate(xmlDoc *document, const char *path, cs_error *err)
{
    xmlDoc *schema = NULL;
    xmlRelaxNG *rules = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_document_parse(&schema, cs_config_schema_text, strlen(cs_config_schema_text),
                               "catchsim.rng", err));
    CS_CHECK(compile_schema(&rules, schema, err));
    CS_CHECK(apply_schema(rules, schema, document, path, err));
release:
    xmlRelaxNGFree(rules);
    xmlFreeDoc(schema);
    return status;
}

int cs_document_line(const xmlNode *element)
{
    const intptr_t line = (intptr_t)element->_private;
    return line > 0 ? (int)line : 1;
}
