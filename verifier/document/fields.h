/**
 * From what was parsed to the fields of a document.
 */
#ifndef IMI_DOCUMENT_FIELDS_H
#define IMI_DOCUMENT_FIELDS_H

#include "imi/document.h"

/** Take over a zone that was read: kind, fields, and whether check digits hold. */
void imi_document_take_mrz(imi_document *document, const imi_mrz *mrz);
/** Take over a resident number that was read. */
void imi_document_take_resident_number(imi_document *document, const imi_resident_number *number);
/** Add the reasons that follow from what was found. Glare, colour and raster are set before. */
void imi_document_judge(imi_document *document, imi_calendar_day today);

#endif
