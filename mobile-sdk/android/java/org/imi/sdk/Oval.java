package org.imi.sdk;

/** Where the face is to be: shares of the picture as the server sees it, not mirrored. */
public final class Oval {
    public final float centreX;
    public final float centreY;
    /** Share of the picture's smaller side. */
    public final float height;

    Oval(float centreX, float centreY, float height) {
        this.centreX = centreX;
        this.centreY = centreY;
        this.height = height;
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
