#include "portrait/portrait.h"

#include "imi/place.h"
#include "imi_models/models.h"

/* Where the eyes' centres go. */
static const float EYES_Y = 58.0F;
static const float EYES_DISTANCE = 28.0F;

struct imi_tool_engine {
    imi_model_set models;
    imi_engine *engine;
};

static imi_status load(imi_tool_engine *self, const char *folder, imi_error *err)
{
    char beside[IMI_PLACE_SIZE];
    if (folder == NULL) {
        IMI_TRY(imi_place_shared("models", beside, err));
        folder = beside;
    }
    IMI_TRY(imi_model_set_load(folder, &self->models, err));
    imi_engine_parts parts = imi_model_set_parts(&self->models);
    return imi_engine_new(&parts, &self->engine, err);
}

imi_status imi_tool_engine_new(const char *folder, imi_tool_engine **out, imi_error *err)
{
    *out = NULL;
    IMI_AUTO(imi_tool_engine) self = imi_alloc(sizeof *self);
    if (self == NULL) {
        IMI_FAIL(err, IMI_E_NO_MEMORY, "no memory for an engine");
    }
    IMI_TRY(load(self, folder, err));
    *out = IMI_STEAL(&self);
    return IMI_OK;
}

void imi_tool_engine_destroy(imi_tool_engine **engine)
{
    if (engine == NULL || *engine == NULL) {
        return;
    }
    imi_engine_destroy(&(*engine)->engine);
    imi_model_set_clean_up(&(*engine)->models);
    imi_free(*engine);
    *engine = NULL;
}

imi_engine *imi_tool_engine_view(imi_tool_engine *engine)
{
    return engine->engine;
}

static imi_point middle(const imi_landmarks *landmarks, int a, int b)
{
    const imi_point3 *points = landmarks->points;
    return (imi_point){(points[a].x + points[b].x) / 2, (points[a].y + points[b].y) / 2};
}

/* The similarity that carries both eyes' centres to their places. */
static imi_affine crop_of(const imi_landmarks *landmarks)
{
    imi_point right = middle(landmarks, IMI_MESH_RIGHT_EYE_OUTER, IMI_MESH_RIGHT_EYE_INNER);
    imi_point left = middle(landmarks, IMI_MESH_LEFT_EYE_INNER, IMI_MESH_LEFT_EYE_OUTER);
    float dx = left.x - right.x;
    float dy = left.y - right.y;
    float square = dx * dx + dy * dy;
    float a = EYES_DISTANCE * dx / square;
    float b = EYES_DISTANCE * dy / square;
    float to_x = (float)(IMI_PORTRAIT_WIDTH - 1) / 2 - EYES_DISTANCE / 2;
    return (imi_affine){
        .a = a,
        .b = b,
        .c = to_x - a * right.x - b * right.y,
        .d = -b,
        .e = a,
        .f = EYES_Y + b * right.x - a * right.y,
    };
}

static imi_status find_face(imi_engine *engine, const imi_image *photo, imi_face *face,
                            imi_error *err)
{
    IMI_TRY(imi_engine_analyse(engine, photo, IMI_CAPTURE_PORTRAIT, face, err));
    if (face->reason == IMI_CAPTURE_NO_FACE) {
        IMI_FAIL(err, IMI_E_NOT_FOUND, "the photo shows no face");
    }
    if (face->reason == IMI_CAPTURE_SEVERAL_FACES) {
        IMI_FAIL(err, IMI_E_CONFLICT, "the photo shows several faces");
    }
    return IMI_OK;
}

imi_status imi_portrait_make(imi_engine *engine, const imi_image *photo, imi_buffer *jpeg_out,
                             imi_error *err)
{
    imi_face face;
    IMI_TRY(find_face(engine, photo, &face, err));
    imi_affine crop = crop_of(&face.landmarks);
    IMI_AUTO(imi_image) portrait = NULL;
    IMI_AUTO(imi_image) grey = NULL;
    IMI_TRY(imi_image_new(IMI_PORTRAIT_WIDTH, IMI_PORTRAIT_HEIGHT, photo->format, &portrait, err));
    IMI_TRY(imi_image_warp(photo, &crop, portrait, err));
    IMI_TRY(imi_image_to_grey(portrait, &grey, err));
    return imi_jpeg_encode(grey, IMI_PORTRAIT_QUALITY, jpeg_out, err);
}
