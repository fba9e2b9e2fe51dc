/* SPDX-License-Identifier: MIT */
#include "model/external_layout.h"

#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#include <libxml/xmlstring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/document.h"

/* An attribute value or a text of the tree that has placeholders. */
typedef struct {
    xmlNode *node;            /* the text, or the element of the attribute */
    const xmlAttr *attribute; /* NULL: it is a text */
    cs_text_template text;
} spot;

struct cs_external_layout {
    xmlDoc *document;
    int options; /* of xmlSaveToBuffer */
    spot *spots; /* [n_spots] */
    size_t n_spots, n_room;
    cs_bytes value; /* of a spot */
};

/* ---- parsing ---- */

static cs_status make_room(cs_external_layout *layout, cs_error *err)
{
    if (layout->n_spots < layout->n_room) {
        return CS_OK;
    }
    spot *spots = NULL;
    const size_t n_room = 2 * layout->n_room + 16;
    CS_TRY(cs_alloc(&spots, n_room, sizeof *spots, "the placeholders of a layout", err));
    if (layout->n_spots > 0) {
        memcpy(spots, layout->spots, layout->n_spots * sizeof *spots);
    }
    free(layout->spots);
    layout->spots = spots;
    layout->n_room = n_room;
    return CS_OK;
}

/* Adds a spot if its text has placeholders. */
static cs_status add_spot(cs_external_layout *layout, cs_wanted *wanted, xmlNode *node,
                          const xmlAttr *attribute, const xmlChar *text, const char *path,
                          cs_error *err)
{
    char where[512];
    const xmlNode *element = attribute != NULL ? node : node->parent;
    if (text == NULL || strchr((const char *)text, '{') == NULL) {
        return CS_OK;
    }
    CS_TRY(make_room(layout, err));
    snprintf(where, sizeof where, "%s:%d", path, cs_document_line(element));
    spot *s = &layout->spots[layout->n_spots++];
    *s = (spot){.node = node, .attribute = attribute};
    return cs_text_template_parse(&s->text, wanted, (const char *)text, strlen((const char *)text),
                                  where, err);
}

static cs_status add_attributes(cs_external_layout *layout, cs_wanted *wanted, xmlNode *element,
                                const char *path, cs_error *err)
{
    for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
        xmlChar *text = xmlNodeListGetString(layout->document, a->children, 1);
        const cs_status status = add_spot(layout, wanted, element, a, text, path, err);
        xmlFree(text);
        CS_TRY(status);
    }
    return CS_OK;
}

/* The next node of the tree in the order of the document; NULL behind the last. */
static xmlNode *next_node(xmlNode *node)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
        return node->children;
    }
    while (node != NULL && node->next == NULL) {
        node = node->parent;
        if (node != NULL && node->type != XML_ELEMENT_NODE) {
            return NULL;
        }
    }
    return node == NULL ? NULL : node->next;
}

static cs_status find_spots(cs_external_layout *layout, cs_wanted *wanted, const char *path,
                            cs_error *err)
{
    for (xmlNode *node = xmlDocGetRootElement(layout->document); node != NULL;
         node = next_node(node)) {
        if (node->type == XML_ELEMENT_NODE) {
            CS_TRY(add_attributes(layout, wanted, node, path, err));
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            CS_TRY(add_spot(layout, wanted, node, NULL, node->content, path, err));
        }
    }
    return CS_OK;
}

cs_status cs_external_layout_parse(cs_external_layout **out, cs_wanted *wanted, const char *text,
                                   size_t size, const char *path, cs_error *err)
{
    cs_external_layout *layout = NULL;
    *out = NULL;
    CS_TRY(cs_alloc(&layout, 1, sizeof *layout, "a layout", err));
    cs_status status = CS_OK;
    CS_CHECK(cs_document_parse(&layout->document, text, size, path, err));
    /* A declaration only where the template has one: some programs expect none. */
    const int has_declaration = size >= 5 && memcmp(text, "<?xml", 5) == 0;
    layout->options = has_declaration ? 0 : XML_SAVE_NO_DECL;
    CS_CHECK(find_spots(layout, wanted, path, err));
    *out = layout;
    return CS_OK;
release:
    cs_external_layout_free(layout);
    return status;
}

/* ---- filling ---- */

/* XML knows no bytes that are not UTF-8: names of an input may have such. */
static void make_utf8(cs_bytes *value)
{
    if (xmlCheckUTF8(value->data)) {
        return;
    }
    for (size_t i = 0; i < value->size; i++) {
        if (value->data[i] >= 0x80) {
            value->data[i] = '?';
        }
    }
}

static cs_status fill_spot(cs_external_layout *layout, const spot *s, const cs_wanted *wanted,
                           const cs_external_values *values, cs_error *err)
{
    layout->value.size = 0;
    CS_TRY(cs_text_template_fill(&layout->value, &s->text, wanted, values, err));
    CS_TRY(cs_bytes_append(&layout->value, "", 1, err));
    make_utf8(&layout->value);
    if (s->attribute == NULL) {
        xmlNodeSetContent(s->node, layout->value.data); /* of a text node: taken as it is */
        return CS_OK;
    }
    if (xmlSetNsProp(s->node, s->attribute->ns, s->attribute->name, layout->value.data) == NULL) {
        return cs_fail(err, CS_MEMORY, "out of memory: the layout of a catchment");
    }
    return CS_OK;
}

static cs_status serialise(cs_bytes *out, const cs_external_layout *layout, cs_error *err)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *saver =
        buffer == NULL
            ? NULL
            : xmlSaveToBuffer(buffer, (const char *)layout->document->encoding, layout->options);
    cs_status status = CS_OK;
    if (saver == NULL || xmlSaveDoc(saver, layout->document) < 0 || xmlSaveClose(saver) < 0) {
        status = cs_fail(err, CS_MEMORY, "out of memory: the layout of a catchment");
    } else {
        status =
            cs_bytes_append(out, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), err);
    }
    xmlBufferFree(buffer);
    return status;
}

cs_status cs_external_layout_fill(cs_bytes *out, cs_external_layout *layout,
                                  const cs_wanted *wanted, const cs_external_values *values,
                                  cs_error *err)
{
    for (size_t i = 0; i < layout->n_spots; i++) {
        CS_TRY(fill_spot(layout, &layout->spots[i], wanted, values, err));
    }
    return serialise(out, layout, err);
}

void cs_external_layout_free(cs_external_layout *layout)
{
    if (layout == NULL) {
        return;
    }
    for (size_t i = 0; i < layout->n_spots; i++) {
        cs_text_template_free(&layout->spots[i].text);
    }
    free(layout->spots);
    cs_bytes_free(&layout->value);
    xmlFreeDoc(layout->document);
    free(layout);
}
