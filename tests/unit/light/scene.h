/**
 * A made-up room before a made-up camera: light of the room and of a screen falls on skin and on
 * a wall, and comes out as the JPEG frames that a phone would send.
 */
#ifndef IMI_TESTS_SCENE_H
#define IMI_TESTS_SCENE_H

#include "imi/light.h"

typedef struct scene {
    imi_light_sequence shown; /* what the server drew */
    imi_light_sequence falls; /* what lights the face: the same, or an attacker's; count 0: none */
    double ambient[3]; /* the room's light on face and wall, linear */
    double screen; /* light of a white screen at the face; the room's is about 1 */
    double wall_share; /* of that light on the wall; 1: a print, in one plane with its background */
    double skin[3]; /* reflectance */
    int64_t delay_ms; /* of display and camera */
    int64_t lead_ms; /* how early what falls began, of a recording made earlier */
    double frames_a_second;
    bool white_balance; /* the camera's own: drawn to grey within seconds */
    double sway; /* of the head and of its lighting: 1 calm, 5 restless */
    double approach; /* how much brighter the screen is on the face at the end: 2 is threefold */
    bool fills_frame; /* no background is in the picture */
    uint64_t seed;
} scene;

/** A calm person of medium skin in a dim room, answering a sequence. */
scene scene_at_evening(void);
/** A sequence drawn by a seed, so that every run of a test sees the same ones. */
imi_light_sequence scene_sequence(uint64_t seed);
/** Show the whole sequence to a watch; the finding. */
imi_finding scene_play(const scene *s);
/** Feed some part of it, from and to in ms since the first colour. */
void scene_feed(const scene *s, imi_light_watch *watch, int64_t from_ms, int64_t to_ms);

#endif
