package org.imi.sdk.android;

import android.Manifest;
import android.content.Context;
import android.content.pm.PackageManager;
import android.graphics.ImageFormat;
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
    private ImageReader reader;
    private Surface shown;
    private Listener listener;
    private int uprightDegrees;

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
        if (reader != null) {
            reader.close();
            reader = null;
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
        Size size = chooseSize(camera);
        uprightDegrees = uprightDegrees(camera);
        reader = ImageReader.newInstance(
                size.getWidth(), size.getHeight(), ImageFormat.YUV_420_888, IMAGES);
        reader.setOnImageAvailableListener(this::take, handler);
        SurfaceTexture texture = preview == null ? null : preview.getSurfaceTexture();
        if (texture != null) {
            texture.setDefaultBufferSize(size.getWidth(), size.getHeight());
            shown = new Surface(texture);
        }
        manager.openCamera(id, new Opened(), handler);
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

    private int uprightDegrees(CameraCharacteristics camera) {
        Integer sensor = camera.get(CameraCharacteristics.SENSOR_ORIENTATION);
        Integer side = camera.get(CameraCharacteristics.LENS_FACING);
        WindowManager windows = (WindowManager) context.getSystemService(Context.WINDOW_SERVICE);
        // Surface.ROTATION_0 to 270 are the numbers 0 to 3.
        int display = 90 * windows.getDefaultDisplay().getRotation();
        boolean front = side != null && side == CameraCharacteristics.LENS_FACING_FRONT;
        return PictureSize.uprightDegrees(sensor == null ? 0 : sensor, display, front);
    }

    private void take(ImageReader from) {
        Image image = from.acquireLatestImage();
        if (image == null) {
            return;
        }
        if (listener == null) {
            image.close();
            return;
        }
        listener.onFrame(new YuvFrame(image, uprightDegrees));
    }

    /** Of the device. Late calls of a camera that was closed find another device or none. */
    private final class Opened extends CameraDevice.StateCallback {
        @Override
        public void onOpened(CameraDevice opened) {
            if (reader == null || listener == null) {
                opened.close();
                return;
            }
            device = opened;
            try {
                opened.createCaptureSession(shown == null ? Arrays.asList(reader.getSurface())
                        : Arrays.asList(reader.getSurface(), shown), new Configured(), handler);
            } catch (CameraAccessException | RuntimeException e) {
                lose(Loss.TAKEN);
            }
        }

        @Override
        public void onDisconnected(CameraDevice gone) {
            gone.close();
            if (gone == device) {
                lose(Loss.TAKEN);
            }
        }

        @Override
        public void onError(CameraDevice failed, int code) {
            failed.close();
            if (device == null || failed == device) {
                lose(Loss.TAKEN);
            }
        }
    }

    /** Of the session: frames begin to come. */
    private final class Configured extends CameraCaptureSession.StateCallback {
        @Override
        public void onConfigured(CameraCaptureSession session) {
            if (session.getDevice() != device || reader == null) {
                return;
            }
            try {
                CaptureRequest.Builder request =
                        device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW);
                request.addTarget(reader.getSurface());
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
            lose(Loss.TAKEN);
        }
    }
}
