package org.imi.sdk.android;

import android.content.Context;
import android.content.res.AssetFileDescriptor;
import android.content.res.Configuration;
import android.content.res.Resources;
import android.media.MediaPlayer;
import android.os.Build;
import android.os.VibrationEffect;
import android.os.Vibrator;
import java.io.IOException;
import java.util.Locale;
import org.imi.sdk.Verification;
import org.imi.sdk.VerificationView;

/** Text, voice and vibration of the phrases, in a language of the person's choice. */
public final class Guide {
    /** Languages of mobile-sdk/phrases: how Android names them, and how recordings are filed. */
    public enum Language {
        MANDARIN(Locale.SIMPLIFIED_CHINESE, "cmn"),
        CANTONESE(new Locale("zh", "HK"), "yue"),
        ENGLISH(Locale.ENGLISH, "en");

        final Locale locale;
        final String folder;

        Language(Locale locale, String folder) {
            this.locale = locale;
            this.folder = folder;
        }
    }

    private static final long BUZZ_MS = 60;

    private final Context context;
    private final Resources texts;
    private final Language language;
    private MediaPlayer player;
    private int spoken;

    public Guide(Context context, Language language) {
        this.context = context;
        this.language = language;
        Configuration configuration = new Configuration(context.getResources().getConfiguration());
        configuration.setLocale(language.locale);
        texts = context.createConfigurationContext(configuration).getResources();
    }

    /** In large print. */
    public String text(VerificationView view) {
        int id = PhraseTexts.id(view.phrase);
        return id == 0 ? "" : texts.getString(id);
    }

    /** Says the phrase and vibrates when the view wants it. On the main thread. */
    public void follow(VerificationView view, Verification verification) {
        if (view.spoken == spoken) {
            return;
        }
        spoken = view.spoken;
        buzz();
        int lengthMs = say(view.phrase);
        if (lengthMs > 0) {
            verification.speaking(lengthMs);
        }
    }

    @SuppressWarnings("deprecation")
    private void buzz() {
        Vibrator vibrator = (Vibrator) context.getSystemService(Context.VIBRATOR_SERVICE);
        if (vibrator == null || !vibrator.hasVibrator()) {
            return;
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            vibrator.vibrate(
                    VibrationEffect.createOneShot(BUZZ_MS, VibrationEffect.DEFAULT_AMPLITUDE));
        } else {
            vibrator.vibrate(BUZZ_MS);
        }
    }

    /** Milliseconds that it takes; 0 where there is no recording, and the text has to do. */
    private int say(String phrase) {
        stop();
        String path = "imi/voice/" + language.folder + "/" + phrase + ".mp3";
        try (AssetFileDescriptor recording = context.getAssets().openFd(path)) {
            player = new MediaPlayer();
            player.setDataSource(recording.getFileDescriptor(), recording.getStartOffset(),
                    recording.getLength());
            player.prepare();
            player.start();
            return Math.max(player.getDuration(), 0);
        } catch (IOException | IllegalStateException e) {
            stop();
            return 0;
        }
    }

    /** Falls silent. */
    public void stop() {
        if (player != null) {
            player.release();
            player = null;
        }
    }
}
