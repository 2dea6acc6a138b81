package org.imi.sample;

import android.Manifest;
import android.app.Activity;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.os.Bundle;
import android.view.TextureView;
import android.view.View;
import android.view.WindowManager;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import org.imi.sdk.Consent;
import org.imi.sdk.Options;
import org.imi.sdk.State;
import org.imi.sdk.Verification;
import org.imi.sdk.VerificationView;
import org.imi.sdk.android.Guide;
import org.imi.sdk.android.ImiAndroid;

/** One thing at a time in large print: the whole of an app around the SDK. */
public final class VerifyActivity extends Activity {
    private static final int ASK_CAMERA = 1;
    private static final int WHITE = 0xFFFFFFFF;

    private Verification verification;
    private Guide guide;
    private View page;
    private View reading;
    private OvalView oval;
    private TextView phrase;
    private TextView text;
    private LinearLayout ticks;
    private ConsentSheet sheet;
    private Button first;
    private Button second;
    private boolean otherWay;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        ImiAndroid.eraseExpired(this);
        setContentView(R.layout.verify);
        getWindow().addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        page = findViewById(R.id.page);
        reading = findViewById(R.id.reading);
        oval = (OvalView) findViewById(R.id.oval);
        phrase = (TextView) findViewById(R.id.phrase);
        text = (TextView) findViewById(R.id.text);
        ticks = (LinearLayout) findViewById(R.id.ticks);
        sheet = new ConsentSheet(this, ticks);
        first = (Button) findViewById(R.id.first);
        second = (Button) findViewById(R.id.second);
        findViewById(R.id.other).setOnClickListener(pressed -> showOtherWay(!otherWay));
        Uri link = getIntent().getData();
        try {
            Options options = new Options(link == null ? "" : link.toString());
            guide = new Guide(this, Guide.Language.valueOf(getString(R.string.guide)));
            TextureView preview = (TextureView) findViewById(R.id.preview);
            verification = ImiAndroid.open(this, options, preview, this::show);
        } catch (IllegalArgumentException e) {
            phrase.setText(R.string.open_link);
        }
    }

    private void showOtherWay(boolean shown) {
        otherWay = shown;
        if (verification == null) {
            text.setText(R.string.another_way_text);
            return;
        }
        if (shown) {
            verification.pause();
        }
        show(verification.view());
    }

    private void show(VerificationView view) {
        phrase.setText(guide.text(view));
        guide.follow(view, verification);
        oval.show(view.oval);
        boolean camera = view.state == State.CAPTURING || view.state == State.CAPTURING_OFFLINE;
        page.setBackgroundColor(view.light < 0 ? WHITE : 0xFF000000 | view.light);
        reading.setVisibility(camera && !otherWay ? View.INVISIBLE : View.VISIBLE);
        Consent asked = view.state == State.CONSENT ? view.consent : null;
        ticks.setVisibility(otherWay ? View.GONE : View.VISIBLE);
        sheet.show(asked);
        if (otherWay) {
            text.setText(R.string.another_way_text);
        } else {
            text.setText(asked == null ? "" : sheet.text(asked));
        }
        showButtons(view);
    }

    private void showButtons(VerificationView view) {
        offer(first, 0, null);
        offer(second, 0, null);
        switch (view.state) {
            case NEW:
                offer(first, R.string.go_on, this::start);
                break;
            case CONSENT:
                offer(first, R.string.yes, () -> verification.agree(sheet.agreed(view.consent)));
                offer(second, R.string.no, verification::disagree);
                break;
            case CAMERA_HELP:
                offer(first, R.string.again, this::askForCamera);
                break;
            case TRY_AGAIN:
                offer(first, R.string.again, verification::again);
                break;
            case PAUSED:
                offer(first, R.string.go_on, () -> {
                    otherWay = false;
                    verification.resume();
                });
                break;
            case CAPTURING:
            case CAPTURING_OFFLINE:
                offer(second, R.string.pause, verification::pause);
                break;
            default:
                break;
        }
    }

    private static void offer(Button button, int label, Runnable pressed) {
        button.setVisibility(label == 0 ? View.GONE : View.VISIBLE);
        if (label != 0) {
            button.setText(label);
            button.setOnClickListener(view -> pressed.run());
        }
    }

    private void start() {
        verification.start();
        askForCamera();
    }

    private void askForCamera() {
        if (checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED) {
            verification.again();
        } else {
            requestPermissions(new String[] {Manifest.permission.CAMERA}, ASK_CAMERA);
        }
    }

    /** Means nothing unless the camera was missed before. */
    @Override
    public void onRequestPermissionsResult(int request, String[] names, int[] granted) {
        verification.again();
    }

    /** The system may end the app from now on: everything is kept. */
    @Override
    protected void onStop() {
        super.onStop();
        if (verification != null) {
            verification.pause();
            guide.stop();
        }
    }

    @Override
    protected void onDestroy() {
        super.onDestroy();
        if (verification != null) {
            verification.dispose();
        }
    }
}
