/**
 * What the files of administration share.
 */
#ifndef IMI_SESSION_ADMINISTRATION_INTERNAL_H
#define IMI_SESSION_ADMINISTRATION_INTERNAL_H

#include "imi/administration.h"
#include "operating_points.h"

struct imi_administration {
    imi_administration_options options;
    int64_t followed; /* line of the audit trail up to which others were followed */
};

static inline int64_t imi_administration_now_ms(const imi_administration *self)
{
    return self->options.clock->unix_ms(self->options.clock);
}

/** Admit the caller and find a purpose. Errors: IMI_E_PERMISSION, unknown purpose. */
IMI_MUST_USE imi_status imi_administration_purpose(const imi_administration *self, const char *name,
                                                   const char *purpose, const imi_purpose **out,
                                                   imi_error *err);
/** Admit the caller and read a point. Errors: IMI_E_PERMISSION, IMI_E_NOT_FOUND. */
IMI_MUST_USE imi_status imi_administration_point(const imi_administration *self, const char *name,
                                                 const char *point_id, imi_point_record *out,
                                                 imi_error *err);
/** Points of a purpose whose caller is admitted already. */
IMI_MUST_USE imi_status imi_administration_load_points(const imi_administration *self,
                                                       const char *purpose, imi_point_list *out,
                                                       imi_error *err);
/** Store points with their audit line, which the public log repeats. */
IMI_MUST_USE imi_status imi_administration_keep_points(imi_administration *self,
                                                       imi_point_record *points, size_t count,
                                                       const imi_audit_record *audit,
                                                       imi_error *err);
/** Begin an audit line; detail is printf-style. */
void imi_administration_describe(const imi_administration *self, imi_audit_record *out,
                                 const char *name, const char *action, const char *object,
                                 const char *format, ...) IMI_PRINTF(6, 7);

#endif
