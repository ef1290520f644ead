#include "docs.h"

#include <string.h>

#include "b64.h"

#define DOCUMENT "doc/"
#define ENDING ".gb1"
#define ASSET "asset/"
#define STEM_MOST 64

static bool is_document_name(const char *name)
{
    if (strncmp(name, DOCUMENT, strlen(DOCUMENT)) != 0) return false;
    const char *stem = name + strlen(DOCUMENT);
    size_t n = strlen(stem);
    if (n <= strlen(ENDING) || n > STEM_MOST + strlen(ENDING)) return false;
    n -= strlen(ENDING);
    for (size_t i = 0; i < n; i++) {
        char c = stem[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '.' && c != '-') return false;
    }
    return strcmp(stem + n, ENDING) == 0;
}

static bool is_asset_name(const char *name, const uint8_t h[32])
{
    char text[GB1_B64_CHARS(32) + 1];
    gb1_b64_encode(text, h, 32);
    return strncmp(name, ASSET, strlen(ASSET)) == 0 && strcmp(name + strlen(ASSET), text) == 0;
}

static bool file_read(struct gb1_js obj, struct gb1_bundle_file *out)
{
    memset(out, 0, sizeof *out);
    if (!gb1_js_is_object(obj) || !gb1_f_text(obj, "n", out->name, sizeof out->name)) return false;
    if (!gb1_f_bytes(obj, "h", out->h, 32) || !gb1_f_int(obj, "sz", 1, GB1_MAX_INTEGER, &out->sz)) return false;
    out->is_document = is_document_name(out->name);
    return out->is_document || is_asset_name(out->name, out->h);
}

/* Whether one of the first n files has this name. */
static bool is_named_before(struct gb1_js obj, int n, const char *name)
{
    struct gb1_js_walk walk;
    char other[GB1_FILE_CAP];
    if (!gb1_f_array(obj, "files", GB1_BUNDLE_FILES, true, &walk)) return false;
    for (int i = 0; i < n && gb1_js_next(&walk); i++) {
        if (gb1_f_text(walk.value, "n", other, sizeof other) && strcmp(other, name) == 0) return true;
    }
    return false;
}

bool gb1_bundle_read(struct gb1_js obj, struct gb1_bundle *out)
{
    struct gb1_js_walk walk;
    struct gb1_bundle_file file;
    memset(out, 0, sizeof *out);
    if (!gb1_f_array(obj, "files", GB1_BUNDLE_FILES, true, &walk)) return false;
    while (gb1_js_next(&walk)) {
        if (!file_read(walk.value, &file) || is_named_before(obj, out->files, file.name)) return false;
        out->files++;
    }
    return true;
}

bool gb1_bundle_file(struct gb1_js obj, int index, struct gb1_bundle_file *out)
{
    struct gb1_js_walk walk;
    if (!gb1_f_array(obj, "files", GB1_BUNDLE_FILES, true, &walk)) return false;
    for (int i = 0; gb1_js_next(&walk); i++) {
        if (i == index) return file_read(walk.value, out);
    }
    return false;
}
