#include "geometry.h"

#include <math.h>

static const double RAD_PER_DEG = 0.017453292519943295;

imi_gen_point imi_gen_add(imi_gen_point a, imi_gen_point b)
{
    return (imi_gen_point){a.x + b.x, a.y + b.y, a.z + b.z};
}

imi_gen_point imi_gen_subtract(imi_gen_point a, imi_gen_point b)
{
    return (imi_gen_point){a.x - b.x, a.y - b.y, a.z - b.z};
}

imi_gen_point imi_gen_blend(imi_gen_point a, imi_gen_point b, double share)
{
    return (imi_gen_point){a.x + share * (b.x - a.x), a.y + share * (b.y - a.y),
                           a.z + share * (b.z - a.z)};
}

imi_gen_matrix imi_gen_matrix_of(imi_gen_turn turn)
{
    double cy = cos(turn.yaw_deg * RAD_PER_DEG);
    double sy = sin(turn.yaw_deg * RAD_PER_DEG);
    double cp = cos(turn.pitch_deg * RAD_PER_DEG);
    double sp = sin(turn.pitch_deg * RAD_PER_DEG);
    double cr = cos(turn.roll_deg * RAD_PER_DEG);
    double sr = sin(turn.roll_deg * RAD_PER_DEG);
    /* The nose points to -z: a positive yaw carries it to +x, a positive pitch to -y. */
    return (imi_gen_matrix){{
        {cr * cy, sr * -cp + cr * sy * sp, -sr * sp - cr * sy * cp},
        {sr * cy, cr * cp + sr * sy * sp, cr * sp - sr * sy * cp},
        {sy, -cy * sp, cy * cp},
    }};
}

imi_gen_point imi_gen_rotate(const imi_gen_matrix *matrix, imi_gen_point p)
{
    const double(*m)[3] = matrix->row;
    return (imi_gen_point){
        m[0][0] * p.x + m[0][1] * p.y + m[0][2] * p.z,
        m[1][0] * p.x + m[1][1] * p.y + m[1][2] * p.z,
        m[2][0] * p.x + m[2][1] * p.y + m[2][2] * p.z,
    };
}

imi_gen_lens imi_gen_lens_of(uint32_t width, uint32_t height)
{
    const double focal = 0.866; /* by the picture's width */
    return (imi_gen_lens){focal * width, (width - 1) / 2.0, (height - 1) / 2.0};
}

imi_gen_seen imi_gen_project(const imi_gen_lens *lens, imi_gen_point p)
{
    return (imi_gen_seen){lens->centre_x + lens->focal_px * p.x / p.z,
                          lens->centre_y + lens->focal_px * p.y / p.z, p.z};
}

double imi_gen_ramp(double value, double low, double high)
{
    double t = (value - low) / (high - low);
    t = fmin(fmax(t, 0), 1);
    return t * t * (3 - 2 * t);
}
