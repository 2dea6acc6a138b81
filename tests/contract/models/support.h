/**
 * What the tests of the model runtime share: images to look at and model folders to break.
 */
#ifndef IMI_TEST_MODELS_SUPPORT_H
#define IMI_TEST_MODELS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imi/face.h"
#include "imi/image.h"
#include "imi_models/models.h"

/** Fail the test with err's message unless the status is OK. */
void assert_ok_(imi_status status, const imi_error *err, const char *file, int line);
#define assert_ok(expression, err) assert_ok_((expression), (err), __FILE__, __LINE__)

/** The runtime with every model, loaded once for a group of tests. */
int load_models(void **state);
int unload_models(void **state);

/** Decode a still of the sample media; the caller destroys it. */
imi_image *load_still(const char *name);
/** An RGB8 image of one level. */
imi_image *plain_image(uint32_t width, uint32_t height, uint8_t level);
/** The image drawn through a map into a new one of the given size. */
imi_image *warped(const imi_image *image, const imi_affine *map, uint32_t width, uint32_t height);
/** Grey portrait of 102 x 126 around the face, as an identity document's chip stores it. */
imi_image *document_portrait(imi_model_set *models, const imi_image *image);

/** The surest face; fails the test if there is none. */
imi_face_box find_face(imi_model_set *models, const imi_image *image);
void find_mesh(imi_model_set *models, const imi_image *image, imi_landmarks *out);

/** A fresh folder with links to every model file and a copy of the manifest. */
char *make_model_folder(void);
void remove_model_folder(char *folder);
/** Replace a file of the folder by other bytes. */
void replace_file(const char *folder, const char *name, imi_view contents);
void remove_file(const char *folder, const char *name);

#endif
