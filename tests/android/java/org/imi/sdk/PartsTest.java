package org.imi.sdk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import org.junit.Test;

/** Link, light, and what is asked for offline. */
public class PartsTest {
    private static final String SECRET = "A234567890123456789012345678901234567890-_z";

    @Test
    public void a_link_is_taken_apart() {
        JoinLink link = JoinLink.parse("https://verify.example:8443/j#ses_1-x." + SECRET);
        assertEquals("https://verify.example:8443", link.origin);
        assertEquals("ses_1-x", link.sessionId);
        assertEquals(SECRET, link.secret);
    }

    @Test
    public void other_links_are_refused() {
        for (String link : new String[] {"", "http://verify.example/j#ses." + SECRET,
            "https://verify.example/#ses." + SECRET, "https://verify.example/j?ses." + SECRET,
            "https://verify.example/j#" + SECRET, "https://verify.example/j#." + SECRET,
            "https://verify.example/j#ses." + SECRET + "A",
            "https://verify.example/j#ses." + SECRET.substring(1),
            "https://me@verify.example/j#ses." + SECRET, "https:///j#ses." + SECRET,
            "https://verify.example/j#s e." + SECRET, "javascript:alert(1)", "https://[::1"}) {
            assertThrows(link, IllegalArgumentException.class, () -> JoinLink.parse(link));
        }
    }

    @Test
    public void light_begins_when_it_is_started_and_ends() {
        Light light = new Light();
        light.begin(1000, new int[] {0x0000FF, 0x00FF00});
        assertEquals(Light.NONE, light.colour(5000));
        light.start(5000);
        light.start(5500);
        assertEquals(1, light.shownMs(5000));
        assertEquals(0x0000FF, light.colour(5999));
        assertEquals(0x00FF00, light.colour(6999));
        assertEquals(2000, light.shownMs(6999));
        assertEquals(Light.NONE, light.colour(7000));
        assertEquals(0, light.shownMs(7000));
    }

    @Test
    public void each_colour_fades_in_from_the_one_before() {
        Light light = new Light();
        light.begin(1000, new int[] {0x0000FF, 0x00FF00});
        light.start(0);
        assertEquals(0xFFFFFF, light.colour(0));
        assertEquals(0x8080FF, light.colour(Light.FADE_MS / 2));
        assertEquals(0x0000FF, light.colour(Light.FADE_MS));
        assertEquals(0x0000FF, light.colour(1000));
        assertEquals(0x007F80, light.colour(1000 + Light.FADE_MS / 2));
    }

    @Test
    public void without_colours_there_is_no_light() {
        Light light = new Light();
        light.begin(0, new int[] {7});
        light.start(5);
        assertEquals(Light.NONE, light.colour(5));
    }

    @Test
    public void offline_the_rest_of_the_challenge_is_asked_for_in_order() {
        OfflineScript script = new OfflineScript();
        script.begin(new int[] {1, 2, 5});
        assertEquals(Core.PHRASE_NONE, script.phrase(1_000_000));
        script.start(1, 1000);
        assertEquals(Core.PHRASE_NONE, script.phrase(1000));
        assertEquals("turn_left", Core.phraseName(script.phrase(5000)));
        assertEquals("back_to_centre", Core.phraseName(script.phrase(10_000)));
        assertEquals("blink", Core.phraseName(script.phrase(12_000)));
        assertEquals(Core.PHRASE_CAPTURE_DONE, script.phrase(19_000));
        assertEquals(Core.PHRASE_CAPTURE_DONE, script.phrase(Long.MAX_VALUE));
        script.stop();
        assertEquals(Core.PHRASE_NONE, script.phrase(19_000));
    }

    @Test
    public void a_challenge_that_is_done_has_nothing_left_to_ask_for() {
        OfflineScript script = new OfflineScript();
        script.begin(new int[] {3});
        script.start(9, 0);
        assertEquals(Core.PHRASE_CAPTURE_DONE, script.phrase(60_000));
    }

    @Test
    public void only_https_is_spoken() {
        assertThrows(IllegalArgumentException.class,
                () -> new HttpsTransport("http://verify.example", null));
    }

    /** The server's own test has the same digest. */
    @Test
    public void the_attestation_names_the_session() throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte each : Attestation.challenge("ses_A")) {
            hex.append(String.format("%02x", each));
        }
        assertEquals("0e7506f58c00be06b633e719f3b1e98de5bad5eb98c36768379f1675d6274308",
                hex.toString());
    }

    @Test
    public void an_answer_of_http_says_whether_it_may_pass() {
        assertEquals(Core.REASON_SERVER_BUSY, Protocol.reason(429, -1));
        assertEquals(Core.REASON_SERVER_BUSY, Protocol.reason(503, -1));
        assertEquals(Core.REASON_NOT_SUPPORTED, Protocol.reason(404, -1));
        assertEquals(Core.REASON_FRAME_REFUSED, Protocol.reason(413, -1));
        assertEquals(Core.REASON_ANSWER_MALFORMED, Protocol.reason(200, -1));
        assertEquals(Core.REASON_NONE, Protocol.reason(200, 0));
    }

    @Test
    public void a_server_that_talks_nonsense_is_asked_again() throws Exception {
        Transport nonsense = (path, credential, body, answer) -> {
            ByteBuffer text = answer.duplicate();
            text.put("<html>".getBytes(Protocol.UTF_8));
            return new Transport.Answer(200, 6, 0);
        };
        try (TestPhone phone = new TestPhone((ClipCamera) null, nonsense)
                .open(new Options("https://verify.example/j#ses." + SECRET))) {
            phone.verification.start();
            VerificationView view =
                    phone.await("a reason", told -> told.reason.equals("answer_malformed"));
            assertEquals(State.JOINING, view.state);
        }
    }
}
