#include "specification.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static json_t *value_of(yaml_document_t *document, yaml_node_t *node);

static int is_marked(const yaml_node_t *node)
{
    return node->tag != NULL && strcmp((const char *)node->tag, "!sd") == 0;
}

static json_t *number_of(const char *text)
{
    char *end = NULL;
    errno = 0;
    long long whole = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0) {
        return json_integer(whole);
    }
    double real = strtod(text, &end);
    return end != text && *end == '\0' ? json_real(real) : NULL;
}

static json_t *scalar_of(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        return json_string(text);
    }
    if (strcmp(text, "null") == 0 || text[0] == '\0') {
        return json_null();
    }
    if (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0) {
        return json_boolean(strcasecmp(text, "true") == 0);
    }
    json_t *number = number_of(text);
    return number != NULL ? number : json_string(text);
}

static json_t *object_of(yaml_document_t *document, const yaml_node_t *node)
{
    json_t *object = json_object();
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        char name[256];
        yaml_node_t *key = yaml_document_get_node(document, pair->key);
        snprintf(name, sizeof name, "%s%s", is_marked(key) ? SPECIFICATION_MARK : "",
                 (const char *)key->data.scalar.value);
        json_object_set_new(object, name,
                            value_of(document, yaml_document_get_node(document, pair->value)));
    }
    return object;
}

static json_t *array_of(yaml_document_t *document, const yaml_node_t *node)
{
    json_t *array = json_array();
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        yaml_node_t *element = yaml_document_get_node(document, *item);
        json_t *value = value_of(document, element);
        json_array_append_new(
            array, is_marked(element) ? json_pack("{s:o}", SPECIFICATION_MARK, value) : value);
    }
    return array;
}

static json_t *value_of(yaml_document_t *document, yaml_node_t *node)
{
    switch (node->type) {
    case YAML_MAPPING_NODE:
        return object_of(document, node);
    case YAML_SEQUENCE_NODE:
        return array_of(document, node);
    default:
        return scalar_of(node);
    }
}

json_t *specification_load(const char *path)
{
    FILE *file = fopen(path, "rb");
    yaml_parser_t parser;
    yaml_document_t document;
    json_t *value = NULL;
    if (file == NULL) {
        return NULL;
    }
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, file);
    if (yaml_parser_load(&parser, &document)) {
        yaml_node_t *root = yaml_document_get_root_node(&document);
        value = root == NULL ? NULL : value_of(&document, root);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return value;
}
