package org.imi.sdk;

/** Where the face is to be: shares of the picture as the server sees it, not mirrored. */
public final class Oval {
    /** Of its height, as the server draws it. */
    private static final float WIDTH = 0.78f;
    /** Sides of a picture, which the SDK takes of this shape from every camera that has it. */
    private static final float LONG = 4;
    private static final float SHORT = 3;

    public final float centreX;
    public final float centreY;
    /** Share of the picture's smaller side. */
    public final float height;

    Oval(float centreX, float centreY, float height) {
        this.centreX = centreX;
        this.centreY = centreY;
        this.height = height;
    }

    /**
     * Where it is drawn over a preview that covers its view: left, top, right and bottom in pixels.
     *
     * @param lying the screen is wider than high
     * @param mirrored the preview is, as that of a front camera
     */
    public float[] over(float viewWidth, float viewHeight, boolean lying, boolean mirrored) {
        float wide = lying ? LONG : SHORT;
        float high = lying ? SHORT : LONG;
        float scale = Math.max(viewWidth / wide, viewHeight / high);
        float x = viewWidth / 2 + (mirrored ? 0.5f - centreX : centreX - 0.5f) * wide * scale;
        float y = viewHeight / 2 + (centreY - 0.5f) * high * scale;
        float ry = height * SHORT * scale / 2;
        float rx = ry * WIDTH;
        return new float[] {x - rx, y - ry, x + rx, y + ry};
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Oval)) {
            return false;
        }
        Oval that = (Oval) other;
        return centreX == that.centreX && centreY == that.centreY && height == that.height;
    }

    @Override
    public int hashCode() {
        return Float.floatToIntBits(centreX) + 31 * Float.floatToIntBits(centreY)
                + 961 * Float.floatToIntBits(height);
    }
}
