/* SPDX-License-Identifier: MIT */
/* The small XML reader: what it understands, and what it refuses on which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "text/xml.h"

static cs_xml *parsed(const char *text)
{
    cs_xml *xml = NULL;
    cs_error err = {0};
    if (cs_xml_parse(&xml, text, strlen(text), "x.xml", &err) != CS_OK) {
        fail_msg("%s", err.message);
    }
    return xml;
}

/* Refused with this beginning of the message. */
static void refused(const char *text, size_t size, const char *message)
{
    cs_xml *xml = NULL;
    cs_error err = {0};
    assert_int_equal(cs_xml_parse(&xml, text, size, "x.xml", &err), CS_DATA);
    assert_null(xml);
    if (strncmp(err.message, message, strlen(message)) != 0) {
        fail_msg("\"%s\" instead of \"%s\" for %s", err.message, message, text);
    }
}

static void elements_stand_in_order_with_their_lines(void **state)
{
    (void)state;
    cs_xml *xml = parsed("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                         "<!-- a - comment -->\n"
                         "<a x='1' y = \"2\"\n"
                         "   z=\"\">\n"
                         "  <b><c/>\n"
                         "  <c>\n"
                         "   text </c></b>\n"
                         "  <?skip this?><d/>\n"
                         "</a >\n<!-- end -->\n");
    const cs_xml_element *a = cs_xml_root(xml);
    assert_string_equal(a->name, "a");
    assert_int_equal(a->line, 3);
    assert_int_equal(a->n_attributes, 3);
    assert_string_equal(cs_xml_get(a, "x"), "1");
    assert_string_equal(cs_xml_get(a, "y"), "2");
    assert_string_equal(cs_xml_get(a, "z"), "");
    assert_null(cs_xml_get(a, "b"));
    assert_int_equal(a->n_descendants, 4);
    const cs_xml_element *b = a + 1;
    assert_string_equal(b->name, "b");
    assert_int_equal(b->n_descendants, 2);
    assert_string_equal((b + 2)->text, "text");
    assert_int_equal((b + 2)->line, 6);
    const cs_xml_element *d = cs_xml_behind(b);
    assert_string_equal(d->name, "d");
    assert_ptr_equal(cs_xml_behind(d), cs_xml_behind(a));
    cs_xml_free(xml);
}

static void references_and_sections_become_text(void **state)
{
    (void)state;
    cs_xml *xml = parsed("<a b='&lt;&gt;&amp;&quot;&apos;\n&#65;&#x20ac;'>"
                         "x&#x1F600;<!-- and --><![CDATA[<&]]>]]\r\ny</a>");
    assert_string_equal(cs_xml_get(cs_xml_root(xml), "b"), "<>&\"' A\xe2\x82\xac");
    assert_string_equal(cs_xml_root(xml)->text, "x\xf0\x9f\x98\x80<&]]\ny");
    cs_xml_free(xml);
}

static void what_is_not_well_formed_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "x.xml:1: not an XML document"},
        {"  \n\n", "x.xml:3: not an XML document"},
        {"text", "x.xml:1: not an XML document"},
        {"<a>\n<b>\n</a>", "x.xml:3: <b> of line 2 is not ended"},
        {"<a>\n<b>\n", "x.xml:3: <b> of line 2 does not end"},
        {"<a></ab>", "x.xml:1: <a> of line 1 is not ended"},
        {"<a></a", "x.xml:1: <a> of line 1 is not ended"},
        {"<a></a <", "x.xml:1: the end tag of <a>"},
        {"<a/><b/>", "x.xml:1: more behind the end"},
        {"<a/>x", "x.xml:1: more behind the end"},
        {"<a\n>\nx<b/></a>", "x.xml:3: text beside elements in <a>"},
        {"<a><b/>\nx</a>", "x.xml:2: text beside elements in <a>"},
        {"<a b></a>", "x.xml:1: an attribute without a value"},
        {"<a b=c></a>", "x.xml:1: an attribute's value must be in quotes"},
        {"<a b='c></a>", "x.xml:1: '<' in an attribute's value"},
        {"<a b='c", "x.xml:1: an attribute's value does not end"},
        {"<a b='c'd='e'/>", "x.xml:1: a blank is missing"},
        {"<a b='c' b='e'/>", "x.xml:1: attribute b occurs twice"},
        {"<a", "x.xml:1: the start tag of <a>"},
        {"<a /", "x.xml:1: the start tag of <a>"},
        {"<1/>", "x.xml:1: a name is expected"},
        {"<a>< b/></a>", "x.xml:1: a name is expected"},
        {"<a>&nbsp;</a>", "x.xml:1: an unknown entity"},
        {"<a>&#0;</a>", "x.xml:1: a character reference"},
        {"<a>&#xd800;</a>", "x.xml:1: a character reference"},
        {"<a>&#x110000;</a>", "x.xml:1: a character reference"},
        {"<a>&#xg;</a>", "x.xml:1: a character reference"},
        {"<a>&#;</a>", "x.xml:1: a character reference"},
        {"<a>&#99</a>", "x.xml:1: an unknown entity"},
        {"<!DOCTYPE a [<!ENTITY b SYSTEM \"/etc/passwd\">]><a>&b;</a>", "x.xml:1: a document type"},
        {"<a><!DOCTYPE b></a>", "x.xml:1: a name is expected"},
        {"<a><!-- -- --></a>", "x.xml:1: \"--\" inside a comment"},
        {"<a><!-- ", "x.xml:1: a comment does not end"},
        {"<a><![CDATA[", "x.xml:1: a CDATA section does not end"},
        {"<a><? ", "x.xml:1: a processing instruction does not end"},
        {"<?xml version='1.0' encoding='latin1'?><a/>", "x.xml:1: the encoding must be UTF-8"},
        {"<a>\n\xe9</a>", "x.xml:2: byte 0xe9"},
        {"<a>\n\xc0\x80</a>", "x.xml:2: byte 0xc0"},
        {"<a>\xed\xa0\x80</a>", "x.xml:1: byte 0xed"},
        {"<a>\x01</a>", "x.xml:1: byte 0x01"},
        {"<a>\xf0\x9f\x98", "x.xml:1: byte 0xf0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* a block of its own, so that a sanitizer sees reading beyond the end */
        const size_t size = strlen(cases[i].text);
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, cases[i].text, size);
        char *exact = realloc(copy, size > 0 ? size : 1);
        assert_non_null(exact);
        refused(exact, size, cases[i].message);
        free(exact);
    }
    refused("<a>\0</a>", 8, "x.xml:1: byte 0x00");
}

/* A hundred thousand elements inside each other: no recursion. */
static void depth_is_no_limit(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(7 * (size_t)DEPTH + 1);
    assert_non_null(text);
    char *at = text;
    for (int i = 0; i < DEPTH; i++) {
        memcpy(at, "<a>", 3);
        at += 3;
    }
    for (int i = 0; i < DEPTH; i++) {
        memcpy(at, "</a>", 4);
        at += 4;
    }
    *at = '\0';
    cs_xml *xml = parsed(text);
    assert_int_equal(cs_xml_root(xml)->n_descendants, DEPTH - 1);
    cs_xml_free(xml);
    free(text);
    char *large = calloc(CS_XML_MAX_BYTES + 1, 1);
    assert_non_null(large);
    refused(large, CS_XML_MAX_BYTES + 1, "x.xml:1: larger than");
    free(large);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    static const char text[] = "<a b='1'><c/><d>e</d></a>";
    cs_status status = CS_MEMORY;
    for (long nth = 1; status == CS_MEMORY && nth < 100; nth++) {
        cs_xml *xml = NULL;
        cs_error err = {0};
        cs_memory_fail_nth(nth);
        status = cs_xml_parse(&xml, text, strlen(text), "x.xml", &err);
        cs_memory_fail_nth(0);
        assert_int_equal(xml != NULL, status == CS_OK);
        cs_xml_free(xml);
    }
    assert_int_equal(status, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stand_in_order_with_their_lines),
        cmocka_unit_test(references_and_sections_become_text),
        cmocka_unit_test(what_is_not_well_formed_is_refused),
        cmocka_unit_test(depth_is_no_limit),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
