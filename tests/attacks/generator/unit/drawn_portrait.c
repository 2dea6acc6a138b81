#include "drawn_portrait.h"

#include "cmocka_all.h"

#include <math.h>

enum { WIDTH = 600, HEIGHT = 700, CENTRE_X = 300, EYES_Y = 300 };

/* Points named by what they are, in inter-eye distances from the middle of the eyes. */
typedef struct named {
    uint16_t index;
    float x, y, z;
} named;

static const named NAMED[] = {
    {33, -0.74F, 0, 0},          {133, -0.26F, 0, -0.05F},    {362, 0.26F, 0, -0.05F},
    {263, 0.74F, 0, 0},          {1, 0, 0.55F, -0.75F},       {10, 0, -0.95F, -0.2F},
    {152, 0, 1.65F, -0.2F},      {234, -1.12F, 0.25F, 0.85F}, {454, 1.12F, 0.25F, 0.85F},
    {78, -0.38F, 1.02F, -0.3F},  {308, 0.38F, 1.02F, -0.3F},  {61, -0.42F, 1.02F, -0.28F},
    {291, 0.42F, 1.02F, -0.28F},
};

static const uint16_t LIDS[3][2][7] = {
    {{247, 30, 29, 27, 28, 56, 190}, {467, 260, 259, 257, 258, 286, 414}},
    {{246, 161, 160, 159, 158, 157, 173}, {466, 388, 387, 386, 385, 384, 398}},
    {{7, 163, 144, 145, 153, 154, 155}, {249, 390, 373, 374, 380, 381, 382}},
};
static const uint16_t LIPS[2][9] = {{191, 80, 81, 82, 13, 312, 311, 310, 415},
                                    {95, 88, 178, 87, 14, 317, 402, 318, 324}};

static void put(imi_landmarks *mesh, uint16_t index, float x, float y, float z)
{
    mesh->points[index] = (imi_point3){CENTRE_X + IMI_GEN_EYES_PX * x, EYES_Y + IMI_GEN_EYES_PX * y,
                                       IMI_GEN_EYES_PX * z};
}

static void put_eyes_and_mouth(imi_landmarks *mesh)
{
    static const float LID_Y[3] = {-0.2F, -0.09F, 0.07F};
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 7; i++) {
            float along = -0.18F + 0.06F * (float)i;
            put(mesh, LIDS[row][0][i], -0.5F + along, LID_Y[row], -0.08F);
            put(mesh, LIDS[row][1][i], 0.5F - along, LID_Y[row], -0.08F);
        }
    }
    for (int i = 0; i < 9; i++) {
        float along = -0.32F + 0.08F * (float)i;
        put(mesh, LIPS[0][i], along, 1.01F, -0.4F);
        put(mesh, LIPS[1][i], along, 1.03F, -0.4F);
    }
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        put(mesh, NAMED[i].index, NAMED[i].x, NAMED[i].y, NAMED[i].z);
    }
}

static imi_landmarks draw_mesh(void)
{
    imi_landmarks mesh = {.presence = 1};
    for (unsigned i = 0; i < IMI_MESH_POINTS; i++) {
        /* Evenly over a disc, and from there onto the ellipsoid. */
        float radius = 0.98F * sqrtf((float)i / IMI_MESH_POINTS);
        float angle = 2.399963F * (float)i;
        float x = radius * cosf(angle);
        float y = radius * sinf(angle);
        float z = 0.9F - 1.5F * sqrtf(1 - radius * radius);
        put(&mesh, (uint16_t)i, 1.1F * x, 0.35F + 1.3F * y, z);
    }
    put_eyes_and_mouth(&mesh);
    return mesh;
}

imi_gen_portrait *drawn_portrait_new(unsigned hue)
{
    IMI_AUTO(imi_image) photo = NULL;
    imi_gen_portrait *portrait = NULL;
    assert_int_equal(IMI_OK, imi_image_new(WIDTH, HEIGHT, IMI_PIXEL_RGB8, &photo, NULL));
    for (uint32_t y = 0; y < HEIGHT; y++) {
        uint8_t *row = photo->pixels + (size_t)y * photo->stride_bytes;
        for (uint32_t x = 0; x < WIDTH; x++) {
            unsigned checks = (x / 12 + y / 12) % 2 * 60;
            row[3 * x] = (uint8_t)(90 + checks + hue % 40);
            row[3 * x + 1] = (uint8_t)(70 + x % 64);
            row[3 * x + 2] = (uint8_t)(60 + y % 64 + hue / 2 % 40);
        }
    }
    imi_landmarks mesh = draw_mesh();
    assert_int_equal(IMI_OK, imi_gen_portrait_new(photo, &mesh, &portrait, NULL));
    return portrait;
}
