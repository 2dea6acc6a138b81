package org.imi.sdk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A camera whose pictures show nothing, for servers that do not look at them. */
final class NoiseCamera implements CameraSource {
    private static final int PERIOD_MS = 20;
    private static final int WIDTH = 64;
    private static final int HEIGHT = 48;

    private final ScheduledExecutorService sensor = Executors.newSingleThreadScheduledExecutor();
    private final Random random = new Random(5);
    private volatile Listener listener;

    NoiseCamera() {
        sensor.scheduleAtFixedRate(() -> {
            Listener heard = listener;
            if (heard != null) {
                heard.onFrame(new Noise(random));
            }
        }, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void open(Facing facing, Listener heard) {
        listener = heard;
        heard.onReady();
    }

    @Override
    public void close() {
        listener = null;
    }

    void stop() {
        sensor.shutdownNow();
    }

    private static final class Noise implements CameraFrame {
        private final byte[] pixels = new byte[WIDTH * HEIGHT];

        Noise(Random random) {
            random.nextBytes(pixels);
        }

        @Override
        public ByteBuffer luma() {
            return Protocol.direct(pixels);
        }

        @Override
        public int width() {
            return WIDTH;
        }

        @Override
        public int height() {
            return HEIGHT;
        }

        @Override
        public int strideBytes() {
            return WIDTH;
        }

        @Override
        public void writeJpeg(int quality, OutputStream out) throws IOException {
            out.write(pixels);
        }

        @Override
        public void close() {
        }
    }
}
