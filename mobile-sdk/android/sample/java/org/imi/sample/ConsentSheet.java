package org.imi.sample;

import android.content.Context;
import android.widget.CheckBox;
import android.widget.LinearLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imi.sdk.Claim;
import org.imi.sdk.Consent;

/** Who asks, what for, and what would be told: what is optional only with the person's tick. */
final class ConsentSheet {
    private static final int TEXT_SP = 22;
    private static final int BLACK = 0xFF000000;

    private final Context context;
    private final LinearLayout ticks;
    private final Map<String, CheckBox> optional = new LinkedHashMap<>();
    private Consent asked;

    ConsentSheet(Context context, LinearLayout ticks) {
        this.context = context;
        this.ticks = ticks;
    }

    /** Shows the ticks; null for none. What was ticked stays while the same is asked. */
    void show(Consent consent) {
        if (consent == asked) {
            return;
        }
        asked = consent;
        optional.clear();
        ticks.removeAllViews();
        if (consent == null) {
            return;
        }
        for (Claim claim : consent.claims) {
            if (!claim.required) {
                CheckBox box = new CheckBox(context);
                box.setText(about(claim, R.string.not_needed));
                box.setTextSize(TEXT_SP);
                box.setTextColor(BLACK);
                ticks.addView(box);
                optional.put(claim.name, box);
            }
        }
    }

    /** All of it but what the ticks say. */
    String text(Consent consent) {
        StringBuilder all = new StringBuilder();
        all.append(context.getString(R.string.who_asks)).append('\n').append(consent.receiver);
        all.append("\n\n").append(context.getString(R.string.what_for)).append('\n')
                .append(consent.purposeTitle).append("\n\n").append(consent.text).append("\n\n");
        all.append(context.getString(consent.claims.isEmpty()
                ? R.string.nothing_told : R.string.what_is_told));
        for (Claim claim : consent.claims) {
            if (claim.required) {
                all.append("\n\n").append(about(claim, R.string.needed));
            }
        }
        return all.toString();
    }

    private String about(Claim claim, int mark) {
        return claim.title + "\n" + context.getString(mark) + "\n" + claim.purpose + "\n"
                + retention(claim.retentionDays);
    }

    private String retention(int days) {
        switch (days) {
            case 0:
                return context.getString(R.string.not_kept);
            case 1:
                return context.getString(R.string.kept_day);
            default:
                return context.getString(R.string.kept_days, days);
        }
    }

    /** What a yes says yes to. */
    List<String> agreed(Consent consent) {
        List<String> names = new ArrayList<>();
        for (Claim claim : consent.claims) {
            CheckBox box = optional.get(claim.name);
            if (claim.required || (box != null && box.isChecked())) {
                names.add(claim.name);
            }
        }
        return names;
    }
}
