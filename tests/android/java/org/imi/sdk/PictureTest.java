package org.imi.sdk;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.nio.ByteBuffer;
import org.junit.Test;

public class PictureTest {
    /** Rows of bytes as a camera pads them. */
    private static Nv21.Plane plane(int width, int height, int first, int stride, int step) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(stride * height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                bytes.put(y * stride + x * step, (byte) (first + y * width + x));
            }
        }
        return new Nv21.Plane(bytes, stride, step);
    }

    /** Luma 1 to 8 in rows of 4, blue 21 22, red 31 32. */
    private static byte[] turned(int degrees) {
        return Nv21.upright(plane(4, 2, 1, 7, 1), plane(2, 1, 21, 9, 2), plane(2, 1, 31, 4, 1), 4,
                2, degrees);
    }

    @Test
    public void an_upright_picture_is_only_packed() {
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 31, 21, 32, 22}, turned(0));
    }

    @Test
    public void pictures_are_turned_clockwise() {
        assertArrayEquals(new byte[] {5, 1, 6, 2, 7, 3, 8, 4, 31, 21, 32, 22}, turned(90));
        assertArrayEquals(new byte[] {8, 7, 6, 5, 4, 3, 2, 1, 32, 22, 31, 21}, turned(180));
        assertArrayEquals(new byte[] {4, 8, 3, 7, 2, 6, 1, 5, 32, 22, 31, 21}, turned(270));
    }

    @Test
    public void other_angles_and_odd_sides_are_refused() {
        assertThrows(IllegalArgumentException.class, () -> turned(45));
        assertThrows(IllegalArgumentException.class, () -> turned(360));
        Nv21.Plane plane = plane(4, 4, 0, 4, 1);
        assertThrows(IllegalArgumentException.class,
                () -> Nv21.upright(plane, plane, plane, 3, 2, 0));
    }

    @Test
    public void the_smallest_large_enough_of_the_lens_s_shape_is_chosen() {
        assertEquals(2, PictureSize.choose(new int[] {1920, 1080, 320, 240, 640, 480, 800, 600}));
        assertEquals(1, PictureSize.choose(new int[] {1280, 720, 1600, 1200}));
        assertEquals(0, PictureSize.choose(new int[] {1280, 720, 1920, 1080}));
        assertEquals(1, PictureSize.choose(new int[] {176, 144, 320, 240}));
    }

    /** A phone's front sensor lies at 270 degrees, its back one at 90. */
    @Test
    public void pictures_stand_upright_however_the_phone_is_held() {
        assertEquals(270, PictureSize.uprightDegrees(270, 0, true));
        assertEquals(0, PictureSize.uprightDegrees(270, 90, true));
        assertEquals(90, PictureSize.uprightDegrees(90, 0, false));
        assertEquals(0, PictureSize.uprightDegrees(90, 90, false));
        assertEquals(180, PictureSize.uprightDegrees(90, 270, false));
    }

    private static void assertPlaced(PictureSize.Placing placing, float x, float y, int degrees,
            float scale) {
        assertEquals(x, placing.scaleX, 1e-6);
        assertEquals(y, placing.scaleY, 1e-6);
        assertEquals(degrees, placing.degrees);
        assertEquals(scale, placing.scale, 1e-6);
    }

    /** 640x480 of a sensor that lies in the phone are 480x640 for who holds it upright. */
    @Test
    public void a_preview_covers_its_view_and_is_not_distorted() {
        assertPlaced(PictureSize.place(640, 480, 90, 0, 960, 1280), 0.5f, 0.5f, 0, 2);
        assertPlaced(PictureSize.place(640, 480, 270, 0, 480, 1280), 1, 0.5f, 0, 2);
        assertPlaced(PictureSize.place(640, 480, 90, 90, 1280, 480), 0.375f, 640 / 480f, -90, 2);
        assertPlaced(PictureSize.place(640, 480, 0, 0, 640, 480), 1, 1, 0, 1);
    }

    private static void assertSides(float[] sides, double left, double top, double right,
            double bottom) {
        float[] expected = {(float) left, (float) top, (float) right, (float) bottom};
        assertArrayEquals(expected, sides, 0.1f);
    }

    @Test
    public void an_oval_is_measured_by_the_picture_s_shorter_side() {
        Oval oval = new Oval(0.5f, 0.5f, 0.8f);
        assertSides(oval.over(600, 800, false, false), 112.8, 160, 487.2, 640);
        assertSides(oval.over(800, 600, true, false), 212.8, 60, 587.2, 540);
    }

    @Test
    public void an_oval_changes_sides_in_a_mirror() {
        Oval oval = new Oval(0.25f, 0.5f, 0.4f);
        assertSides(oval.over(600, 800, false, false), 56.4, 280, 243.6, 520);
        assertSides(oval.over(600, 800, false, true), 356.4, 280, 543.6, 520);
    }

    @Test
    public void an_oval_stays_with_the_picture_that_a_view_cuts() {
        Oval oval = new Oval(0.5f, 0.25f, 0.5f);
        assertSides(oval.over(300, 800, false, false), 33, 50, 267, 350);
    }
}
