package org.imi.sdk;

import static org.junit.Assert.assertTrue;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * A person before the camera: the frames of a clip, as `imictl frames` writes them. Stands neutral,
 * and acts what the phone asks for when the phone asks for it.
 */
final class ClipCamera implements CameraSource {
    private static final int PERIOD_MS = 40;
    private static final int REACTION_MS = 400;
    /** Before the same is shown once more. */
    private static final int REST_MS = 1500;

    /** A stretch of the clip that shows one action. */
    private static final class Segment {
        String action;
        long startMs;
        long endMs;
    }

    private static final double SWAY_SHARE = 0.01;
    private static final double ZOOM = 1.12;
    /** The clip's face is below the middle of the picture. */
    private static final double RAISE_SHARE = 0.04;
    private static final double NOISE_LEVELS = 1.5;

    /** Frames that nobody has closed yet, of all cameras. */
    static final AtomicInteger OPEN = new AtomicInteger();

    private final Random random = new Random(7);
    private final TreeMap<Long, byte[]> frames = new TreeMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final ScheduledExecutorService sensor = Executors.newSingleThreadScheduledExecutor();
    /** The person has not allowed it. */
    volatile boolean denied;
    private volatile String asked = "none";
    private volatile Listener listener;
    private Facing open;
    private Segment acting;
    private long actingSinceMs;
    private long restedAtMs;
    private int turn;

    ClipCamera(Path folder) throws IOException {
        for (String line : Files.readAllLines(folder.resolve("segments.csv"))) {
            String[] fields = line.split(",");
            if (fields[0].endsWith(".mp4")) {
                Segment segment = new Segment();
                segment.action = fields[1];
                segment.startMs = Long.parseLong(fields[2]);
                segment.endMs = Long.parseLong(fields[3]);
                segments.add(segment);
            }
        }
        try (java.util.stream.Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(".jpg")) {
                    frames.put(Long.parseLong(name.replace(".jpg", "")), Files.readAllBytes(file));
                }
            }
        }
        sensor.scheduleAtFixedRate(this::shoot, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    /** The person reads this now. */
    void ask(String phrase) {
        asked = phrase;
    }

    void stop() {
        sensor.shutdownNow();
    }

    @Override
    public void open(Facing facing, Listener heard) {
        if (denied) {
            heard.onLost(Loss.DENIED);
            return;
        }
        listener = heard;
        heard.onReady();
        synchronized (this) {
            open = facing;
            notifyAll();
        }
    }

    synchronized void awaitOpen(Facing facing) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (open != facing) {
            assertTrue("another camera is open", System.nanoTime() < deadline);
            wait(100);
        }
    }

    @Override
    public void close() {
        listener = null;
    }

    private void shoot() {
        long now = System.nanoTime() / 1_000_000;
        byte[] jpeg = frames.floorEntry(clipMs(now)).getValue();
        Listener heard = listener;
        if (heard != null) {
            try {
                BufferedImage scene = ImageIO.read(new ByteArrayInputStream(jpeg));
                heard.onFrame(new Frame(hold(scene, now)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** One of those that show it, another each time; null if none does. */
    private Segment find(String action) {
        List<Segment> all = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.action.equals(action)) {
                all.add(segment);
            }
        }
        return all.isEmpty() ? null : all.get(turn % all.size());
    }

    private long clipMs(long now) {
        if (acting == null && now >= restedAtMs) {
            acting = find(asked);
            actingSinceMs = now + REACTION_MS;
        }
        if (acting != null && now >= actingSinceMs) {
            long at = acting.startMs + now - actingSinceMs;
            if (at < acting.endMs) {
                return at;
            }
            acting = null;
            turn++;
            restedAtMs = now + REST_MS;
        }
        // To and fro, so that nothing jumps.
        Segment neutral = find("neutral");
        long length = neutral.endMs - neutral.startMs;
        long phase = now % (2 * length);
        return neutral.startMs + (phase < length ? phase : 2 * length - 1 - phase);
    }

    /**
     * What a hand and a sensor make of it: nothing comes again exactly as it was, or the server
     * takes it for the recording that it is.
     */
    private BufferedImage hold(BufferedImage scene, long now) {
        double unit = SWAY_SHARE * scene.getWidth();
        double right = unit * (Math.sin(now / 414.0) + 0.4 * Math.sin(now / 191.0));
        double down = unit * (Math.sin(now / 527.0) + 0.4 * Math.sin(now / 173.0));
        BufferedImage held = new BufferedImage(
                scene.getWidth(), scene.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = held.createGraphics();
        canvas.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        double margin = (ZOOM - 1) / 2;
        AffineTransform place = AffineTransform.getTranslateInstance(
                right - margin * scene.getWidth(),
                down - (margin + RAISE_SHARE) * scene.getHeight());
        place.scale(ZOOM, ZOOM);
        canvas.drawImage(scene, place, null);
        canvas.dispose();
        int[] pixels = ((DataBufferInt) held.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < pixels.length; i++) {
            int noise = (int) Math.round(NOISE_LEVELS * random.nextGaussian());
            pixels[i] = level(pixels[i] >> 16, noise) << 16 | level(pixels[i] >> 8, noise) << 8
                    | level(pixels[i], noise);
        }
        return held;
    }

    private static int level(int colour, int noise) {
        return Math.max(0, Math.min(255, (colour & 255) + noise));
    }

    /** A picture that was decoded, as a sensor gives it. */
    private static final class Frame implements CameraFrame {
        private final BufferedImage image;
        private final ByteBuffer luma;

        Frame(BufferedImage image) {
            OPEN.incrementAndGet();
            this.image = image;
            luma = ByteBuffer.allocateDirect(image.getWidth() * image.getHeight());
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    int rgb = image.getRGB(x, y);
                    luma.put((byte) (((rgb >> 16 & 255) * 77 + (rgb >> 8 & 255) * 151
                            + (rgb & 255) * 28) >> 8));
                }
            }
        }

        @Override
        public ByteBuffer luma() {
            return luma;
        }

        @Override
        public int width() {
            return image.getWidth();
        }

        @Override
        public int height() {
            return image.getHeight();
        }

        @Override
        public int strideBytes() {
            return image.getWidth();
        }

        @Override
        public void writeJpeg(int quality, OutputStream out) throws IOException {
            ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
            ImageWriteParam options = writer.getDefaultWriteParam();
            options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            options.setCompressionQuality(quality / 100f);
            try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
                writer.setOutput(stream);
                writer.write(null, new IIOImage(image, null, null), options);
            } finally {
                writer.dispose();
            }
        }

        @Override
        public void close() {
            OPEN.decrementAndGet();
        }
    }
}
