package org.imi.sdk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.AfterClass;
import org.junit.Test;

/**
 * The SDK through a gateway to a server. The environment has a link for each journey (LINK_NAME),
 * FRAMES of a clip and the gateway's CA; journey.py starts all of it and looks at the decisions.
 */
public class JourneyTest {
    private static Options options(String name) {
        return new Options(System.getenv("LINK_" + name));
    }

    private static SSLSocketFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(Paths.get(System.getenv("CA")))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static Transport transport(Options options) throws Exception {
        return new HttpsTransport(options.origin(), trust());
    }

    private static TestPhone phone(Options options, Transport transport) throws Exception {
        return new TestPhone(new ClipCamera(Paths.get(System.getenv("FRAMES"))), transport)
                .open(options);
    }

    private static VerificationView join(TestPhone phone) throws Exception {
        phone.verification.start();
        return phone.await(State.CONSENT);
    }

    private static void capture(TestPhone phone) throws Exception {
        join(phone);
        phone.verification.agree(Collections.<String>emptyList());
        phone.await("guidance", view -> view.actionsTotal > 0 && view.faceSeen);
    }

    /** Whatever ended in the middle of what. */
    @AfterClass
    public static void every_frame_was_closed() throws Exception {
        for (int i = 0; i < 100 && ClipCamera.OPEN.get() > 0; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertEquals(0, ClipCamera.OPEN.get());
    }

    /** As often as the server lets a person try who was not seen well. */
    private static VerificationView persist(TestPhone phone) throws Exception {
        for (;;) {
            VerificationView view = phone.await("an outcome",
                    told -> told.over || told.state == State.TRY_AGAIN);
            if (view.over) {
                return view;
            }
            phone.verification.again();
            phone.await("another try", told -> told.state != State.TRY_AGAIN);
        }
    }

    /** One link of two that lose things, with a pause and the end of the process between. */
    @Test
    public void a_person_gets_through_over_a_bad_network_and_a_restart_of_the_app()
            throws Exception {
        Options options = options("RESTARTED");
        BadTransport network = new BadTransport(transport(options), 0.05);
        try (TestPhone phone = phone(options, network)) {
            capture(phone);
            phone.verification.pause();
            phone.await(State.PAUSED);
            phone.verification.dispose();
            assertTrue(phone.vault.content.length > 0);
            phone.open(options("RESTARTED"));
            phone.await(State.PAUSED);
            phone.verification.resume();
            VerificationView end = persist(phone);
            assertEquals(phone.states().toString(), State.DONE, end.state);
            assertTrue(network.lostCalls + network.lostAnswers > 0);
            assertNull("nothing is left on the phone", phone.vault.content);
            assertTrue(phone.key.erased);
            assertHasReceipts(phone);
            assertKeepsReference(phone, end);
        }
    }

    /** Offered, answered, and taken back. */
    private static void assertKeepsReference(TestPhone phone, VerificationView end)
            throws Exception {
        assertFalse(end.keepReference.kept);
        assertFalse(end.keepReference.text.isEmpty());
        phone.verification.keepReference(true);
        phone.await("a kept reference", view -> view.keepReference.kept);
        phone.verification.keepReference(false);
        phone.await("none", view -> view.keepReference == null || !view.keepReference.kept);
    }

    private static void assertHasReceipts(TestPhone phone) throws Exception {
        Receipts got = null;
        for (int i = 0; i < 20 && (got == null || got.decision.isEmpty()); i++) {
            CompletableFuture<Receipts> receipts = new CompletableFuture<>();
            phone.verification.receipts(new ReceiptsListener() {
                @Override
                public void onReceipts(Receipts told) {
                    receipts.complete(told);
                }

                @Override
                public void onFailure(String reason) {
                    receipts.complete(null);
                }
            });
            got = receipts.get(30, TimeUnit.SECONDS);
            TimeUnit.MILLISECONDS.sleep(200);
        }
        assertTrue(got.consent.startsWith("{"));
        assertTrue(got.decision.startsWith("{"));
    }

    /** Room for few frames, so that it does not take a minute to fill. */
    @Test
    public void without_a_network_frames_are_kept_and_sent_later() throws Exception {
        Options options = options("CUT").storageBytes(0);
        BadTransport network = new BadTransport(transport(options), 0);
        try (TestPhone phone = phone(options, network)) {
            capture(phone);
            network.away = true;
            VerificationView offline = phone.await(State.CAPTURING_OFFLINE);
            assertEquals("no_network", offline.reason);
            VerificationView full = phone.await(State.HOLDING);
            assertTrue(TestPhone.tell(full), full.framesWaiting >= 3);
            network.away = false;
            assertEquals("none", phone.await(State.CAPTURING).reason);
            assertTrue(phone.states().toString(), phone.states().contains(State.SENDING));
            phone.verification.disagree();
            assertEquals(State.WITHDRAWN, phone.awaitEnd().state);
        }
    }

    @Test
    public void the_consent_text_is_told_and_a_no_ends_it() throws Exception {
        Options options = options("REFUSED");
        try (TestPhone phone = phone(options, transport(options))) {
            VerificationView asked = join(phone);
            assertEquals("Demonstration", asked.consent.purposeTitle);
            assertFalse(asked.consent.text.isEmpty());
            assertTrue(asked.expiresAtMs > System.currentTimeMillis());
            phone.verification.disagree();
            assertEquals(State.WITHDRAWN, phone.awaitEnd().state);
        }
    }

    @Test
    public void who_can_do_nothing_of_it_is_seen_to_by_a_person() throws Exception {
        Options options = options("STAFF").cannot(EnumSet.allOf(Action.class));
        try (TestPhone phone = phone(options, transport(options))) {
            join(phone);
            phone.verification.agree(Collections.<String>emptyList());
            VerificationView end = phone.awaitEnd();
            assertEquals(phone.states().toString(), State.STAFF_REVIEW, end.state);
            phone.await("what follows", view -> view.phrase.equals("staff_will_look"));
        }
    }

    @Test
    public void a_wrong_secret_blocks_and_says_what_to_do() throws Exception {
        String link = System.getenv("LINK_WRONG");
        char[] secret = link.toCharArray();
        int place = link.lastIndexOf('.') + 1;
        secret[place] = secret[place] == 'A' ? 'B' : 'A';
        Options options = new Options(new String(secret));
        try (TestPhone phone = phone(options, transport(options))) {
            phone.verification.start();
            VerificationView end = phone.awaitEnd();
            assertEquals(State.BLOCKED, end.state);
            assertEquals("link_refused", end.reason);
            phone.await("advice", view -> view.phrase.equals("ask_for_new_link"));
        }
    }

    @Test
    public void a_camera_that_is_not_allowed_is_explained_and_asked_for_again() throws Exception {
        Options options = options("DENIED");
        try (TestPhone phone = phone(options, transport(options))) {
            phone.camera.denied = true;
            join(phone);
            phone.verification.agree(Collections.<String>emptyList());
            assertEquals("camera_denied",
                    phone.await("help", view -> view.phrase.equals("camera_help")).reason);
            phone.camera.denied = false;
            phone.verification.again();
            assertEquals("none", phone.await(State.CAPTURING).reason);
            phone.verification.setCamera(Facing.ENVIRONMENT);
            phone.camera.awaitOpen(Facing.ENVIRONMENT);
        }
    }

    @Test
    public void a_second_phone_is_refused() throws Exception {
        Options options = options("TAKEN");
        try (TestPhone first = phone(options, transport(options));
                TestPhone second = phone(options("TAKEN"), transport(options))) {
            join(first);
            second.verification.start();
            assertEquals(State.BLOCKED, second.awaitEnd().state);
            first.verification.agree(Arrays.<String>asList());
            first.await(State.CAPTURING);
            first.verification.disagree();
            assertEquals(State.WITHDRAWN, first.awaitEnd().state);
        }
    }
}
