package org.imi.sample;

import android.content.Context;
import android.content.res.Configuration;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.util.AttributeSet;
import android.view.View;
import org.imi.sdk.Oval;

/** The oval that the face is to fill, over the mirrored preview. */
public final class OvalView extends View {
    private static final int BLACK = 0xFF000000;
    private static final int WHITE = 0xFFFFFFFF;
    private static final float RIM_PX = 18;
    private static final float RING_PX = 10;

    private final Paint paint = new Paint();
    private Oval oval;

    public OvalView(Context context, AttributeSet attributes) {
        super(context, attributes);
        paint.setAntiAlias(true);
        paint.setStyle(Paint.Style.STROKE);
    }

    /** Null for none. */
    void show(Oval wanted) {
        oval = wanted;
        invalidate();
    }

    @Override
    protected void onDraw(Canvas canvas) {
        if (oval == null) {
            return;
        }
        int held = getResources().getConfiguration().orientation;
        boolean lying = held == Configuration.ORIENTATION_LANDSCAPE;
        float[] sides = oval.over(getWidth(), getHeight(), lying, true);
        // White on black is seen before any wall.
        draw(canvas, sides, RIM_PX, BLACK);
        draw(canvas, sides, RING_PX, WHITE);
    }

    private void draw(Canvas canvas, float[] sides, float width, int colour) {
        paint.setStrokeWidth(width);
        paint.setColor(colour);
        canvas.drawOval(sides[0], sides[1], sides[2], sides[3], paint);
    }
}
