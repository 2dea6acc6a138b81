package org.imi.sdk.android;

import android.Manifest;
import android.content.Context;
import android.content.pm.PackageManager;
import android.graphics.ImageFormat;
import android.graphics.Matrix;
import android.graphics.SurfaceTexture;
import android.hardware.camera2.CameraAccessException;
import android.hardware.camera2.CameraCaptureSession;
import android.hardware.camera2.CameraCharacteristics;
import android.hardware.camera2.CameraDevice;
import android.hardware.camera2.CameraManager;
import android.hardware.camera2.CaptureRequest;
import android.hardware.camera2.params.StreamConfigurationMap;
import android.media.Image;
import android.media.ImageReader;
import android.os.Handler;
import android.os.HandlerThread;
import android.util.Size;
import android.view.Surface;
import android.view.TextureView;
import android.view.WindowManager;
import java.util.Arrays;
import org.imi.sdk.CameraSource;
import org.imi.sdk.Facing;
import org.imi.sdk.PictureSize;

/** The phone's camera by Camera2, shown in a TextureView. The app asks for the permission. */
public final class Camera2Source implements CameraSource {
    /** One frame at the SDK, one that comes, one to spare. */
    private static final int IMAGES = 3;

    /** One thread for every camera of the process: at most one is open. */
    private static final class Worker {
        static final Handler HANDLER = start();

        private static Handler start() {
            HandlerThread thread = new HandlerThread("imi-camera");
            thread.start();
            return new Handler(thread.getLooper());
        }
    }

    private final Context context;
    private final TextureView preview;
    private final Handler handler = Worker.HANDLER;

    // All below is used on the handler's thread alone.
    private CameraDevice device;
    private Pictures pictures;
    private Surface shown;
    private Listener listener;
    private Size size;
    private int sensorDegrees;
    private boolean front;
    private int placedDisplay;
    private int placedWidth;
    private int placedHeight;

    public Camera2Source(Context context, TextureView preview) {
        this.context = context.getApplicationContext();
        this.preview = preview;
    }

    @Override
    public void open(Facing facing, Listener heard) {
        handler.post(() -> {
            closeNow();
            listener = heard;
            try {
                openNow(facing);
            } catch (CameraAccessException | RuntimeException e) {
                // Vendors throw more than their word says: whatever it was, there is no camera.
                lose(Loss.TAKEN);
            }
        });
    }

    @Override
    public void close() {
        handler.post(this::closeNow);
    }

    private void lose(Loss loss) {
        Listener heard = listener;
        closeNow();
        if (heard != null) {
            heard.onLost(loss);
        }
    }

    private void closeNow() {
        listener = null;
        if (device != null) {
            device.close();
            device = null;
        }
        if (pictures != null) {
            pictures.close();
            pictures = null;
        }
        if (shown != null) {
            shown.release();
            shown = null;
        }
    }

    private void openNow(Facing facing) throws CameraAccessException {
        if (context.checkSelfPermission(Manifest.permission.CAMERA)
                != PackageManager.PERMISSION_GRANTED) {
            lose(Loss.DENIED);
            return;
        }
        CameraManager manager = (CameraManager) context.getSystemService(Context.CAMERA_SERVICE);
        String id = find(manager, facing);
        if (id == null) {
            lose(Loss.MISSING);
            return;
        }
        CameraCharacteristics camera = manager.getCameraCharacteristics(id);
        Integer sensor = camera.get(CameraCharacteristics.SENSOR_ORIENTATION);
        Integer side = camera.get(CameraCharacteristics.LENS_FACING);
        size = chooseSize(camera);
        sensorDegrees = sensor == null ? 0 : sensor;
        front = side != null && side == CameraCharacteristics.LENS_FACING_FRONT;
        placedWidth = 0;
        Pictures opened = new Pictures(ImageReader.newInstance(
                size.getWidth(), size.getHeight(), ImageFormat.YUV_420_888, IMAGES));
        pictures = opened;
        opened.reader.setOnImageAvailableListener(reader -> take(opened), handler);
        SurfaceTexture texture = preview == null ? null : preview.getSurfaceTexture();
        if (texture != null) {
            texture.setDefaultBufferSize(size.getWidth(), size.getHeight());
            shown = new Surface(texture);
        }
        manager.openCamera(id, new Opened(opened), handler);
    }

    /** The camera on the wanted side; any, where a tablet has only one. */
    private static String find(CameraManager manager, Facing facing) throws CameraAccessException {
        int wanted = facing == Facing.USER ? CameraCharacteristics.LENS_FACING_FRONT
                : CameraCharacteristics.LENS_FACING_BACK;
        String[] ids = manager.getCameraIdList();
        for (String id : ids) {
            Integer side = manager.getCameraCharacteristics(id)
                    .get(CameraCharacteristics.LENS_FACING);
            if (side != null && side == wanted) {
                return id;
            }
        }
        return ids.length > 0 ? ids[0] : null;
    }

    private static Size chooseSize(CameraCharacteristics camera) {
        StreamConfigurationMap map =
                camera.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP);
        Size[] sizes = map.getOutputSizes(ImageFormat.YUV_420_888);
        int[] sides = new int[2 * sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            sides[2 * i] = sizes[i].getWidth();
            sides[2 * i + 1] = sizes[i].getHeight();
        }
        return sizes[PictureSize.choose(sides)];
    }

    private int displayDegrees() {
        WindowManager windows = (WindowManager) context.getSystemService(Context.WINDOW_SERVICE);
        // Surface.ROTATION_0 to 270 are the numbers 0 to 3.
        return 90 * windows.getDefaultDisplay().getRotation();
    }

    /** At first, and when the phone was turned. */
    private void placePreview(int display) {
        int width = preview.getWidth();
        int height = preview.getHeight();
        boolean same = display == placedDisplay && width == placedWidth && height == placedHeight;
        if (same || width == 0 || height == 0) {
            return;
        }
        placedDisplay = display;
        placedWidth = width;
        placedHeight = height;
        PictureSize.Placing placing = PictureSize.place(
                size.getWidth(), size.getHeight(), sensorDegrees, display, width, height);
        Matrix matrix = new Matrix();
        matrix.setScale(placing.scaleX, placing.scaleY, width / 2f, height / 2f);
        matrix.postRotate(placing.degrees, width / 2f, height / 2f);
        matrix.postScale(placing.scale, placing.scale, width / 2f, height / 2f);
        preview.post(() -> preview.setTransform(matrix));
    }

    private void take(Pictures from) {
        Image image = from.take();
        if (image == null) {
            return;
        }
        if (listener == null || from != pictures) {
            from.giveBack(image);
            return;
        }
        int display = displayDegrees();
        if (shown != null) {
            placePreview(display);
        }
        listener.onFrame(new YuvFrame(
                from, image, PictureSize.uprightDegrees(sensorDegrees, display, front)));
    }

    /** Of the device. Calls may come late: then the pictures are others by now, or none. */
    private final class Opened extends CameraDevice.StateCallback {
        private final Pictures mine;

        Opened(Pictures mine) {
            this.mine = mine;
        }

        @Override
        public void onOpened(CameraDevice opened) {
            if (mine != pictures) {
                opened.close();
                return;
            }
            device = opened;
            try {
                Surface frames = mine.reader.getSurface();
                opened.createCaptureSession(shown == null ? Arrays.asList(frames)
                        : Arrays.asList(frames, shown), new Configured(mine), handler);
            } catch (CameraAccessException | RuntimeException e) {
                lose(Loss.TAKEN);
            }
        }

        @Override
        public void onDisconnected(CameraDevice gone) {
            gone.close();
            loseIfMine();
        }

        @Override
        public void onError(CameraDevice failed, int code) {
            failed.close();
            loseIfMine();
        }

        private void loseIfMine() {
            if (mine == pictures) {
                lose(Loss.TAKEN);
            }
        }
    }

    /** Of the session: frames begin to come. */
    private final class Configured extends CameraCaptureSession.StateCallback {
        private final Pictures mine;

        Configured(Pictures mine) {
            this.mine = mine;
        }

        @Override
        public void onConfigured(CameraCaptureSession session) {
            if (mine != pictures) {
                return;
            }
            try {
                CaptureRequest.Builder request =
                        device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW);
                request.addTarget(mine.reader.getSurface());
                if (shown != null) {
                    request.addTarget(shown);
                }
                session.setRepeatingRequest(request.build(), null, handler);
                listener.onReady();
            } catch (CameraAccessException | RuntimeException e) {
                lose(Loss.TAKEN);
            }
        }

        @Override
        public void onConfigureFailed(CameraCaptureSession session) {
            if (mine == pictures) {
                lose(Loss.TAKEN);
            }
        }
    }
}
