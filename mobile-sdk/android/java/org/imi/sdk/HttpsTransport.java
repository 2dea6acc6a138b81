package org.imi.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/** The platform's own client of HTTP, which keeps connections and follows the phone's proxy. */
public final class HttpsTransport implements Transport {
    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final int READ_TIMEOUT_MS = 15_000;
    private static final int CHUNK_SIZE = 16 * 1024;

    private final String origin;
    private final SSLSocketFactory trust;

    /** @param trust for a gateway whose authority the phone does not know; null for the phone's */
    public HttpsTransport(String origin, SSLSocketFactory trust) {
        if (!origin.startsWith("https://")) {
            throw new IllegalArgumentException("only HTTPS");
        }
        this.origin = origin;
        this.trust = trust;
    }

    @Override
    public Answer post(String path, String credential, ByteBuffer body, ByteBuffer answer)
            throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) new URL(origin + path).openConnection();
        if (trust != null) {
            connection.setSSLSocketFactory(trust);
        }
        prepare(connection, credential, body.remaining());
        byte[] chunk = new byte[CHUNK_SIZE];
        try (OutputStream out = connection.getOutputStream()) {
            while (body.hasRemaining()) {
                int size = Math.min(chunk.length, body.remaining());
                body.get(chunk, 0, size);
                out.write(chunk, 0, size);
            }
        }
        int status = connection.getResponseCode();
        int size = status == HttpURLConnection.HTTP_OK ? read(connection, chunk, answer) : 0;
        if (status != HttpURLConnection.HTTP_OK) {
            connection.disconnect();
        }
        return new Answer(status, size, connection.getDate());
    }

    private static void prepare(HttpsURLConnection connection, String credential, int size)
            throws IOException {
        connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
        connection.setReadTimeout(READ_TIMEOUT_MS);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setDoOutput(true);
        connection.setRequestMethod("POST");
        connection.setFixedLengthStreamingMode(size);
        connection.setRequestProperty("Content-Type", "application/grpc-web+proto");
        connection.setRequestProperty("Accept", "application/grpc-web+proto");
        connection.setRequestProperty("grpc-timeout", READ_TIMEOUT_MS + "m");
        if (credential != null) {
            connection.setRequestProperty("Authorization", "Bearer " + credential);
        }
    }

    /** To its end, so that the connection can be kept. */
    private static int read(HttpsURLConnection connection, byte[] chunk, ByteBuffer answer)
            throws IOException {
        answer.clear();
        try (InputStream in = connection.getInputStream()) {
            for (int size = in.read(chunk); size >= 0; size = in.read(chunk)) {
                if (size > answer.remaining()) {
                    throw new IOException("the answer is too large");
                }
                answer.put(chunk, 0, size);
            }
        }
        return answer.position();
    }
}
