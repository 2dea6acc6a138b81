package org.imi.sdk;

/** Which picture a camera is to give, and how it is turned upright. */
public final class PictureSize {
    private static final int WIDTH_MIN = 640;
    private static final int HEIGHT_MIN = 480;

    private PictureSize() {}

    /**
     * Index of the smallest that has 640x480, of the shape 4:3 if there is one, which shows most of
     * what the lens sees; of the largest if none is large enough.
     *
     * @param sides width and height of each in turn; at least one pair
     */
    public static int choose(int[] sides) {
        int best = 0;
        for (int i = 1; i < sides.length / 2; i++) {
            if (rank(sides, i) < rank(sides, best)) {
                best = i;
            }
        }
        return best;
    }

    private static long rank(int[] sides, int i) {
        long width = sides[2 * i];
        long height = sides[2 * i + 1];
        long pixels = width * height;
        if (width < WIDTH_MIN || height < HEIGHT_MIN) {
            return Long.MAX_VALUE - pixels;
        }
        return width * 3 == height * 4 ? pixels : pixels + Integer.MAX_VALUE;
    }

    /**
     * Degrees to turn the sensor's picture clockwise.
     *
     * @param sensor SENSOR_ORIENTATION
     * @param display how far the screen's content is turned against the device
     */
    public static int uprightDegrees(int sensor, int display, boolean front) {
        return (front ? sensor + display : sensor - display + 360) % 360;
    }
}
