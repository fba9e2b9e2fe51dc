/* SPDX-License-Identifier: MIT */
#include "record/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "record/utf8.h"
#include "record/words_embedded.h"
#include "text/file.h"

static const struct {
    const char *name, *text;
} embedded[] = {
#define EMBEDDED(name) {#name, cs_words_##name},
    CS_WORDS_EMBEDDED(EMBEDDED)
#undef EMBEDDED
};

static const char *find_embedded(const char *name)
{
    for (size_t i = 0; i < sizeof embedded / sizeof *embedded; i++) {
        if (strcmp(embedded[i].name, name) == 0) {
            return embedded[i].text;
        }
    }
    return NULL;
}

bool cs_words_is_name(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

cs_status cs_words_open(cs_words *words, const char *folder, cs_error *err)
{
    *words = (cs_words){.folder = folder};
    if (folder != NULL && access(folder, R_OK | X_OK) != 0) {
        return cs_fail_errno(err, CS_IO, "--words=%s: cannot be opened", folder);
    }
    return CS_OK;
}

static void free_list(cs_word_list *list)
{
    free(list->name);
    free(list->path);
    free(list->content);
    free(list->words);
    free(list);
}

void cs_words_free(cs_words *words)
{
    while (words->first != NULL) {
        cs_word_list *list = words->first;
        words->first = list->next;
        free_list(list);
    }
}

static cs_status refuse_line(const char *where, size_t line, const char *what, cs_error *err)
{
    return cs_fail(err, CS_DATA, "%s:%zu: %s", where, line, what);
}

static cs_status check_word(const char *text, size_t length, const char *where, size_t line,
                            cs_error *err)
{
    if (length > CS_WORD_MAX_BYTES) {
        return cs_fail(err, CS_DATA, "%s:%zu: a word has %zu bytes; at most %d are possible", where,
                       line, length, CS_WORD_MAX_BYTES);
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return refuse_line(where, line, "a control character in a word", err);
        }
    }
    return cs_is_utf8(text, length) ? CS_OK : refuse_line(where, line, "not UTF-8", err);
}

/* Cuts the content into words in place. */
static cs_status split(cs_word_list *list, cs_error *err)
{
    size_t n_lines = 1;
    for (const char *c = list->content; *c != '\0'; c++) {
        n_lines += *c == '\n';
    }
    CS_TRY(cs_alloc(&list->words, n_lines, sizeof *list->words, "a word list", err));
    char *at = list->content;
    for (size_t line = 1; at != NULL && *at != '\0'; line++) {
        char *end = strchr(at, '\n');
        size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        length -= length > 0 && at[length - 1] == '\r';
        at[length] = '\0';
        if (length > 0 && at[0] != '#') {
            CS_TRY(check_word(at, length, list->name, line, err));
            list->words[list->n++] = (cs_word){.text = at, .length = length};
        }
        at = end != NULL ? end + 1 : NULL;
    }
    if (list->n == 0) {
        return refuse_line(list->name, 1, "there is no word in this list", err);
    }
    return CS_OK;
}

/* Makes a list of a text and adds it to the collection. */
static cs_status add(cs_word_list **out, cs_words *words, const char *name, const char *text,
                     size_t size, cs_error *err)
{
    cs_word_list *list = NULL;
    cs_status status = CS_OK;
    CS_TRY(cs_alloc(&list, 1, sizeof *list, "a word list", err));
    CS_CHECK(cs_copy_string(&list->name, name, err));
    CS_CHECK(cs_alloc(&list->content, size + 1, 1, "a word list", err));
    memcpy(list->content, text, size);
    if (memchr(text, '\0', size) != NULL) {
        CS_CHECK(refuse_line(name, 1, "a zero byte is no text", err));
    }
    CS_CHECK(split(list, err));
    list->next = words->first;
    words->first = list;
    *out = list;
    return CS_OK;
release:
    free_list(list);
    return status;
}

static cs_status read_file(cs_word_list **out, cs_words *words, const char *name, const char *path,
                           cs_error *err)
{
    cs_bytes content = {0};
    cs_word_list *list = NULL;
    cs_status status = CS_OK;
    CS_CHECK(cs_file_read(&content, path, CS_WORDS_MAX_FILE_BYTES, err));
    CS_CHECK(add(&list, words, path, (const char *)content.data, content.size, err));
    list->path = list->name;
    list->name = NULL;
    CS_CHECK(cs_copy_string(&list->name, name, err));
    *out = list;
release:
    cs_bytes_free(&content);
    return status;
}

static cs_word_list *find_known(const cs_words *words, const char *name, cs_word_form form)
{
    cs_word_list *list = words->first;
    while (list != NULL && (list->form != form || strcmp(list->name, name) != 0)) {
        list = list->next;
    }
    return list;
}

/* The list as it is, of the folder or our own; NULL if there is none. */
static cs_status find_plain(cs_word_list **out, cs_words *words, const char *name, cs_error *err)
{
    char *path = NULL;
    *out = find_known(words, name, CS_WORD_PLAIN);
    if (*out != NULL || !cs_words_is_name(name)) {
        return CS_OK;
    }
    if (words->folder != NULL) {
        CS_TRY(cs_format(&path, err, "%s/%s.txt", words->folder, name));
        const bool there = access(path, F_OK) == 0;
        const cs_status status = there ? read_file(out, words, name, path, err) : CS_OK;
        free(path);
        if (there) {
            return status;
        }
    }
    const char *text = find_embedded(name);
    return text != NULL ? add(out, words, name, text, strlen(text), err) : CS_OK;
}

static size_t put_host(char *out, const cs_word *word)
{
    size_t n = 0;
    for (size_t i = 0; i < word->length; i++) {
        const char c = word->text[i];
        if (c & 0x80) {
            return 0; /* what is not ASCII has no place in a plain host name */
        }
        const char small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9')) {
            out[n++] = small;
        }
    }
    return n;
}

static size_t put_capital(char *out, const cs_word *word)
{
    memcpy(out, word->text, word->length);
    if (out[0] >= 'a' && out[0] <= 'z') {
        out[0] = (char)(out[0] - 'a' + 'A');
    }
    return word->length;
}

/* The same list in another form. */
static cs_status make_form(cs_word_list **out, cs_words *words, const cs_word_list *plain,
                           cs_word_form form, cs_error *err)
{
    cs_bytes text = {0};
    cs_status status = CS_OK;
    for (size_t i = 0; i < plain->n; i++) {
        char word[CS_WORD_MAX_BYTES + 1];
        const size_t n = form == CS_WORD_HOST ? put_host(word, &plain->words[i])
                                              : put_capital(word, &plain->words[i]);
        word[n] = '\n';
        CS_CHECK(cs_bytes_append(&text, word, n + 1, err));
    }
    CS_CHECK(add(out, words, plain->name, (const char *)text.data, text.size, err));
    (*out)->form = form;
release:
    cs_bytes_free(&text);
    return status;
}

cs_status cs_words_find(const cs_word_list **list, cs_words *words, const char *name,
                        cs_word_form form, cs_error *err)
{
    cs_word_list *found = NULL;
    *list = find_known(words, name, form);
    if (*list != NULL) {
        return CS_OK;
    }
    CS_TRY(find_plain(&found, words, name, err));
    if (found != NULL && form != CS_WORD_PLAIN) {
        CS_TRY(make_form(&found, words, found, form, err));
    }
    *list = found;
    return CS_OK;
}

cs_status cs_words_read(const cs_word_list **list, cs_words *words, const char *path, cs_error *err)
{
    cs_word_list *read = NULL;
    CS_TRY(read_file(&read, words, path, path, err));
    *list = read;
    return CS_OK;
}

cs_status cs_words_make(const cs_word_list **list, cs_words *words, const char *const *texts,
                        size_t n, cs_error *err)
{
    cs_word_list *made = NULL;
    cs_bytes content = {0};
    cs_status status = CS_OK;
    CS_TRY(cs_alloc(&made, 1, sizeof *made, "a word list", err));
    CS_CHECK(cs_alloc(&made->words, n, sizeof *made->words, "a word list", err));
    CS_CHECK(cs_copy_string(&made->name, "(values)", err));
    for (size_t i = 0; i < n; i++) {
        CS_CHECK(cs_bytes_append(&content, texts[i], strlen(texts[i]) + 1, err));
    }
    made->content = (char *)content.data;
    const char *at = made->content;
    for (made->n = 0; made->n < n; made->n++) {
        made->words[made->n] = (cs_word){.text = at, .length = strlen(at)};
        at += strlen(at) + 1;
    }
    made->next = words->first;
    words->first = made;
    *list = made;
    return CS_OK;
release:
    cs_bytes_free(&content);
    free_list(made);
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const cs_word *)a)->text, ((const cs_word *)b)->text);
}

cs_status cs_words_find_twice(const cs_word **twice, const cs_word_list *list, cs_error *err)
{
    cs_word *sorted = NULL;
    *twice = NULL;
    CS_TRY(cs_alloc(&sorted, list->n, sizeof *sorted, "a word list", err));
    memcpy(sorted, list->words, list->n * sizeof *sorted);
    qsort(sorted, list->n, sizeof *sorted, by_text);
    const char *text = NULL;
    for (size_t i = 1; i < list->n && text == NULL; i++) {
        text = strcmp(sorted[i].text, sorted[i - 1].text) == 0 ? sorted[i].text : NULL;
    }
    for (size_t i = 0; i < list->n && text != NULL && *twice == NULL; i++) {
        *twice = list->words[i].text == text ? &list->words[i] : NULL;
    }
    free(sorted);
    return CS_OK;
}
