#include "figure.h"

enum { WIDTH = 640, PLOT_HEIGHT = 450 };

/* A new figure at the end of the list; NULL without memory. */
static imi_report_figure *add_figure(imi_report_figures *list, imi_report_section section)
{
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + 8;
        imi_report_figure *grown = imi_realloc(list->figures, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        list->figures = grown;
        list->capacity = capacity;
    }
    imi_report_figure *figure = &list->figures[list->count++];
    *figure = (imi_report_figure){section, {0}, {0}, WIDTH, PLOT_HEIGHT, IMI_BUFFER_INIT};
    return figure;
}

imi_status imi_report_begin_figure(imi_report_figures *list, imi_report_section section,
                                   imi_report_figure **out, imi_error *err)
{
    *out = add_figure(list, section);
    if (*out == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for the pictures");
    }
    return IMI_OK;
}

void imi_report_figures_clean_up(imi_report_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        imi_buffer_clean_up(&figures->figures[i].drawing);
    }
    imi_free(figures->figures);
    *figures = (imi_report_figures){NULL, 0, 0};
}

static imi_status put_drawing(const imi_report_figure *figure, imi_buffer *out, imi_error *err)
{
    return imi_buffer_append(out, imi_buffer_view(&figure->drawing), err);
}

imi_status imi_report_script(const imi_report_figures *figures, imi_buffer *out, imi_error *err)
{
    /* P scales points, which terminals draw in different sizes. */
    IMI_TRY(imi_buffer_append_text(out, "set encoding utf8\n", err));
    for (size_t i = 0; i < figures->count; i++) {
        const imi_report_figure *f = &figures->figures[i];
        IMI_TRY(imi_buffer_printf(out, err,
                                  "reset\nset termoption noenhanced\n"
                                  "set terminal svg noenhanced size %u,%u dynamic font "
                                  "'sans-serif,18' background rgb 'white'\n"
                                  "set output '%s.svg'\nP = 0.55\n",
                                  f->width, f->height, f->file));
        IMI_TRY(put_drawing(f, out, err));
        IMI_TRY(imi_buffer_printf(out, err,
                                  "unset output\nreset\n"
                                  "set terminal pngcairo noenhanced size %u,%u font 'sans,14' "
                                  "fontscale 2 linewidth 2 background rgb 'white'\n"
                                  "set output '%s.png'\nP = 1\n",
                                  2 * f->width, 2 * f->height, f->file));
        IMI_TRY(put_drawing(f, out, err));
        IMI_TRY(imi_buffer_append_text(out, "unset output\n", err));
    }
    return IMI_OK;
}
