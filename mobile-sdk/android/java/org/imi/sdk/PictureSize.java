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

    /** How a picture, which a view stretches over itself, is to be shown: in this order. */
    public static final class Placing {
        /** Take the stretching back. */
        public final float scaleX;
        public final float scaleY;
        /** Then turn. */
        public final int degrees;
        /** Then enlarge until the view is covered. */
        public final float scale;

        Placing(float scaleX, float scaleY, int degrees, float scale) {
            this.scaleX = scaleX;
            this.scaleY = scaleY;
            this.degrees = degrees;
            this.scale = scale;
        }
    }

    /**
     * A preview that covers its view, upright and not distorted.
     *
     * @param width of the sensor's picture, as the height is; the view's are not 0
     */
    public static Placing place(
            int width, int height, int sensor, int display, int viewWidth, int viewHeight) {
        // Android turns the picture as the device is meant to be held, whatever the screen does.
        boolean lying = sensor % 180 != 0;
        float upright = lying ? height : width;
        float tall = lying ? width : height;
        boolean turned = display % 180 != 0;
        float scale = Math.max(viewWidth / (turned ? tall : upright),
                viewHeight / (turned ? upright : tall));
        return new Placing(upright / viewWidth, tall / viewHeight, -display, scale);
    }
}
